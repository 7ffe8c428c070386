package submit_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/submit"
)

// full is a definition that says everything an override may change.
func full() *batch.Definition {
	return &batch.Definition{
		Name: "d", Revision: 3, Active: true, Runs: true, PropagateTags: true, Timeout: time.Hour,
		Retry:      batch.Retry{Attempts: 5, Rules: []batch.RetryRule{{Retry: true, OnExitCode: "1"}}},
		Parameters: map[string]string{"in": "a", "out": "b"},
		Needs:      []batch.Need{{Resource: "licence", Quantity: 1}},
		Container: batch.Container{
			Image: "busybox", Command: []string{"run", "Ref::in"}, User: "nobody", Privileged: true,
			Environment: []batch.EnvVar{{Name: "A", Value: "1"}, {Name: "B", Value: "2"}},
			Shape:       batch.Shape{MilliCPU: 1000, MemoryMiB: 512, GPUs: 1},
		},
	}
}

func resolved(t *testing.T, c submit.Request, def *batch.Definition) batch.Spec {
	t.Helper()
	before := asText(t, def)
	s, err := c.Resolve(def, batch.Upstream{})
	if err != nil {
		t.Fatalf("%s is refused: %v", asText(t, c), err)
	}
	if after := asText(t, def); after != before {
		t.Errorf("the definition was %s and is %s", before, after)
	}
	return s
}

