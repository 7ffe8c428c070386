package wire_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

func TestParseNodeRange(t *testing.T) {
	for text, want := range map[string]wire.NodeRange{
		"0": {0, 0}, "7": {7, 7}, "0:3": {0, 3}, "2:2": {2, 2}, "3:": {3, -1}, ":3": {0, 3}, ":": {0, -1}, "999": {999, 999},
	} {
		if got, ok := wire.ParseNodeRange(text); !ok || got != want {
			t.Errorf("%q is %v, %v; want %v", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "a", "-1", "3:2", "1:2:3", "01", "1000", "+1", " 1", "1:x", "x:"} {
		if got, ok := wire.ParseNodeRange(text); ok {
			t.Errorf("%q is %v", text, got)
		}
	}
}

func nodesOf(n int32, ranges ...string) *wire.NodeProperties {
	p := &wire.NodeProperties{NumNodes: &n, MainNode: new(int32)}
	for _, r := range ranges {
		p.NodeRangeProperties = append(p.NodeRangeProperties, wire.NodeRangeProperty{TargetNodes: r, Container: &wire.ContainerProperties{}})
	}
	return p
}

func TestPieces(t *testing.T) {
	tests := []struct {
		n      int32
		ranges []string
		want   string // pieces, or how the error begins
	}{
		{1, []string{"0"}, "[{0 0 0}]"},
		{4, []string{"0:"}, "[{0 3 0}]"},
		{4, []string{":"}, "[{0 3 0}]"},
		{4, []string{"0", "1:"}, "[{0 0 0} {1 3 1}]"},
		{4, []string{"1:", "0"}, "[{0 0 1} {1 3 0}]"},
		{11, []string{"0:10", "4:5"}, "[{0 3 0} {4 5 1} {6 10 0}]"},
		{11, []string{"4:5", ":", "5"}, "[{0 3 1} {4 4 0} {5 5 2} {6 10 1}]"},
		{6, []string{"0:3", "2:"}, "nodeProperties.nodeRangeProperties[1].targetNodes: given \"2:\", which is as wide as \"0:3\" and has node 2 too"},
		{7, []string{"0:3", "2:"}, "[{0 3 0} {4 6 1}]"},
		{4, []string{"0:1", "3"}, "nodeProperties.nodeRangeProperties: given no range with node 2"},
		{4, []string{"0:4"}, "nodeProperties.nodeRangeProperties[0].targetNodes: given \"0:4\"; allowed is nodes from 0 to 3"},
		{4, []string{":", "4:"}, "nodeProperties.nodeRangeProperties[1].targetNodes: given \"4:\"; allowed is nodes from 0 to 3"},
		{4, []string{"all"}, "nodeProperties.nodeRangeProperties[0].targetNodes: given \"all\"; allowed is a node or a range"},
		{0, []string{":"}, "nodeProperties.numNodes: given 0"},
		{1001, []string{":"}, "nodeProperties.numNodes: given 1001; allowed is 1 to 1000"},
	}
	for _, test := range tests {
		pieces, err := nodesOf(test.n, test.ranges...).Pieces()
		got := fmt.Sprint(pieces)
		var field *wire.FieldError
		if errors.As(err, &field) {
			got = field.Error()
		}
		if !strings.HasPrefix(got, test.want) {
			t.Errorf("%d nodes in %q:\n got %s\nwant %s", test.n, test.ranges, got, test.want)
		}
	}
}

// TestPiecesCoverEveryNode checks that pieces are disjoint and ascending, cover every node, and that each lies in
// the range it names.
func TestPiecesCoverEveryNode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int32Range(1, 40).Draw(t, "nodes")
		ranges := []string{":"}
		for range rapid.IntRange(0, 4).Draw(t, "ranges") {
			from := rapid.Int32Range(0, n-1).Draw(t, "from")
			ranges = append(ranges, fmt.Sprintf("%d:%d", from, rapid.Int32Range(from, n-1).Draw(t, "to")))
		}
		pieces, err := nodesOf(n, ranges...).Pieces()
		if err != nil {
			return // two ranges of the same width
		}
		next := int32(0)
		for _, p := range pieces {
			r, _ := wire.ParseNodeRange(ranges[p.Range])
			if r.To == -1 {
				r.To = n - 1
			}
			if p.From != next || p.To < p.From || p.From < r.From || p.To > r.To {
				t.Fatalf("%d nodes in %q: %v", n, ranges, pieces)
			}
			next = p.To + 1
		}
		if next != n {
			t.Fatalf("%d nodes in %q: %v", n, ranges, pieces)
		}
	})
}

