package wire_test

import (
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

func ptr[T any](v T) *T { return &v }

func definition() *wire.JobDefinition {
	return &wire.JobDefinition{
		JobDefinitionName: "price", JobDefinitionArn: "arn:1", Revision: 1, Status: wire.Active, Type: wire.TypeContainer,
		Parameters:          map[string]string{"rate": "0.05"},
		ContainerProperties: &wire.ContainerProperties{Command: []string{"price"}, Environment: []wire.KeyValuePair{{Name: "A", Value: ptr("")}}},
		Batchd:              &wire.JobDefinitionExtension{Script: "#!/bin/sh\n"},
	}
}

func sweep() *wire.SubmitJobRequest {
	return &wire.SubmitJobRequest{
		JobName: "j", JobQueue: "q", JobDefinition: "price:1",
		Batchd: &wire.SubmitJobExtension{Points: []map[string]string{{"x": "1"}, {"x": "2"}}, Inputs: map[string]string{"a": "00"}},
	}
}

func TestContentKey(t *testing.T) {
	key := func(change func(*wire.JobDefinition, *wire.SubmitJobRequest, map[string]string)) string {
		d, r, triggers := definition(), sweep(), map[string]string{"t": "1"}
		change(d, r, triggers)
		k, err := wire.ContentKey(d, r, triggers)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	base := key(func(*wire.JobDefinition, *wire.SubmitJobRequest, map[string]string) {})
	if len(base) != 64 {
		t.Fatalf("key %q is no SHA-256 in hex", base)
	}
	same := map[string]func(*wire.JobDefinition, *wire.SubmitJobRequest, map[string]string){
		"names": func(d *wire.JobDefinition, r *wire.SubmitJobRequest, _ map[string]string) {
			d.JobDefinitionName, d.JobDefinitionArn, d.Revision, d.Status = "other", "arn:2", 7, wire.Inactive
			r.JobName, r.JobQueue, r.JobDefinition = "k", "p", "other:7"
		},
		"tags": func(d *wire.JobDefinition, r *wire.SubmitJobRequest, _ map[string]string) {
			d.Tags, r.Tags, r.PropagateTags = map[string]string{"a": "b"}, map[string]string{"c": "d"}, ptr(true)
		},
		"retries": func(d *wire.JobDefinition, r *wire.SubmitJobRequest, _ map[string]string) {
			d.RetryStrategy, r.Timeout = &wire.RetryStrategy{Attempts: ptr(int32(3))}, &wire.JobTimeout{AttemptDurationSeconds: ptr(int32(60))}
		},
		"how it is submitted": func(_ *wire.JobDefinition, r *wire.SubmitJobRequest, _ map[string]string) {
			r.Batchd.Reuse, r.Batchd.ClientToken = true, "token"
		},
		"empty for absent": func(d *wire.JobDefinition, r *wire.SubmitJobRequest, _ map[string]string) {
			d.ContainerProperties.Secrets, r.Parameters = []wire.Secret{}, map[string]string{}
			d.ContainerProperties.LinuxParameters = &wire.LinuxParameters{}
		},
	}
	for name, change := range same {
		if key(change) != base {
			t.Errorf("%s changed the key", name)
		}
	}
	different := map[string]func(*wire.JobDefinition, *wire.SubmitJobRequest, map[string]string){
		"command": func(d *wire.JobDefinition, _ *wire.SubmitJobRequest, _ map[string]string) {
			d.ContainerProperties.Command[0] = "p"
		},
		"script": func(d *wire.JobDefinition, _ *wire.SubmitJobRequest, _ map[string]string) { d.Batchd.Script += "true" },
		"variable": func(d *wire.JobDefinition, _ *wire.SubmitJobRequest, _ map[string]string) {
			d.ContainerProperties.Environment = nil
		},
		"default":    func(d *wire.JobDefinition, _ *wire.SubmitJobRequest, _ map[string]string) { d.Parameters["rate"] = "" },
		"no default": func(d *wire.JobDefinition, _ *wire.SubmitJobRequest, _ map[string]string) { d.Parameters = nil },
		"new point": func(_ *wire.JobDefinition, r *wire.SubmitJobRequest, _ map[string]string) {
			r.Batchd.Points = append(r.Batchd.Points, map[string]string{"x": "3"})
		},
		"empty point": func(_ *wire.JobDefinition, r *wire.SubmitJobRequest, _ map[string]string) {
			r.Batchd.Points = append(r.Batchd.Points, map[string]string{})
		},
		"order of points": func(_ *wire.JobDefinition, r *wire.SubmitJobRequest, _ map[string]string) {
			p := r.Batchd.Points
			p[0], p[1] = p[1], p[0]
		},
		"input": func(_ *wire.JobDefinition, r *wire.SubmitJobRequest, _ map[string]string) {
			r.Batchd.Inputs["a"] = "01"
		},
		"trigger": func(_ *wire.JobDefinition, _ *wire.SubmitJobRequest, triggers map[string]string) { triggers["t"] = "2" },
		"dependency": func(_ *wire.JobDefinition, r *wire.SubmitJobRequest, _ map[string]string) {
			r.DependsOn = []wire.JobDependency{{JobID: ptr("a")}}
		},
		"override": func(_ *wire.JobDefinition, r *wire.SubmitJobRequest, _ map[string]string) {
			r.ContainerOverrides = &wire.ContainerOverrides{Command: []string{"x"}}
		},
		"array of children": func(_ *wire.JobDefinition, r *wire.SubmitJobRequest, _ map[string]string) {
			r.ArrayProperties = &wire.ArrayProperties{Size: ptr(int32(2))}
		},
	}
	keys := map[string]string{base: "the base"}
	for name, change := range different {
		k := key(change)
		if other, taken := keys[k]; taken {
			t.Errorf("%s has the key of %s", name, other)
		}
		keys[k] = name
	}
}
