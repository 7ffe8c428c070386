package provider

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/batchd/terraform-provider-batch/internal/bundled"
	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// A resource holds its job by a claim: of several that ask for the same work the first submits and the others add their
// claims to that job, which is ended early only with the last of them. While an apply goes on, the claim is renewed for a
// short time, so that it lapses with a Terraform that is killed and knows nothing of it; with the state it is kept.

// Bounds of claims.
const (
	// claimLease is for how long a claim is renewed, every renewInterval, while an apply goes on.
	claimLease    = 30 * time.Second
	renewInterval = 10 * time.Second
	// handoverLease is how long a claim outlives the deletion of a resource that is replaced: its successor may
	// have to wait for what it depends on.
	handoverLease = 10 * time.Minute
	// orphanLimit is how long an interrupt may be the first sign that Terraform has been killed. The state is saved after that,
	// and a second interrupt ends Terraform at once.
	orphanLimit = 300 * time.Millisecond
	// forGood is the lease of a claim that is in a state.
	forGood = 0 * time.Second
)

// newClaim returns the id of a claim that nobody holds.
func newClaim() types.String { return types.StringValue(uuid.NewString()) }

// claim renews a claim for a time, or [forGood].
func claim(ctx context.Context, c *client.Client, id, name string, lease time.Duration) error {
	_, err := c.ClaimJob(ctx, &wire.ClaimJobRequest{JobID: id, Claim: name, Seconds: int32(lease / time.Second)})
	return explained(err)
}

// during does work, for which the claim of m is renewed, and keeps the claim after that: the state of m is saved then.
func (r *jobResource) during(ctx context.Context, m *jobModel, diags *diag.Diagnostics, work func()) {
	id, name := m.JobID.ValueString(), m.Claim.ValueString()
	renewing, stop := context.WithCancel(context.WithoutCancel(ctx))
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		r.renew(renewing, id, name)
	}()
	work()
	stop()
	<-stopped
	if ctx.Err() == nil || !orphaned(ctx) {
		r.keep(ctx, m, diags)
	}
}

// renew renews a claim until ctx ends. A runtime that is away is asked again the next time.
func (r *jobResource) renew(ctx context.Context, id, name string) {
	ticker := time.NewTicker(renewInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		c, err := r.connection.get(ctx)
		if err == nil {
			err = claim(ctx, c, id, name, claimLease)
		}
		if err != nil && ctx.Err() == nil {
			tflog.Warn(ctx, "cannot renew the claim on a job", map[string]any{"job_id": id, "error": err.Error()})
		}
	}
}

// keep makes the claim of m one that does not lapse, unless the job has ended.
func (r *jobResource) keep(ctx context.Context, m *jobModel, diags *diag.Diagnostics) {
	if m.ended() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastLook)
	defer cancel()
	c, err := r.connection.get(ctx)
	if err == nil {
		err = claim(ctx, c, m.JobID.ValueString(), m.Claim.ValueString(), forGood)
	}
	if err != nil {
		diags.AddWarning("The claim on job "+m.Name.ValueString()+" may lapse",
			"The job goes on; another resource that holds it may end it. The next apply claims it again. The runtime says: "+err.Error())
	}
}

// orphaned reports whether Terraform has gone, so that no state is saved. To the provider that begins like an interrupt.
func orphaned(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), orphanLimit)
	defer cancel()
	return bundled.AwaitOrphaned(ctx)
}

// giveUp gives up a claim on a job, which ends if nobody else holds one. A job of a state without a claim is ended.
func giveUp(ctx context.Context, c *client.Client, id, name, reason string) error {
	if name == "" {
		return c.TerminateJob(ctx, &wire.TerminateJobRequest{JobID: id, Reason: reason})
	}
	return explained(c.ReleaseJob(ctx, &wire.ReleaseJobRequest{JobID: id, Claim: name, End: true, Reason: reason}))
}
