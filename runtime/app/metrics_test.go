package app

import (
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// A multi-node job runs as many attempts as it has nodes, and none of its own.
func TestStartsOfNodesAreCounted(t *testing.T) {
	m := newMetrics()
	running := func(id batch.JobID) batch.Transition {
		return batch.Transition{Job: id, From: batch.Starting, To: batch.Running}
	}
	const gang = batch.JobID("gang")
	m.Kept(&batch.Delta{
		Jobs:        []batch.Job{{ID: gang, Nodes: &batch.Nodes{}}, {ID: gang.Node(0)}, {ID: "single"}},
		Transitions: []batch.Transition{running(gang.Node(0)), running(gang), running("single")},
	}, nil)
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == "batchd_attempts_started_total" {
			if n := f.GetMetric()[0].GetCounter().GetValue(); n != 2 {
				t.Errorf("%v attempts have started, want 2", n)
			}
			return
		}
	}
	t.Error("starts are not counted")
}