func asText(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestResolveMergesOverrides: what a submission gives replaces what the definition says, variables by name and
// resources by kind, and everything else stays.
func TestResolveMergesOverrides(t *testing.T) {
	of := func(n int64) *int64 { return &n }
	no, hour2 := false, 2*time.Hour
	for _, c := range []struct {
		name   string
		submit submit.Request
		change func(*batch.Spec)
	}{
		{"nothing", submit.Request{}, func(*batch.Spec) {}},
		{"command", submit.Request{Overrides: submit.Overrides{Command: []string{"other"}}}, func(s *batch.Spec) {
			s.Container.Command = []string{"other"}
		}},
		{"no command", submit.Request{Overrides: submit.Overrides{Command: []string{}}}, func(s *batch.Spec) {
			s.Container.Command = []string{}
		}},
		{"variables", submit.Request{Overrides: submit.Overrides{Environment: []batch.EnvVar{{Name: "C", Value: "3"}, {Name: "A", Value: ""}}}}, func(s *batch.Spec) {
			s.Container.Environment = []batch.EnvVar{{Name: "A", Value: ""}, {Name: "B", Value: "2"}, {Name: "C", Value: "3"}}
		}},
		{"memory alone", submit.Request{Overrides: submit.Overrides{MemoryMiB: of(64)}}, func(s *batch.Spec) {
			s.Container.Shape = batch.Shape{MilliCPU: 1000, MemoryMiB: 64, GPUs: 1}
		}},
		{"vCPUs and GPUs", submit.Request{Overrides: submit.Overrides{MilliCPU: of(250), GPUs: of(0)}}, func(s *batch.Spec) {
			s.Container.Shape = batch.Shape{MilliCPU: 250, MemoryMiB: 512}
		}},
		{"retry strategy, whole", submit.Request{Retry: &batch.Retry{Attempts: 2}}, func(s *batch.Spec) {
			s.Retry = batch.Retry{Attempts: 2}
		}},
		{"rules without attempts are one attempt", submit.Request{Retry: &batch.Retry{}}, func(s *batch.Spec) {
			s.Retry = batch.Retry{Attempts: 1}
		}},
		{"timeout", submit.Request{Timeout: &hour2}, func(s *batch.Spec) { s.Timeout = hour2 }},
		{"propagateTags", submit.Request{PropagateTags: &no}, func(s *batch.Spec) { s.PropagateTags = false }},
		{"parameters, by name", submit.Request{Parameters: map[string]string{"in": "c", "extra": "d"}}, func(s *batch.Spec) {
			s.Parameters = map[string]string{"in": "c", "out": "b", "extra": "d"}
		}},
		{"consumable resources, whole", submit.Request{Consumables: []batch.Need{{Resource: "seat", Quantity: 2}}}, func(s *batch.Spec) {
			s.Needs = []batch.Need{{Resource: "seat", Quantity: 2}}
		}},
		{"no consumable resources", submit.Request{Consumables: []batch.Need{}}, func(s *batch.Spec) { s.Needs = []batch.Need{} }},
	} {
		def := full()
		want := batch.Spec{
			Definition: def.Ref(), Container: def.Container, Parameters: def.Parameters, Retry: def.Retry, Timeout: def.Timeout,
			PropagateTags: true, Needs: def.Needs,
		}
		c.change(&want)
		if got := resolved(t, c.submit, def); !reflect.DeepEqual(got, want) {
			t.Errorf("%s gives\n%s, want\n%s", c.name, asText(t, got), asText(t, want))
		}
	}
}

// TestResolveNodesMergesOverrides: overrides reach the nodes they target; a range is split where they cover a part, and the range
// without an end follows the number of nodes.
func TestResolveNodesMergesOverrides(t *testing.T) {
	def := &batch.Definition{Name: "g", Revision: 1, Nodes: &batch.DefinitionNodes{Count: 4, Open: 1, Ranges: []batch.NodeContainer{
		{From: 0, To: 0, Container: batch.Container{Command: []string{"main"}}},
		{From: 1, To: 3, Container: batch.Container{Command: []string{"work"}}, Needs: []batch.Need{{Resource: "licence", Quantity: 1}}},
	}}}
	six, one := int32(6), int64(1)
	spec := resolved(t, submit.Request{Nodes: submit.NodeOverrides{Count: &six, Ranges: []submit.NodeOverride{
		{From: 2, To: 3, Overrides: submit.Overrides{GPUs: &one}, Consumables: []batch.Need{}},
		{From: 5, To: -1, Overrides: submit.Overrides{Command: []string{"last"}}},
	}}}, def)
	var got []string
	for _, r := range spec.Nodes {
		got = append(got, asText(t, []any{r.From, r.To, r.Container.Command[0], r.Container.Shape.GPUs, len(r.Needs)}))
	}
	want := `[0,0,"main",0,0] [1,1,"work",0,1] [2,3,"work",1,0] [4,4,"work",0,1] [5,5,"last",0,1]`
	if strings.Join(got, " ") != want {
		t.Errorf("the nodes run %s, want %s", got, want)
	}
	if n := spec.Retry.Attempts; n != 1 {
		t.Errorf("%d attempts", n)
	}
}

// TestResolveRefuses what does not go with the kind of job.
func TestResolveRefuses(t *testing.T) {
	multinode := &batch.Definition{Name: "g", Nodes: &batch.DefinitionNodes{Count: 2, Open: -1, Ranges: []batch.NodeContainer{{From: 0, To: 1}}}}
	three, one := int32(3), int64(1)
	for _, c := range []struct {
		name   string
		submit submit.Request
		def    *batch.Definition
		want   string
	}{
		{"nodes of a single job", submit.Request{Nodes: submit.NodeOverrides{Count: &three}}, full(), "not of type multinode; use containerOverrides"},
		{"array of multi-node jobs", submit.Request{Size: 2}, multinode, "a multi-node job cannot be an array"},
		{"container overrides", submit.Request{Overrides: submit.Overrides{GPUs: &one}}, multinode, "use nodeOverrides"},
		{"consumable resources", submit.Request{Consumables: []batch.Need{}}, multinode, "use nodeOverrides"},
		{"another number of nodes", submit.Request{Nodes: submit.NodeOverrides{Count: &three}}, multinode, "has no node range without an end"},
		{"nodes that are not there", submit.Request{Nodes: submit.NodeOverrides{Ranges: []submit.NodeOverride{{From: 1, To: 2}}}}, multinode, "target nodes 1:2; the job has nodes 0:1"},
	} {
		if _, err := c.submit.Resolve(c.def, batch.Upstream{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// TestDeprecatedOverrides checks that vcpus and memory of containerOverrides change what a definition says by the same
// members, and nothing that it or the submission says by resourceRequirements (API reference, ContainerOverrides).
func TestDeprecatedOverrides(t *testing.T) {
	cpu, memory, other := int64(2000), int64(512), int64(4000)
	for _, c := range []struct {
		name      string
		container batch.Container
		overrides submit.Overrides
		want      batch.Shape
	}{
		{"of the deprecated form", batch.Container{}, submit.Overrides{DeprecatedMilliCPU: &cpu, DeprecatedMemoryMiB: &memory}, batch.Shape{MilliCPU: 2000, MemoryMiB: 512}},
		{"of the other form", batch.Container{CPURequired: true, MemoryRequired: true}, submit.Overrides{DeprecatedMilliCPU: &cpu, DeprecatedMemoryMiB: &memory}, batch.Shape{MilliCPU: 1000, MemoryMiB: 128}},
		{"of both", batch.Container{MemoryRequired: true}, submit.Overrides{DeprecatedMilliCPU: &cpu, DeprecatedMemoryMiB: &memory}, batch.Shape{MilliCPU: 2000, MemoryMiB: 128}},
		{"beside resourceRequirements", batch.Container{}, submit.Overrides{MilliCPU: &other, DeprecatedMilliCPU: &cpu}, batch.Shape{MilliCPU: 4000, MemoryMiB: 128}},
	} {
		c.container.Shape = batch.Shape{MilliCPU: 1000, MemoryMiB: 128}
		request := submit.Request{Overrides: c.overrides}
		spec, err := request.Resolve(&batch.Definition{Container: c.container}, batch.Upstream{})
		if err != nil || spec.Container.Shape != c.want {
			t.Errorf("a definition %s: %+v, %v, want %+v", c.name, spec.Container.Shape, err, c.want)
		}
	}
}

// TestAScriptGetsTheArgumentsMeantForIt submits a script to definitions with and without one of their own.
func TestAScriptGetsTheArgumentsMeantForIt(t *testing.T) {
	const script = "#!/bin/sh\n"
	plain, scripted := full(), full()
	scripted.Container.Script = "#!/bin/awk\n"
	for _, c := range []struct {
		def      *batch.Definition
		override []string
		want     []string
	}{
		{plain, nil, nil}, {plain, []string{"a"}, []string{"a"}}, {scripted, nil, scripted.Container.Command}, {scripted, []string{"a"}, []string{"a"}},
	} {
		s := resolved(t, submit.Request{Script: script, Overrides: submit.Overrides{Command: c.override}}, c.def)
		if s.Container.Script != script || !slices.Equal(s.Container.Command, c.want) {
			t.Errorf("command %q over %q: script %q runs with %q, want %q", c.override, c.def.Container.Command, s.Container.Script, s.Container.Command, c.want)
		}
	}
}
