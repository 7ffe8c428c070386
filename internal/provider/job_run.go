package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// Bounds of what a job's resource waits for. Those of a user are in its timeouts.
const (
	defaultWait    = 24 * time.Hour
	defaultEndWait = 10 * time.Minute
	// lastLook bounds what is done after an interrupt: to keep what is known.
	lastLook = 5 * time.Second
	// submitLimit bounds a submission, which an interrupt does not cut short: a job that was
	// submitted must be in the state.
	submitLimit = time.Minute
	// outageLimit is how long a runtime may be away while its job is waited for.
	outageLimit = 2 * time.Minute
	// progressInterval is how often progress is logged.
	progressInterval = 10 * time.Second
	// defaultStuckWait is how long a job that can never run is waited for. It is looked at every progressInterval, and
	// at least stuckLooks times.
	defaultStuckWait = 5 * time.Minute
	stuckLooks       = 5
	// askLimit bounds what a plan asks of the runtime.
	askLimit = 5 * time.Second
)

// submission is what m asks for, resolved.
type submission struct {
	request wire.SubmitJobRequest
	key     string
}

// points returns how many points s has.
func (s *submission) points() int64 {
	switch {
	case len(s.request.Batchd.Points) > 0:
		return int64(len(s.request.Batchd.Points))
	case s.request.ArrayProperties != nil && s.request.ArrayProperties.Size != nil:
		return int64(*s.request.ArrayProperties.Size)
	}
	return 1
}

// prepare resolves the definition, so that what is submitted is what the key is of. A job that does the same and goes on is
// adopted, and results are taken, unless [submission.runAll] says otherwise.
func (m *jobModel) prepare(ctx context.Context, c *client.Client) (submission, error) {
	request, err := m.request(ctx)
	if err != nil {
		return submission{}, err
	}
	definition, err := findDefinition(ctx, c, m.JobDefinition.ValueString())
	if err != nil {
		return submission{}, fmt.Errorf("read job definition: %w", err)
	}
	if definition == nil {
		return submission{}, fmt.Errorf("job definition %s has no active revision: register one, or refer to another", m.JobDefinition.ValueString())
	}
	request.JobDefinition = definition.arn
	s := submission{request: request}
	s.request.Batchd.Claim = m.Claim.ValueString()
	s.request.Batchd.Adopt = request.Batchd.Reuse
	plan, err := c.PlanJob(ctx, &s.request)
	if err != nil {
		return s, explained(err)
	}
	s.key = plan.ContentKey
	return s, nil
}

// runAll makes s one that takes no other job's result.
func (s *submission) runAll() { s.request.Batchd.Reuse, s.request.Batchd.Adopt = false, false }

// begin makes m the resource of a job: of the one that before hands over, if that is the same work and has not failed, and
// of s otherwise, which it submits.
func (m *jobModel) begin(ctx context.Context, c *client.Client, s submission, before handover) error {
	if resumed, err := m.resume(ctx, c, s, before); resumed || err != nil {
		return err
	}
	// The job that is replaced was submitted to run every point and has not done so: its successor runs every point, too.
	again := before.again || before.rerun && before.goesOn
	if again {
		s.runAll()
	}
	m.Rerun = types.BoolValue(again)
	return m.submit(ctx, c, s)
}

// resume reports whether m has become the resource of the job that before hands over.
func (m *jobModel) resume(ctx context.Context, c *client.Client, s submission, before handover) (bool, error) {
	if before.jobID == "" || s.key == "" || before.key != s.key {
		return false, nil
	}
	d, err := c.Job(ctx, before.jobID)
	if errors.Is(err, client.ErrJobNotFound) || err == nil && !resumable(&d, m.Name.ValueString()) {
		return false, nil
	}
	if err == nil {
		err = claim(ctx, c, before.jobID, m.Claim.ValueString(), claimLease)
	}
	if err != nil {
		return false, fmt.Errorf("take up job %s: %w", before.jobID, err)
	}
	m.outcome = submittedOutcome(&wire.SubmitJobResponse{JobID: d.JobID, JobArn: d.JobArn}, s)
	m.take(d)
	m.Rerun = types.BoolValue(before.rerun)
	return true, nil
}

// resumable reports whether d can be the job of a resource of that name: it has succeeded, or it goes on and nobody has told it
// to end. The attempts of one that was told to end may run for a while.
func resumable(d *wire.JobDetail, name string) bool {
	ending := (d.IsTerminated || d.IsCancelled) && d.Status != wire.StatusSucceeded
	return d.JobName == name && d.Status != wire.StatusFailed && !ending
}

// submit makes the job; m is then that of a job that was submitted.
func (m *jobModel) submit(ctx context.Context, c *client.Client, s submission) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), submitLimit)
	defer cancel()
	made, err := c.SubmitJob(ctx, &s.request)
	if err != nil {
		return explained(err)
	}
	m.outcome = submittedOutcome(made, s)
	if d, err := c.Job(ctx, made.JobID); err == nil {
		m.take(d)
	}
	if made.Batchd != nil && made.Batchd.Adopted {
		return updateTags(ctx, c, made.JobArn, types.MapNull(types.StringType), m.Tags)
	}
	return nil
}

// end gives up a job that has not ended, for a reason, and waits until nothing of it runs, unless others hold it: then it goes
// on. A job that is not known has ended.
func (r *jobResource) end(ctx context.Context, c *client.Client, id, claim, reason string) error {
	d, err := c.Job(ctx, id)
	if err == nil && !wire.Terminal(d.Status) {
		err = giveUp(ctx, c, id, claim, reason)
		if err == nil {
			d, err = c.Job(ctx, id)
		}
	}
	switch {
	case errors.Is(err, client.ErrJobNotFound):
		return nil
	case err != nil || wire.Terminal(d.Status) || !d.IsTerminated && !d.IsCancelled:
		return err
	}
	_, err = r.await(ctx, id, patient)
	return err
}
