package tasks

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/ending"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/wrapper"
)

// LogKind is the kind of logs that are streams of CloudWatch Logs.
const LogKind batch.LogKind = "cloudwatch"

// codeKilled is the exit code of what SIGKILL ended, the wrapper perhaps among it.
const codeKilled = 128 + 9

// conclude says how an attempt ended whose task t has stopped. If the runner is closed before it has the result, the next one reads it.
func (r *Runner) conclude(ctx context.Context, a *attempt, t *types.Task, notice time.Time) {
	x := ending.Of(t, notice)
	if x.StartedAt != 0 {
		x.Log = a.log()
	}
	switch {
	case !a.label.wrapped:
	case x.Kind == batch.FailedToStart && wrapper.NoShell(x.Reason):
		x.Reason = wrapper.NoShellReason + " (" + x.Reason + ")"
	case x.StartedAt != 0 && x.Kind == batch.Exited:
		r.collect(ctx, a, &x)
	}
	if ctx.Err() == nil {
		r.finishNow(a, x)
	}
}

// collect takes result and usage out of the log of a, whose last lines may come late.
func (r *Runner) collect(ctx context.Context, a *attempt, x *batch.Exit) {
	g := &gathering{Decoder: wrapper.NewDecoder(a.id), stopped: x.StoppedAt, begun: time.Now(), patience: resultWait, done: make(chan struct{})}
	if x.Code != nil && *x.Code == codeKilled {
		g.patience = killedWait
	}
	g.group, g.stream = a.stream()
	r.mu.Lock()
	c := a.cluster
	c.gatherings = append(c.gatherings, g)
	r.mu.Unlock()
	select {
	case c.bell <- struct{}{}:
	default: // it rings
	}
	select {
	case <-ctx.Done():
		return
	case <-c.gone:
		return
	case <-g.done:
	}
	body, problem := g.Result()
	if problem != "" && g.err != nil {
		problem = "its log cannot be read: " + wordsOf(g.err)
	}
	if x.ResultError = problem; problem == "" {
		x.TakeResult(body)
	}
	x.Usage, _ = g.Usage()
}

// stream returns where the output of a goes; both are empty if that cannot be read.
func (a *attempt) stream() (group, stream string) {
	if a.label.logPrefix == "" {
		return "", ""
	}
	return a.label.logGroup, a.label.logPrefix + "/" + ending.Container + "/" + idOf(a.task)
}

// log is the reference to the output of a; zero if it cannot be read.
func (a *attempt) log() batch.LogRef {
	group, stream := a.stream()
	if stream == "" {
		return batch.LogRef{}
	}
	return batch.LogRef{Kind: LogKind, Stream: batch.LogStream{Account: a.account, Group: group, Name: stream}}
}
