package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// unlessOnRequest is the exception to whatever a plan says about reuse.
const unlessOnRequest = "unless the resource is replaced on request"

// preview asks the runtime, if it has been reached, what a submission of m would do, and adds as warnings what a plan does not
// show: that the job would be refused, could not run, is adopted or reuses results. It asks nothing while attributes are unknown or
// what they name does not exist: the apply may create it.
func (r *jobResource) preview(ctx context.Context, m *jobModel, diags *diag.Diagnostics) {
	if r.connection == nil || !m.JobID.IsUnknown() || !m.decided(ctx) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	c := r.connection.reached(ctx)
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
		// The summary is the same as that of a refresh, so that Terraform prints one of the two.
		diags.AddWarning(name+" goes on", fmt.Sprintf("Job %s does the same work and has not ended. The apply waits for it and submits nothing, "+
			"%s.", plan.Adopts, unlessOnRequest))
	case plan.Reused > 0:
		diags.AddWarning(name+" reuses earlier results", sharedText(plan))
	case plan.Joins > 0:
		diags.AddWarning(name+" joins other jobs", sharedText(plan))
	}
}

// sharedText says how many points of a plan other jobs have run or will run, which jobs these are, and how to run all points again.
// It makes that exception in the same sentence: Terraform plans a tainted resource as a new one, so that a plan cannot tell
// whether every point runs.
func sharedText(plan *wire.PlanJobResponse) string {
	var b strings.Builder
	total := plan.Reused + plan.Runs
	if plan.Reused > 0 {
		rest := "the others run"
		if plan.Runs == 0 {
			rest = "nothing runs"
		}
		fmt.Fprintf(&b, "%d of %d points take the results of earlier runs, and %s, %s:\n", plan.Reused, total, rest, unlessOnRequest)
		listJobs(&b, plan.ReusedFrom, plan.MoreReusedFrom)
	}
	if plan.Joins > 0 {
		fmt.Fprintf(&b, "%d of %d points are also points of other jobs that have not ended; each of them runs once, %s:\n", plan.Joins, total, unlessOnRequest)
		listJobs(&b, plan.JoinsTo, plan.MoreJoinsTo)
	}
	b.WriteString("A replacement on request, by -replace, replace_triggered_by or terraform taint, runs every point. " +
		"After the apply, results[*].reused_from names the job of each result, and results[*].reused_at when it ended.")
	return wire.PrintableLines(b.String())
}

// listJobs writes a line for each of the other jobs that a plan names, and one for how many it does not.
func listJobs[T fmt.Stringer](b *strings.Builder, jobs []T, more int32) {
	for _, job := range jobs {
		fmt.Fprintf(b, "\n  %s", job)
	}
	if more > 0 {
		fmt.Fprintf(b, "\n  and points of %d more jobs", more)
	}
	b.WriteString("\n\n")
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
