package api

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/submit"
)

// here is a server of which only the place is known.
var here = &server{Options: Options{Place: batch.Place{Region: "us-east-1", Account: "1"}}}

// request decodes a body as the server does.
func request[Q any, P validated[Q]](t *testing.T, body string) P {
	t.Helper()
	q := P(new(Q))
	if err := wire.Decode(strings.NewReader(body), wire.MaxBody, q); err != nil {
		t.Fatal(err)
	}
	if err := q.Validate(); err != nil {
		t.Fatal(err)
	}
	return q
}

func TestDefinitionOfNodes(t *testing.T) {
	q := request[wire.RegisterJobDefinitionRequest](t, `{"jobDefinitionName":"d","type":"multinode","schedulingPriority":7,"nodeProperties":{"numNodes":6,"mainNode":1,"nodeRangeProperties":[
		{"targetNodes":"0:","container":{"command":["a"],"resourceRequirements":[{"type":"VCPU","value":"0.5"}]},"consumableResourceProperties":{"consumableResourceList":[{"consumableResource":"licence","quantity":2}]}},
		{"targetNodes":"2:3","container":{"command":["b"],"image":"i"}}]}}`)
	d, err := here.definitionOf(q)
	if err != nil {
		t.Fatal(err)
	}
	half, needs := batch.Shape{MilliCPU: 500}, []batch.Need{{Resource: "licence", Quantity: 2}}
	want := &batch.DefinitionNodes{Count: 6, Main: 1, Open: 2, Ranges: []batch.NodeContainer{
		{From: 0, To: 1, Container: batch.Container{Command: []string{"a"}, Shape: half, CPURequired: true}, Needs: needs},
		{From: 2, To: 3, Container: batch.Container{Command: []string{"b"}, Image: "i", Shape: batch.Shape{MilliCPU: defaultMilliCPU}}},
		{From: 4, To: 5, Container: batch.Container{Command: []string{"a"}, Shape: half, CPURequired: true}, Needs: needs},
	}}
	if !d.Runs || d.Priority != 7 || !reflect.DeepEqual(d.Container, batch.Container{}) || !reflect.DeepEqual(d.Nodes, want) {
		t.Errorf("definition %+v\nof nodes %+v\nwant     %+v", d, d.Nodes, want)
	}
	var sent, kept any
	sentText, _ := json.Marshal(q)
	if json.Unmarshal(sentText, &sent) != nil || json.Unmarshal(d.Body, &kept) != nil || !reflect.DeepEqual(sent, kept) {
		t.Errorf("kept %s\nof   %s", d.Body, sentText)
	}
}

func TestWhereDefinitionsRun(t *testing.T) {
	nodes := func(body string) string {
		return `{"jobDefinitionName":"d","type":"multinode","nodeProperties":{"numNodes":2,"mainNode":0,"nodeRangeProperties":[{"targetNodes":"0","container":{}},{"targetNodes":"1:",` + body + `}]}}`
	}
	of := func(member string) string {
		return `{"jobDefinitionName":"d","type":"container","containerProperties":{"image":"i",` + member + `}}`
	}
	const nowhere, inAWS, everywhere = "nowhere", "in an AWS account", "everywhere"
	for body, want := range map[string]string{
		nodes(`"container":{}`): everywhere,
		nodes(`"container":{"image":"i","secrets":[{"name":"A","valueFrom":"x"}]}`):                                                                                                 inAWS,
		nodes(`"ecsProperties":{"taskProperties":[{"containers":[{"image":"a"}]}]}`):                                                                                                nowhere,
		`{"jobDefinitionName":"d","type":"container","ecsProperties":{"taskProperties":[{"containers":[{"image":"a"}]}]}}`:                                                          nowhere,
		`{"jobDefinitionName":"d","type":"container","containerProperties":{},"consumableResourceProperties":{"consumableResourceList":[{"consumableResource":"a","quantity":1}]}}`: everywhere,
		of(`"volumes":[{"name":"v","efsVolumeConfiguration":{"fileSystemId":"f"}}],"mountPoints":[{"sourceVolume":"v","containerPath":"/f"}]`):                                      inAWS,
		of(`"linuxParameters":{"devices":[{"hostPath":"/dev/fuse","containerPath":"/dev/fuse","permissions":["READ","WRITE"]}]}`):                                                   inAWS,
		of(`"jobRoleArn":"r"`): everywhere, // without effect on a machine
	} {
		d, err := here.definitionOf(request[wire.RegisterJobDefinitionRequest](t, body))
		got := everywhere
		switch {
		case !d.Runs:
			got = nowhere
		case d.Container.OnlyECS() != "" || d.Nodes != nil && d.Nodes.Ranges[1].Container.OnlyECS() != "":
			got = inAWS
		}
		if err != nil || got != want {
			t.Errorf("%s: runs %s, %v; want %s", body, got, err, want)
		}
	}
}

