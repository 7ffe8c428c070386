package provider

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// Causes for which Terraform deletes a job. Delete is told of them by the private data of the plan alone, and
// ModifyPlan, which writes that, is called like this:
//
//	destroy, removal, a smaller count      once, with a state and no plan
//	create_before_destroy                  the same, after Create of the same apply
//	-replace, replace_triggered_by         with state and plan; then without a state, and with the private data of the first call
//	an attribute that cannot be changed    the same
//	taint, by a user or a failed Create    once, without a state and without private data
const (
	causeTaint       = "" // also where nothing is deleted
	causeDestroy     = "destroy"
	causeRequest     = "request"
	causeReplacement = "replacement"
)

// intentKey is the name of an intent in private data.
const intentKey = "intent"

// intent is what a plan means for the job that is in the state.
type intent struct {
	Cause string `json:"cause"`
	// Planned is the [fingerprint] of what is planned in the place of the job.
	Planned fingerprint `json:"planned,omitempty"`
}

func readIntent(ctx context.Context, private privateReader) (intent, diag.Diagnostics) {
	var i intent
	text, diags := private.GetKey(ctx, intentKey)
	if diags.HasError() || text == nil {
		return i, diags
	}
	if err := json.Unmarshal(text, &i); err != nil {
		diags.AddError("Cannot read the plan", fmt.Sprintf("The private data of the job's plan is not what this version of the provider wrote: %v. Make the plan again.", err))
	}
	return i, diags
}

func (i intent) write(ctx context.Context, private privateWriter) diag.Diagnostics {
	text, err := json.Marshal(i)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Cannot write the plan", err.Error())}
	}
	return private.SetKey(ctx, intentKey, text)
}

// asksForAll reports whether what replaces the job m is to run every point, whatever has succeeded before. A taint
// asks for it if a user set it, which is the case if the last apply saw the job succeed. A job that was to run every
// point and failed has not done that.
func (i intent) asksForAll(m *jobModel) bool {
	switch {
	case i.Cause == causeRequest, m.failed() && m.Rerun.ValueBool():
		return true
	case i.Cause == causeTaint:
		return m.ended() && !m.failed() && !m.WaitFailed.ValueBool()
	}
	return false
}

// endReason is what the runtime keeps of the job if it is ended before its time.
func (i intent) endReason() string {
	if i.Cause == causeDestroy {
		return reasonDestroyed
	}
	return reasonReplaced
}

// fingerprint identifies a configuration by the hashes of its attributes, without those that are not known yet.
type fingerprint map[string]string

func (m *jobModel) fingerprint(ctx context.Context) fingerprint {
	f := fingerprint{}
	for name, value := range map[string]attr.Value{
		"name": m.Name, "job_queue": m.JobQueue, "job_definition": m.JobDefinition, "parameters": m.Parameters,
		"matrix": m.Matrix, "include": m.Include, "exclude": m.Exclude, "array_size": m.ArraySize,
		"container_overrides": m.ContainerOverrides, "depends_on_jobs": m.DependsOnJobs, "inputs": m.Inputs, "triggers": m.Triggers,
	} {
		if known(ctx, value) {
			sum := sha256.Sum256([]byte(value.String()))
			f[name] = hex.EncodeToString(sum[:8])
		}
	}
	return f
}

// fits reports whether the plan f can have become is.
func (f fingerprint) fits(is fingerprint) bool {
	for name, hash := range f {
		if is[name] != hash {
			return false
		}
	}
	return true
}
