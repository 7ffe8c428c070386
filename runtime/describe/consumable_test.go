package describe

import (
	"reflect"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

func TestNeedsOfNodes(t *testing.T) {
	j := batch.Job{Nodes: &batch.Nodes{Count: 4, Ranges: []batch.NodeRange{
		{From: 0, To: 0, Needs: []batch.Need{{Resource: "a", Quantity: 1}}},
		{From: 1, To: 3, Needs: []batch.Need{{Resource: "b", Quantity: 2}, {Resource: "a", Quantity: 1}}},
	}}}
	if got, want := needsOfJob(j), []batch.Need{{Resource: "a", Quantity: 4}, {Resource: "b", Quantity: 6}}; !reflect.DeepEqual(got, want) {
		t.Errorf("needs %+v, want %+v", got, want)
	}
}
