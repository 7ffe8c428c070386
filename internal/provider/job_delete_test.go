package provider

import (
	"context"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// TestReasonOfAReplacedJob replaces a job that runs: what is kept of it does not say that it was destroyed.
func TestReasonOfAReplacedJob(t *testing.T) {
	c := newCounted(t, "[1]", "wait_for_completion = false")
	c.apply()
	first := c.onlyJob()
	c.apply("-replace=batch_job.counted")
	d, err := c.r.client.Job(context.WithoutCancel(t.Context()), first.JobID)
	if err != nil || d.Status != wire.StatusFailed || d.StatusReason != reasonReplaced {
		t.Errorf("the first job is %s: %q (%v); want the reason %q", d.Status, d.StatusReason, err, reasonReplaced)
	}
}
