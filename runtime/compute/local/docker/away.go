package docker

import (
	"context"
	"errors"
	"io"
	"strconv"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/events"
	"github.com/docker/docker/api/types/filters"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// The daemon reads the output of containers and writes it down. What a container writes while no daemon runs waits in a pipe of
// 64 KiB. A daemon that is started again reads the pipe of a container that runs still; that of a container which has ended
// is gone, with what was in it. The log of such an attempt is what the daemon has, and the attempt says so.

// Reasons of attempts whose container ended after the daemon had gone away.
const (
	outputMissing = "the Docker daemon was not running when the container ended: the end of its output may be missing"
	endMissed     = "the Docker daemon was not running when the container ended, and does not know its exit code"
	endedByDaemon = "the Docker daemon went away and was started again while the container ran, and may have ended it"
)

// tellAbsence adds to exit what the daemon's absence at the end of a's container means for it.
func (r *Runner) tellAbsence(ctx context.Context, a *attempt, state *container.State, exit *batch.Exit) {
	r.mu.Lock()
	stopping := a.stopping
	r.mu.Unlock()
	seen := r.sawEnd(ctx, a, exit.StoppedAt)
	switch code := state.ExitCode; {
	case !seen && code == codeUnknown:
		exit.Kind, exit.Code, exit.Reason = batch.Lost, nil, endMissed
	case !stopping && (code == codeTerminated || code == codeKilled):
		exit.Reason = endedByDaemon
	case !seen:
		exit.Reason = outputMissing
	}
}

// sawEnd reports whether the daemon saw the end of a's container, at a time, and so has the whole of its output. A daemon that
// was started after it has no event of it. Events of long ago, before the last 256, are forgotten too.
func (r *Runner) sawEnd(ctx context.Context, a *attempt, at batch.Time) bool {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	messages, errs := r.daemon.Events(ctx, events.ListOptions{
		Since: strconv.FormatInt(int64(a.started.At)/1000, 10), Until: strconv.FormatInt(int64(at)/1000+2, 10),
		Filters: filters.NewArgs(filters.Arg("container", a.container), filters.Arg("event", string(events.ActionDie))),
	})
	select {
	case <-messages:
		return true
	case err := <-errs:
		if !errors.Is(err, io.EOF) { // which says that there are no more
			r.logger.Info("asking whether the daemon saw the end of a container", "attempt", a.attempt, "error", err)
		}
		return false
	}
}
