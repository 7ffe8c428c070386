package provider

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// misconfigured begins the codes of what only a change of the configuration mends.
const misconfigured = "MISCONFIGURATION:"

// stuckError says why a job can never run as things are.
type stuckError struct {
	code, sentence, remedy string
	since                  time.Duration // 0: it has not been submitted
}

// Error says it in sentences.
func (e *stuckError) Error() string {
	text := fmt.Sprintf("%s: %s", e.code, e.sentence)
	if e.remedy != "" {
		text += fmt.Sprintf(" What would help: %s.", inArguments(e.remedy))
	}
	if e.since > 0 {
		text += fmt.Sprintf(" This has stood for %s (fail_when_stuck).", e.since.Round(time.Second))
	}
	return text
}

// stuckLimit returns how long a job may be stuck; 0 is for ever.
func (m *jobModel) stuckLimit() time.Duration {
	limit, err := time.ParseDuration(m.FailWhenStuck.ValueString()) // which the validator has read
	if m.FailWhenStuck.IsNull() || err != nil {
		return defaultStuckWait
	}
	return limit
}

// stuckWatch notices a job that can never run as things are.
type stuckWatch struct {
	limit         time.Duration
	looked, since time.Time // since when the job is stuck; zero: it is not
}

func newStuckWatch(limit time.Duration) *stuckWatch { return &stuckWatch{limit: limit} }

// look returns a [*stuckError] once the job has been stuck for the limit.
func (w *stuckWatch) look(ctx context.Context, c *client.Client, d wire.JobDetail) error {
	if w.limit == 0 || wire.Terminal(d.Status) || time.Since(w.looked) < min(progressInterval, w.limit/stuckLooks) {
		return nil
	}
	w.looked = time.Now()
	why, err := whyStuck(ctx, c, d)
	if err != nil {
		return nil //nolint:nilerr // the wait itself notices a runtime that is away, and whoever asks again may be answered
	}
	switch {
	case why == nil:
		w.since = time.Time{}
	case w.since.IsZero():
		w.since = time.Now()
	case time.Since(w.since) >= w.limit:
		return &stuckError{code: why.Code, sentence: why.Sentence, remedy: why.Remedy, since: time.Since(w.since)}
	}
	return nil
}

// whyStuck explains a job that can never run, or an array whose children cannot; nil if that is not so.
func whyStuck(ctx context.Context, c *client.Client, d wire.JobDetail) (*wire.ExplainJobResponse, error) {
	id := d.JobID
	switch a := d.ArrayProperties; {
	case a == nil || a.Size == nil:
		if !strings.HasPrefix(d.StatusReason, misconfigured) {
			return nil, nil
		}
	case a.StatusSummary[wire.StatusRunning]+a.StatusSummary[wire.StatusStarting] > 0 || a.StatusSummary[wire.StatusRunnable] == 0:
		return nil, nil
	default:
		one := int32(1)
		waiting, err := c.ListJobs(ctx, &wire.ListJobsRequest{ArrayJobID: id, JobStatus: wire.StatusRunnable, MaxResults: &one})
		if err != nil || len(waiting.JobSummaryList) == 0 {
			return nil, err
		}
		id = waiting.JobSummaryList[0].JobID
	}
	why, err := c.ExplainJob(ctx, &wire.ExplainJobRequest{JobID: id})
	if err != nil || !strings.HasPrefix(why.Code, misconfigured) {
		return nil, err
	}
	return why, nil
}
