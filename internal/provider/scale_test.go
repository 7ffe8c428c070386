package provider

import (
	"strconv"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func TestScale(t *testing.T) {
	r := newRuntime(t)
	r.prepare(t, "#!/bin/true\n")
	p := newPlugin(t, r)
	config := p.config(map[string]tftypes.Value{
		"name":           tftypes.NewValue(tftypes.String, "big"),
		"job_queue":      tftypes.NewValue(tftypes.String, "work"),
		"job_definition": tftypes.NewValue(tftypes.String, "script:1"),
		"matrix":         tftypes.NewValue(tftypes.Map{ElementType: tftypes.List{ElementType: tftypes.String}}, map[string]tftypes.Value{"a": numbers(20), "b": numbers(100)}),
	})
	began := time.Now()
	a := p.apply(tftypes.NewValue(p.object, nil), config)
	read, err := p.server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{TypeName: "batch_job", CurrentState: p.dynamic(a.state)})
	t.Log("read", err, read.Diagnostics, time.Since(began))
	p.apply(a.state, config)
	t.Log(a.text("created_at"), a.text("stopped_at"), time.Since(began))
}

func numbers(n int) tftypes.Value {
	var list []tftypes.Value
	for i := range n {
		list = append(list, tftypes.NewValue(tftypes.String, strconv.Itoa(i)))
	}
	return tftypes.NewValue(tftypes.List{ElementType: tftypes.String}, list)
}
