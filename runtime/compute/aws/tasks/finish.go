package tasks

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/ending"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/wrapper"
	"github.com/batchd/terraform-provider-batch/runtime/retry"
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
	select {
	case <-ctx.Done():
		return
	case r.reading <- struct{}{}:
	}
	defer func() { <-r.reading }()
	patience := resultWait
	if x.Code != nil && *x.Code == codeKilled {
		patience = killedWait
	}
	decoder := wrapper.NewDecoder(a.id)
	err := r.readBack(ctx, a, decoder)
	for begun := time.Now(); !decoder.Complete() && time.Since(begun) < resultGiveUp; err = r.readBack(ctx, a, decoder) {
		if time.Since(begun) > patience && (err == nil || !passes(err)) {
			break
		}
		if retry.Pause(ctx, resultEvery) != nil {
			return
		}
	}
	body, problem := decoder.Result()
	if problem != "" && err != nil {
		problem = "its log cannot be read: " + wordsOf(err)
	}
	if x.ResultError = problem; problem == "" {
		x.TakeResult(body)
	}
	x.Usage, _ = decoder.Usage()
}

// readBack gives the last pages of the log of a to its decoder, until that has everything.
func (r *Runner) readBack(ctx context.Context, a *attempt, d *wrapper.Decoder) error {
	group, stream := a.stream()
	in := &cloudwatchlogs.GetLogEventsInput{LogGroupName: aws.String(group), LogStreamName: aws.String(stream), StartFromHead: aws.Bool(false)}
	for range resultPages {
		page, err := r.readPage(ctx, a, in)
		if err != nil {
			return err
		}
		for _, event := range page.Events {
			d.Take(aws.ToString(event.Message))
		}
		if d.Complete() || page.NextBackwardToken == nil || in.NextToken != nil && *in.NextToken == *page.NextBackwardToken {
			return nil
		}
		in.NextToken = page.NextBackwardToken
	}
	return nil
}

func (r *Runner) readPage(ctx context.Context, a *attempt, in *cloudwatchlogs.GetLogEventsInput) (*cloudwatchlogs.GetLogEventsOutput, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return r.clients(a.cluster).Logs.GetLogEvents(ctx, in)
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
