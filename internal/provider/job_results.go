package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// resultType is an element of results.
var resultType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"index":            types.Int64Type,
	"job_id":           types.StringType,
	"parameters":       types.MapType{ElemType: types.StringType},
	"status":           types.StringType,
	"status_reason":    types.StringType,
	"exit_code":        types.Int64Type,
	"attempts":         types.Int64Type,
	"reused":           types.BoolType,
	"result_json":      types.StringType,
	"result_truncated": types.BoolType,
}}

// collect takes over the results of a job that has ended, keeping at most limit bytes of what
// the points left, in their order. It counts the points by what it sees.
func (o *outcome) collect(ctx context.Context, c *client.Client, limit int64) ([]wire.Result, error) {
	results, err := c.AllResults(ctx, o.JobID.ValueString())
	if err != nil {
		return nil, err
	}
	elements := make([]attr.Value, len(results))
	var p progress
	truncated := int64(0)
	for i, result := range results {
		fits := int64(len(result.Result)) <= limit
		if fits {
			limit -= int64(len(result.Result))
		} else {
			truncated++
		}
		elements[i] = resultValue(result, fits)
		p.count(result)
	}
	list, diags := types.ListValue(resultType, elements)
	if diags.HasError() {
		return nil, errorOf(diags)
	}
	o.Results, o.ResultsTruncated = list, types.Int64Value(truncated)
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
	parameters := make(map[string]attr.Value, len(r.Parameters))
	for name, value := range r.Parameters {
		parameters[name] = types.StringValue(value)
	}
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
		"parameters":       types.MapValueMust(types.StringType, parameters),
		"status":           types.StringValue(r.Status),
		"status_reason":    orAbsent(r.StatusReason),
		"exit_code":        exitCode,
		"attempts":         types.Int64Value(int64(r.Attempts)),
		"reused":           types.BoolValue(r.ReusedFrom != ""),
		"result_json":      left,
		"result_truncated": types.BoolValue(!fits),
	})
}