func TestNodePropertiesRules(t *testing.T) {
	whole := func(properties, more string) string {
		return `{"jobDefinitionName":"d","type":"multinode","nodeProperties":{` + properties + `}` + more + `}`
	}
	nodes := func(more string) string {
		return whole(`"numNodes":2,"mainNode":0,"nodeRangeProperties":[{"targetNodes":"0:"`+more+`}]`, "")
	}
	run(t, func() validator { return &wire.RegisterJobDefinitionRequest{} }, []rule{
		{"nodes", nodes(`,"container":{"command":["true"]}`), ""},
		{"no container", nodes(``), `nodeProperties.nodeRangeProperties[0].container: given nothing; allowed is exactly one of container, ecsProperties, eksProperties`},
		{"two bodies", nodes(`,"container":{},"ecsProperties":{}`), `nodeProperties.nodeRangeProperties[0]: given more than one of`},
		{"ecs", nodes(`,"ecsProperties":{"taskProperties":[{"containers":[{"image":"a"}]}]}`), ""},
		{"a container's rules", nodes(`,"container":{"image":"a b"}`), `nodeProperties.nodeRangeProperties[0].container.image: given "a b"`},
		{"a process's rules", nodes(`,"container":{"privileged":true}`), `nodeProperties.nodeRangeProperties[0].container.privileged: given a value`},
		{"amounts", nodes(`,"container":{"resourceRequirements":[{"type":"VCPU","value":"0"}]}`), `nodeProperties.nodeRangeProperties[0].container.resourceRequirements[0].value: given "0"`},
		{"resources", nodes(`,"container":{},"consumableResourceProperties":{"consumableResourceList":[{"consumableResource":"a","quantity":0}]}`), `nodeProperties.nodeRangeProperties[0].consumableResourceProperties.consumableResourceList[0].quantity: given 0`},
		{"instance types", nodes(`,"container":{},"instanceTypes":["a","b"]`), `nodeProperties.nodeRangeProperties[0].instanceTypes: given 2 entries`},
		{"main node", whole(`"numNodes":2,"mainNode":2,"nodeRangeProperties":[{"targetNodes":"0:","container":{}}]`, ""), `nodeProperties.mainNode: given 2; allowed is 0 to 1`},
		{"no main node", whole(`"numNodes":2,"nodeRangeProperties":[{"targetNodes":"0:","container":{}}]`, ""), `nodeProperties.mainNode: given nothing`},
		{"no nodes", whole(`"numNodes":0,"mainNode":0`, ""), `nodeProperties.numNodes: given 0`},
		{"1001 nodes", whole(`"numNodes":1001,"mainNode":0`, ""), `nodeProperties.numNodes: given 1001`},
		{"six ranges", whole(`"numNodes":6,"mainNode":0,"nodeRangeProperties":[`+many(6, `{"targetNodes":"%d","container":{}}`)+`]`, ""), `nodeProperties.nodeRangeProperties: given 6 entries`},
		{"a hole", whole(`"numNodes":3,"mainNode":0,"nodeRangeProperties":[{"targetNodes":"0:1","container":{}}]`, ""), `nodeProperties.nodeRangeProperties: given no range with node 2`},
		{"beside a container", whole(`"numNodes":2,"mainNode":0`, `,"containerProperties":{}`), `nodeProperties: given a value beside containerProperties`},
	})
	override := func(more string) string {
		return `{"jobName":"j","jobQueue":"q","jobDefinition":"d","nodeOverrides":{` + more + `}}`
	}
	one := func(more string) string { return override(`"nodePropertyOverrides":[{` + more + `}]`) }
	run(t, func() validator { return &wire.SubmitJobRequest{} }, []rule{
		{"count", override(`"numNodes":3`), ""},
		{"no nodes", override(`"numNodes":0`), `nodeOverrides.numNodes: given 0; allowed is 1 to 1000`},
		{"override", one(`"targetNodes":"1:","containerOverrides":{"command":["a"]}`), ""},
		{"no target", one(`"containerOverrides":{}`), `nodeOverrides.nodePropertyOverrides[0].targetNodes: given ""`},
		{"variable", one(`"targetNodes":"0","containerOverrides":{"environment":[{"name":"AWS_BATCH_X"}]}`), `nodeOverrides.nodePropertyOverrides[0].containerOverrides.environment[0].name`},
		{"memory", one(`"targetNodes":"0","containerOverrides":{"memory":1}`), `nodeOverrides.nodePropertyOverrides[0].containerOverrides.memory: given 1`},
		{"resources", one(`"targetNodes":"0","consumableResourcePropertiesOverride":{"consumableResourceList":[{"consumableResource":"a"}]}`), `nodeOverrides.nodePropertyOverrides[0].consumableResourcePropertiesOverride.consumableResourceList[0].quantity`},
		{"array", `{"jobName":"j","jobQueue":"q","jobDefinition":"d","nodeOverrides":{},"arrayProperties":{"size":2}}`, `nodeOverrides: given a value; allowed is nothing in an array`},
	})
}
