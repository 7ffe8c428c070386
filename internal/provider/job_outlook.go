package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// foretell asks the runtime, if it has been reached, what would become of the job that m plans, and says in warnings what a
// plan has no other words for. What is not decided or does not exist yet is not asked about: the apply may make it.
func (r *jobResource) foretell(ctx context.Context, m *jobModel, diags *diag.Diagnostics) {
	if r.connection == nil || !m.JobID.IsUnknown() || !m.decided(ctx) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	c := r.connection.glance(ctx)
	if c == nil {
		return
	}
	plan, err := m.outlook(ctx, c)
	name := "Job " + m.Name.ValueString()
	switch {
	case isClientError(err, "") && !isClientError(err, "does not exist"):
		diags.AddWarning(name+" would be refused", err.Error()+"\n\nThis holds for what the runtime has now; the apply fails unless it changes that first.")
	case err != nil:
	case !plan.Placeable:
		diags.AddWarning(name+" could not run", (&stuckError{code: plan.Code, sentence: plan.Sentence, remedy: plan.Remedy}).Error()+
			"\n\nThis holds for what the runtime has now; the apply submits the job all the same.")
	case plan.Adopts != "":
		// The summary is that of what a refresh says of it, so that Terraform prints one of the two.
		diags.AddWarning(name+" goes on", fmt.Sprintf("Job %s does the same work and has not ended. The apply waits for it and submits nothing, "+
			"unless the resource is replaced on request.", plan.Adopts))
	case plan.Reused > 0:
		rest := "the others run"
		if plan.Runs == 0 {
			rest = "nothing runs"
		}
		diags.AddWarning(name+" reuses earlier results", fmt.Sprintf("%d of %d points take the results of earlier runs, and %s. Replacing the resource on request, "+
			"with -replace, replace_triggered_by or terraform taint, runs every point. results[*].reused_from names the job of each result.", plan.Reused, plan.Reused+plan.Runs, rest))
	}
}

// outlook asks what would become of a submission of m.
func (m *jobModel) outlook(ctx context.Context, c *client.Client) (*wire.PlanJobResponse, error) {
	request, err := m.request(ctx)
	if err != nil {
		return nil, err
	}
	request.Batchd.Claim, request.Batchd.Adopt = newClaim().ValueString(), request.Batchd.Reuse
	plan, err := c.PlanJob(ctx, &request)
	return plan, explained(err)
}

// decided reports whether everything that a submission of m consists of is known.
func (m *jobModel) decided(ctx context.Context) bool {
	for _, value := range append(m.content(), m.Name, m.JobQueue, m.RetryStrategy, m.Timeout, m.Tags) {
		if !known(ctx, value) {
			return false
		}
	}
	return true
}