func TestOpenPiece(t *testing.T) {
	for _, test := range []struct {
		ranges []string
		want   int32
	}{
		{[]string{"0:"}, 0}, {[]string{":"}, 0}, {[]string{"0", "1:"}, 1}, {[]string{"0:3"}, -1}, {[]string{":", "3"}, -1}, {[]string{":", "1"}, 2},
	} {
		n := int32(4)
		p := &wire.NodeProperties{NumNodes: &n}
		for _, r := range test.ranges {
			p.NodeRangeProperties = append(p.NodeRangeProperties, wire.NodeRangeProperty{TargetNodes: r})
		}
		pieces, err := p.Pieces()
		if err != nil {
			t.Fatal(err)
		}
		if got := openPiece(p, pieces); got != test.want {
			t.Errorf("of %q, piece %d is open; want %d", test.ranges, got, test.want)
		}
	}
}

func TestSubmitOf(t *testing.T) {
	c := call{caller: batch.Caller{Who: "me"}, invocation: "sdk:1"}
	got, err := here.submitOf(t.Context(), c, request[wire.SubmitJobRequest](t, `{"jobName":"j","jobQueue":"q","jobDefinition":"d","arrayProperties":{"size":3},"shareIdentifier":"team","schedulingPriorityOverride":0,
		"dependsOn":[{"type":"SEQUENTIAL"},{"jobId":"arn:aws:batch:us-east-1:1:job/a","type":"N_TO_N"},{"jobId":"b","type":"AFTER_FAILED"},{"jobId":"c"}],
		"consumableResourcePropertiesOverride":{"consumableResourceList":[{"consumableResource":"arn:aws:batch:us-east-1:1:consumable-resource/licence","quantity":2}]},
		"batchd":{"maxConcurrency":2}}`))
	if err != nil {
		t.Fatal(err)
	}
	if want := []batch.Dependency{
		{Kind: batch.DependSequential}, {Job: "a", Kind: batch.DependNToN}, {Job: "b", Kind: batch.DependAfterFailed}, {Job: "c"},
	}; !reflect.DeepEqual(got.DependsOn, want) {
		t.Errorf("depends on %+v", got.DependsOn)
	}
	if got.Share != "team" || got.Priority == nil || *got.Priority != 0 || got.MaxConcurrency != 2 || got.Token != "sdk:1" ||
		!reflect.DeepEqual(got.Consumables, []batch.Need{{Resource: "licence", Quantity: 2}}) {
		t.Errorf("command %+v", got)
	}

	got, err = here.submitOf(t.Context(), c, request[wire.SubmitJobRequest](t, `{"jobName":"j","jobQueue":"q","jobDefinition":"d","consumableResourcePropertiesOverride":{},"nodeOverrides":{"numNodes":4,"nodePropertyOverrides":[
		{"targetNodes":"1:","containerOverrides":{"command":["x"],"resourceRequirements":[{"type":"MEMORY","value":"64"}]}},
		{"targetNodes":"0","consumableResourcePropertiesOverride":{"consumableResourceList":[]}}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	count, memory := int32(4), int64(64)
	if want := (submit.NodeOverrides{Count: &count, Ranges: []submit.NodeOverride{
		{From: 1, To: -1, Overrides: submit.Overrides{Command: []string{"x"}, MemoryMiB: &memory}},
		{From: 0, To: 0, Consumables: []batch.Need{}},
	}}); !reflect.DeepEqual(got.Nodes, want) {
		t.Errorf("nodes %+v\nwant  %+v", got.Nodes, want)
	}
	if got.Consumables == nil || len(got.Consumables) != 0 || got.Priority != nil {
		t.Errorf("command %+v: an empty list replaces, what is absent keeps", got)
	}
}

func TestSnapshot(t *testing.T) {
	s := &server{Options: Options{Place: batch.Place{Region: "us-east-1", Account: "1"}}}
	front := sched.Front{MilliCPU: 2500, Jobs: []sched.FrontJob{{Job: "a:1", Since: 5}}, Active: 30, Fair: true}
	for range 25 {
		front.Shares = append(front.Shares, sched.ShareFront{Share: "team", MilliCPU: 100})
	}
	got := s.snapshot(front, 9)
	if j := got.FrontOfQueue; j.LastUpdatedAt != 9 || len(j.Jobs) != 1 || j.Jobs[0] != (wire.FrontOfQueueJob{JobArn: "arn:aws:batch:us-east-1:1:job/a:1", EarliestTimeAtPosition: 5}) {
		t.Errorf("front %+v", j)
	}
	u := got.QueueUtilization
	if u.TotalCapacityUsage[0] != (wire.CapacityUsage{CapacityUnit: "VCPU", Quantity: 2.5}) || u.FairshareUtilization.ActiveShareCount != 30 ||
		len(u.FairshareUtilization.TopCapacityUtilization) != 20 || u.FairshareUtilization.TopCapacityUtilization[0].CapacityUsage[0].Quantity != 0.1 {
		t.Errorf("use %+v", u)
	}
	if plain := s.snapshot(sched.Front{}, 9); plain.QueueUtilization.FairshareUtilization != nil || plain.FrontOfQueue.Jobs == nil {
		t.Errorf("without a policy: %+v", plain)
	}
}
