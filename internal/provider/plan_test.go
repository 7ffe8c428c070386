package provider

import (
	"reflect"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// TestRevisionIsMadeExactlyForItsContent changes each attribute of a definition, and each pair.
func TestRevisionIsMadeExactlyForItsContent(t *testing.T) {
	makesNone := map[string]bool{"Tags": true, "KeepRevisions": true, "ARN": true, "ARNPrefix": true, "Revision": true}
	var was jobDefinitionModel
	filledModel(t, newJobDefinitionResource(), &was)
	fields := reflect.TypeFor[jobDefinitionModel]()
	for i := range fields.NumField() {
		for j := range fields.NumField() {
			is := was
			clear1(&is, i)
			clear1(&is, j)
			want := makesNone[fields.Field(i).Name] && makesNone[fields.Field(j).Name]
			if have := is.sameContent(&was); have != want {
				t.Errorf("without %s and %s: same content %v", fields.Field(i).Name, fields.Field(j).Name, have)
			}
		}
	}
}

// clear1 makes the field at index null.
func clear1(model any, index int) {
	field := reflect.ValueOf(model).Elem().Field(index)
	field.Set(reflect.Zero(field.Type()))
}

// planFrom plans a change of a job that has succeeded.
func planFrom(t *testing.T, change func(was, is *jobModel)) jobModel {
	t.Helper()
	var was jobModel
	emptyModel(t, newJobResource(), &was)
	was.Name, was.JobQueue, was.JobDefinition = types.StringValue("j"), newReference("q"), types.StringValue("d:1")
	was.WaitForCompletion, was.ResultBytesLimit = types.BoolValue(true), types.Int64Value(defaultResultBytes)
	was.outcome = submittedOutcome(&wire.SubmitJobResponse{JobID: "id", JobArn: "arn"}, submission{key: "key", request: wire.SubmitJobRequest{Batchd: &wire.SubmitJobExtension{}}})
	was.Status = types.StringValue(wire.StatusSucceeded)
	is := was
	change(&was, &is)
	is.planOutcome(t.Context(), &was)
	return is
}

func TestOutcomeIsUnknownExactlyWhenSomethingMayRun(t *testing.T) {
	matrix := types.MapValueMust(types.ListType{ElemType: types.StringType}, map[string]attr.Value{
		"a": types.ListValueMust(types.StringType, []attr.Value{types.StringValue("1"), types.StringValue("2")}),
	})
	for name, c := range map[string]struct {
		change                     func(was, is *jobModel)
		id, status, results, keyOf bool // which are unknown
	}{
		"nothing":    {func(_, _ *jobModel) {}, false, false, false, false},
		"queue":      {func(_, is *jobModel) { is.JobQueue = newReference("other") }, false, false, false, false},
		"tags":       {func(_, is *jobModel) { is.Tags = types.MapUnknown(types.StringType) }, false, false, false, false},
		"matrix":     {func(_, is *jobModel) { is.Matrix = matrix }, true, true, true, true},
		"definition": {func(_, is *jobModel) { is.JobDefinition = types.StringUnknown() }, true, true, true, true},
		"trigger":    {func(_, is *jobModel) { is.Triggers = types.MapUnknown(types.StringType) }, true, true, true, true},
		"failed":     {func(was, _ *jobModel) { was.Status = types.StringValue(wire.StatusFailed) }, true, true, true, true},
		"runs":       {func(was, _ *jobModel) { was.Status = types.StringValue(wire.StatusRunning) }, false, true, true, false},
		"runs, no waiting": {func(was, is *jobModel) {
			was.Status, is.WaitForCompletion = types.StringValue(wire.StatusRunning), types.BoolValue(false)
		}, false, false, false, false},
		"limit": {func(_, is *jobModel) { is.ResultBytesLimit = types.Int64Value(5) }, false, false, true, false},
		// An imported job is compared with the configuration, like any other.
		"imported": {func(was, is *jobModel) { was.ContentKey, is.Matrix = types.StringNull(), matrix }, true, true, true, true},
	} {
		is := planFrom(t, c.change)
		have := []bool{is.JobID.IsUnknown(), is.Status.IsUnknown(), is.Results.IsUnknown(), is.ContentKey.IsUnknown()}
		if want := []bool{c.id, c.status, c.results, c.keyOf}; !reflect.DeepEqual(have, want) {
			t.Errorf("%s: unknown are (id, status, results, key) %v, want %v", name, have, want)
		}
	}
}

func TestPlanSaysHowManyPoints(t *testing.T) {
	is := planFrom(t, func(_, is *jobModel) { is.ArraySize = types.Int64Value(12) })
	if is.PointsTotal.ValueInt64() != 12 {
		t.Error(is.PointsTotal)
	}
	is = planFrom(t, func(_, is *jobModel) { is.Matrix = types.MapUnknown(types.ListType{ElemType: types.StringType}) })
	if !is.PointsTotal.IsUnknown() {
		t.Error(is.PointsTotal)
	}
}
