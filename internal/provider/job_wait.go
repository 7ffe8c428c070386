package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// errTimedOut ends a wait that takes longer than the timeouts of the resource allow.
var errTimedOut = errors.New("the job has not ended in time")

// settle waits until the job of m has ended, at most limit, and takes over what it came to.
func (r *jobResource) settle(ctx context.Context, m *jobModel, limit time.Duration, diags *diag.Diagnostics) {
	waiting, cancel := context.WithTimeoutCause(ctx, limit, errTimedOut)
	defer cancel()
	d, err := r.await(waiting, m.JobID.ValueString(), newStuckWatch(m.stuckLimit()).look)
	switch {
	case err == nil:
		r.finish(ctx, m, d, diags)
	case errors.Is(err, client.ErrJobNotFound):
		diags.AddError("Job "+m.Name.ValueString()+" is gone", err.Error())
	case waiting.Err() != nil:
		r.leave(ctx, m, errors.Join(ctx.Err(), context.Cause(waiting)), limit, diags)
	default:
		r.leave(ctx, m, err, limit, diags)
	}
}

// finish takes over the results of a job that has ended and reports its failure.
func (r *jobResource) finish(ctx context.Context, m *jobModel, d wire.JobDetail, diags *diag.Diagnostics) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), submitLimit)
	defer cancel()
	m.take(d)
	if m.ContentKey.ValueString() == "" && d.Batchd != nil {
		m.ContentKey = types.StringValue(d.Batchd.ContentKey) // which may have waited for the digest of an image
	}
	c, err := r.connection.get(ctx)
	var results []wire.Result
	if err == nil {
		results, err = m.collect(ctx, c, m.ResultBytesLimit.ValueInt64())
	}
	if err != nil {
		diags.AddError("Cannot read the results of job "+m.Name.ValueString(), err.Error())
		return
	}
	results = m.withoutSecrets(results)
	m.warnOfResults(results, diags)
	if d.Status == wire.StatusFailed {
		diags.AddError("Job "+m.Name.ValueString()+" failed", failureText(ctx, c, d, results, m.Rerun.ValueBool()))
	}
}

// leave keeps what is known of a job that goes on without Terraform, and says why Terraform does not wait for it. An
// interrupt is a warning: Terraform applies nothing more, and an error would only taint the job.
func (r *jobResource) leave(ctx context.Context, m *jobModel, why error, limit time.Duration, diags *diag.Diagnostics) {
	looking, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastLook)
	defer cancel()
	if c, err := r.connection.get(looking); err == nil {
		if d, err := c.Job(looking, m.JobID.ValueString()); err == nil && !wire.Terminal(d.Status) {
			m.take(d)
		}
	}
	name, asked := "Job "+m.Name.ValueString(), true
	summary, detail := "Cannot wait for job "+m.Name.ValueString(), why.Error()
	var stuck *stuckError
	switch {
	case ctx.Err() != nil:
		summary, detail, asked = name+" goes on", "Waiting was interrupted.", false
	case errors.As(why, &stuck):
		summary = name + " cannot run"
	case errors.Is(why, errTimedOut):
		summary, detail = fmt.Sprintf("%s has not ended within %s", name, limit), "Terraform has stopped waiting."
		asked = m.OnTimeout.ValueString() != asWarning
	}
	detail += "\n\n" + m.stateOfJob()
	if asked {
		diags.AddError(summary, detail)
	} else {
		diags.AddWarning(summary, detail)
	}
}

// stateOfJob says in which status the job is and what becomes of it.
func (m *jobModel) stateOfJob() string {
	status := m.Status.ValueString()
	if reason := m.StatusReason.ValueString(); reason != "" {
		status += " (" + wire.Printable(reason) + ")"
	}
	return fmt.Sprintf("Job %s is %s and goes on: the next apply waits for the same job, even if the plan shows a replacement, unless the configuration has changed. "+
		"terraform destroy ends the job unless another resource holds it, too.", m.JobID.ValueString(), status)
}

// await returns the job once it has ended, or the error of watch, which is called with every look at it. A runtime
// that goes away is reached again, and started again if it is the bundled one.
func (r *jobResource) await(ctx context.Context, id string, watch watcher) (wire.JobDetail, error) {
	report := reporter(ctx)
	lastSeen := time.Now()
	for {
		session, err := r.connection.reach(ctx)
		if err != nil {
			return wire.JobDetail{}, err
		}
		var verdict error
		during, stop := session.While(ctx)
		d, err := session.Client.Wait(during, id, func(d wire.JobDetail) {
			lastSeen = time.Now()
			report(d)
			if verdict = watch(during, session.Client, d); verdict != nil {
				stop()
			}
		})
		stop()
		if verdict != nil {
			return d, verdict
		}
		var answer *wire.Error
		away := err != nil && ctx.Err() == nil && !errors.As(err, &answer) && !errors.Is(err, client.ErrJobNotFound)
		if !away || time.Since(lastSeen) > outageLimit {
			return d, err
		}
		tflog.Warn(ctx, "lost the runtime; reaching it again", map[string]any{"job_id": id, "error": err.Error()})
	}
}

// watcher looks at a job that is waited for. Its error ends the wait.
type watcher func(context.Context, *client.Client, wire.JobDetail) error

// patient is the watcher that waits for everything.
func patient(context.Context, *client.Client, wire.JobDetail) error { return nil }

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
