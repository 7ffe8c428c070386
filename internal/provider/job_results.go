package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// resultType is an element of results.
var resultType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"index":            types.Int64Type,
	"job_id":           types.StringType,
	"status":           types.StringType,
	"status_reason":    types.StringType,
	"exit_code":        types.Int64Type,
	"attempts":         types.Int64Type,
	"reused":           types.BoolType,
	"reused_from":      types.StringType,
	"reused_at":        types.StringType,
	"result_json":      types.StringType,
	"result_error":     types.StringType,
	"result_truncated": types.BoolType,
}}

// pointType is an element of points.
var pointType = types.MapType{ElemType: types.StringType}

// pointsValue is the parameters of points in their order, an empty list if none has any. They have an attribute of their own,
// which Terraform does not print: it cannot tell the provider which values of a matrix are sensitive, nor keep that they are
// in what the provider computes from them.
func pointsValue(points []map[string]string) types.List {
	elements := make([]attr.Value, len(points))
	some := false
	for i, point := range points {
		parameters := make(map[string]attr.Value, len(point))
		for name, value := range point {
			parameters[name] = types.StringValue(value)
		}
		elements[i], some = types.MapValueMust(types.StringType, parameters), some || len(point) > 0
	}
	if !some {
		elements = nil
	}
	return types.ListValueMust(pointType, elements)
}

// withoutSecrets returns the results as texts may name them: without the parameters that m says are sensitive.
func (m *jobModel) withoutSecrets(results []wire.Result) []wire.Result {
	secret := map[string]bool{}
	for _, element := range m.SensitiveParameters.Elements() {
		if name, ok := element.(types.String); ok {
			secret[name.ValueString()] = true
		}
	}
	named := slices.Clone(results)
	for i := range named {
		named[i].Parameters = maps.Clone(named[i].Parameters)
		maps.DeleteFunc(named[i].Parameters, func(name, _ string) bool { return secret[name] })
	}
	return named
}

// collect takes over the results of a job that has ended, keeping at most limit bytes of what
// the points left, in their order. It counts the points by what it sees.
func (o *outcome) collect(ctx context.Context, c *client.Client, limit int64) ([]wire.Result, error) {
	results, err := c.AllResults(ctx, o.JobID.ValueString())
	if err != nil {
		return nil, err
	}
	elements := make([]attr.Value, len(results))
	points := make([]map[string]string, len(results))
	var p progress
	truncated := int64(0)
	for i, result := range results {
		fits := int64(len(result.Result)) <= limit
		if fits {
			limit -= int64(len(result.Result))
		} else {
			truncated++
		}
		elements[i], points[i] = resultValue(result, fits), result.Parameters
		p.count(result)
	}
	list, diags := types.ListValue(resultType, elements)
	if diags.HasError() {
		return nil, errorOf(diags)
	}
	o.Points, o.Results, o.ResultsTruncated = pointsValue(points), list, types.Int64Value(truncated)
	o.setPoints(p)
	return results, nil
}

// count adds a point that has ended. One that failed before it had an attempt did not run.
func (p *progress) count(r wire.Result) {
	p.total++
	if r.Status == wire.StatusFailed {
		p.failed++
	}
	switch {
	case r.ReusedFrom != "":
		p.reused++
	case r.Attempts > 0:
		p.ran++
	}
}

// resultValue is one element of results; fits is false where the result is left out.
func resultValue(r wire.Result, fits bool) attr.Value {
	exitCode := types.Int64Null()
	if r.ExitCode != nil {
		exitCode = types.Int64Value(int64(*r.ExitCode))
	}
	left := types.StringNull()
	if fits {
		left = orAbsent(string(r.Result))
	}
	return types.ObjectValueMust(resultType.AttrTypes, map[string]attr.Value{
		"index":            types.Int64Value(int64(r.Index)),
		"job_id":           types.StringValue(r.JobID),
		"status":           types.StringValue(r.Status),
		"status_reason":    orAbsent(r.StatusReason),
		"exit_code":        exitCode,
		"attempts":         types.Int64Value(int64(r.Attempts)),
		"reused":           types.BoolValue(r.ReusedFrom != ""),
		"reused_from":      orAbsent(r.ReusedFrom),
		"reused_at":        moment(r.ReusedAt),
		"result_json":      left,
		"result_error":     orAbsent(r.ResultError),
		"result_truncated": types.BoolValue(!fits),
	})
}

// refuses reports whether m takes for failures results of was that the runtime could not take.
func (m *jobModel) refuses(was *jobModel) bool {
	if m.OnResultError.ValueString() != wire.OnResultErrorFail {
		return false
	}
	for _, element := range was.Results.Elements() {
		if result, ok := element.(types.Object); ok && !result.Attributes()["result_error"].IsNull() {
			return true
		}
	}
	return false
}

// warnOfResults names the points that succeeded with a result that the runtime could not take, each reason once.
func (m *jobModel) warnOfResults(results []wire.Result, diags *diag.Diagnostics) {
	var bad []wire.Result
	for _, r := range results {
		if r.Status == wire.StatusSucceeded && r.ResultError != "" {
			bad = append(bad, r)
		}
	}
	if len(bad) == 0 {
		return
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d points left a result that could not be taken; result_json is null.\n", len(bad), len(results))
	groups := wire.GroupAlike(bad, func(r wire.Result) string { return r.ResultError })
	more := len(bad)
	for _, group := range groups[:min(len(groups), shownReasons)] {
		fmt.Fprintf(&b, "\n%s", describeAlike(group, len(results) > 1))
		more -= len(group.Points)
	}
	if more > 0 {
		fmt.Fprintf(&b, "\nand %d more", more)
	}
	b.WriteString("\n\nNo other job takes such a result. With on_result_error = \"fail\" these points fail, and the next apply runs them again.")
	diags.AddWarning("Job "+m.Name.ValueString()+" left results that could not be taken", wire.PrintableLines(b.String()))
}
