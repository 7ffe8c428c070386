package provider

import (
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// TestResumable says which jobs of a replaced resource its successor takes up.
func TestResumable(t *testing.T) {
	for _, c := range []struct {
		job  wire.JobDetail
		want bool
	}{
		{wire.JobDetail{JobName: "sweep", Status: wire.StatusRunning}, true},
		{wire.JobDetail{JobName: "sweep", Status: wire.StatusSucceeded}, true},
		{wire.JobDetail{JobName: "sweep", Status: wire.StatusSucceeded, IsTerminated: true}, true},
		{wire.JobDetail{JobName: "sweep", Status: wire.StatusFailed}, false},
		{wire.JobDetail{JobName: "sweep", Status: wire.StatusRunning, IsTerminated: true}, false},
		{wire.JobDetail{JobName: "sweep", Status: wire.StatusPending, IsCancelled: true}, false},
		{wire.JobDetail{JobName: "other", Status: wire.StatusRunning}, false},
	} {
		if got := resumable(&c.job, "sweep"); got != c.want {
			t.Errorf("%s, %s, terminated %t, cancelled %t: resumable is %t", c.job.JobName, c.job.Status, c.job.IsTerminated, c.job.IsCancelled, got)
		}
	}
}
