package app

import (
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// A runner is well only if neither the scheduler nor Docker itself says otherwise.
func TestCheckRunner(t *testing.T) {
	answers, silent := wire.Check{Status: wire.CheckOK}, wire.Check{Status: wire.CheckWarn, Remedy: "start Docker"}
	for _, c := range []struct {
		name   string
		host   string
		runner sched.RunnerView
		docker wire.Check
		want   string
	}{
		{"processes", batch.LocalHost, sched.RunnerView{Runner: batch.Processes}, silent, wire.CheckOK},
		{"processes at their limit", batch.LocalHost, sched.RunnerView{Runner: batch.Processes, Live: 2, Limit: 2}, answers, wire.CheckWarn},
		{"containers", batch.LocalHost, sched.RunnerView{Runner: batch.Containers}, answers, wire.CheckOK},
		{"containers that Docker is not asked about", batch.LocalHost, sched.RunnerView{Runner: batch.Containers}, wire.Check{}, wire.CheckOK},
		{"containers that nothing has wanted yet", batch.LocalHost, sched.RunnerView{Runner: batch.Containers}, silent, wire.CheckWarn},
		{"containers with a fault", batch.LocalHost, sched.RunnerView{Runner: batch.Containers, Fault: "away"}, silent, wire.CheckFail},
		{"containers of another machine", "i-1", sched.RunnerView{Runner: batch.Containers}, silent, wire.CheckOK},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := checkRunner(c.host, c.runner, c.docker)
			if got.Status != c.want || (got.Status == wire.CheckOK) != (got.Remedy == "") {
				t.Errorf("%+v, want the status %q, and a remedy unless it is ok", got, c.want)
			}
		})
	}
}
