package batch_test

import (
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// TestContainerOf asks for what a job and its parts run.
func TestContainerOf(t *testing.T) {
	single := batch.Spec{Container: batch.Container{Image: "one"}}
	multi := batch.Spec{Nodes: []batch.NodeContainer{{From: 0, To: 0, Container: batch.Container{Image: "main"}}, {From: 1, To: 3, Container: batch.Container{Image: "worker"}}}}
	const id = batch.JobID("j")
	for _, c := range []struct {
		spec *batch.Spec
		id   batch.JobID
		want string
	}{
		{&single, id, "one"},
		{&single, id.Child(7), "one"},
		{&multi, id, ""},
		{&multi, id.Node(0), "main"},
		{&multi, id.Node(1), "worker"},
		{&multi, id.Node(3), "worker"},
		{&multi, id.Node(4), ""},
	} {
		if got := c.spec.ContainerOf(c.id).Image; got != c.want {
			t.Errorf("%s runs %q, want %q", c.id, got, c.want)
		}
	}
}
