package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-log/tflog"

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

// prepare resolves the definition, so that what is submitted is what the key is of.
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
	request.JobDefinition = definition.JobDefinitionArn
	key, err := wire.ContentKey(definition, &request, stringsOf(m.Triggers))
	return submission{request, key}, err
}

// submit makes the job; m is then that of a job that was submitted.
func (m *jobModel) submit(ctx context.Context, c *client.Client, s submission) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), submitLimit)
	defer cancel()
	made, err := c.SubmitJob(ctx, &s.request)
	if err != nil {
		return err
	}
	m.outcome = submittedOutcome(made, s.key, s.points())
	if d, err := c.Job(ctx, made.JobID); err == nil {
		m.take(d)
	}
	return nil
}

// settle waits until the job of m has ended, at most limit, and takes over what it came to. An interrupt, or a
// wait that takes too long, is a warning; a job that failed is an error.
func (r *jobResource) settle(ctx context.Context, m *jobModel, limit time.Duration, diags *diag.Diagnostics) {
	waiting, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	d, err := r.await(waiting, m.JobID.ValueString())
	if waiting.Err() != nil {
		r.leave(ctx, m, limit, diags)
		return
	}
	if errors.Is(err, client.ErrJobNotFound) {
		diags.AddError("Job "+m.Name.ValueString()+" is gone", err.Error())
		return
	}
	if err != nil {
		diags.AddWarning("Cannot wait for job "+m.Name.ValueString(), fmt.Sprintf("%v\n\nThe next apply waits for job %s again.", err, m.JobID.ValueString()))
		return
	}
	r.finish(ctx, m, d, diags)
}

// finish takes over the results of a job that has ended and reports its failure.
func (r *jobResource) finish(ctx context.Context, m *jobModel, d wire.JobDetail, diags *diag.Diagnostics) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), submitLimit)
	defer cancel()
	m.take(d)
	c, err := r.connection.get(ctx)
	var results []wire.Result
	if err == nil {
		results, err = m.collect(ctx, c, m.ResultBytesLimit.ValueInt64())
	}
	if err != nil {
		diags.AddError("Cannot read the results of job "+m.Name.ValueString(), err.Error())
		return
	}
	if d.Status == wire.StatusFailed {
		diags.AddError("Job "+m.Name.ValueString()+" failed", failureText(ctx, c, d, results))
	}
}

// leave keeps what is known of a job that goes on without Terraform.
func (r *jobResource) leave(ctx context.Context, m *jobModel, limit time.Duration, diags *diag.Diagnostics) {
	why := fmt.Sprintf("It has not ended within %s.", limit)
	if ctx.Err() != nil {
		why = "Waiting was interrupted."
	}
	looking, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastLook)
	defer cancel()
	if c, err := r.connection.get(looking); err == nil {
		if d, err := c.Job(looking, m.JobID.ValueString()); err == nil && !wire.Terminal(d.Status) {
			m.take(d)
		}
	}
	diags.AddWarning("Job "+m.Name.ValueString()+" goes on",
		fmt.Sprintf("%s Job %s is %s; the next apply waits for it again, and destroying it ends it.", why, m.JobID.ValueString(), m.Status.ValueString()))
}

// await returns the job once it has ended. A runtime that goes away is reached again, and started again if it
// is the bundled one.
func (r *jobResource) await(ctx context.Context, id string) (wire.JobDetail, error) {
	report := reporter(ctx)
	lastSeen := time.Now()
	for {
		session, err := r.connection.reach(ctx)
		if err != nil {
			return wire.JobDetail{}, err
		}
		during, stop := session.While(ctx)
		d, err := session.Client.Wait(during, id, func(d wire.JobDetail) {
			lastSeen = time.Now()
			report(d)
		})
		stop()
		var answer *wire.Error
		away := err != nil && ctx.Err() == nil && !errors.As(err, &answer) && !errors.Is(err, client.ErrJobNotFound)
		if !away || time.Since(lastSeen) > outageLimit {
			return d, err
		}
		tflog.Warn(ctx, "lost the runtime; reaching it again", map[string]any{"job_id": id, "error": err.Error()})
	}
}

// reporter returns what logs the progress of a job now and then.
func reporter(ctx context.Context) func(wire.JobDetail) {
	var last time.Time
	return func(d wire.JobDetail) {
		if time.Since(last) < progressInterval && !wire.Terminal(d.Status) {
			return
		}
		last = time.Now()
		p := progressOf(d)
		tflog.Info(ctx, "batch job", map[string]any{
			"job": d.JobName, "job_id": d.JobID, "status": d.Status, "status_reason": d.StatusReason,
			"points": p.total, "ran": p.ran, "reused": p.reused, "failed": p.failed, "running": p.running,
		})
	}
}

// end terminates a job that has not ended, and waits until nothing of it runs. A job that is not known has ended.
func (r *jobResource) end(ctx context.Context, id, reason string) error {
	c, err := r.connection.get(ctx)
	if err != nil {
		return err
	}
	d, err := c.Job(ctx, id)
	if errors.Is(err, client.ErrJobNotFound) || err == nil && wire.Terminal(d.Status) {
		return nil
	}
	if err == nil {
		err = c.TerminateJob(ctx, &wire.TerminateJobRequest{JobID: id, Reason: reason})
	}
	if err == nil {
		_, err = r.await(ctx, id)
	}
	return err
}
