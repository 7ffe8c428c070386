package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/matrix"
	"github.com/batchd/terraform-provider-batch/runtime/parameter"
)

// An imported job is described by what the runtime knows of its submission, so that a configuration that differs shows a
// difference, and the one that Terraform generates runs the same. The runtime answers what a job has of its
// definition and its submission together: what equals the definition's is left to it.

// adopt makes m the resource of a job that was submitted elsewhere.
func (m *jobModel) adopt(ctx context.Context, c *client.Client, d wire.JobDetail) error {
	if strings.Contains(d.JobID, ":") {
		return fmt.Errorf("%s is one child of an array: import the array", d.JobID)
	}
	page, err := c.DescribeJobDefinitions(ctx, &wire.DescribeJobDefinitionsRequest{JobDefinitions: []string{d.JobDefinition}})
	if err != nil {
		return fmt.Errorf("read job definition: %w", err)
	}
	var definition wire.JobDefinition
	if len(page.JobDefinitions) > 0 {
		definition = page.JobDefinitions[0]
	}
	r, extension := submissionOf(d, definition), read(d.Batchd)
	m.Name, m.JobQueue, m.JobDefinition = types.StringValue(d.JobName), newReference(d.JobQueue), types.StringValue(d.JobDefinition)
	m.Parameters = take(ctx, r, "parameters", m.Parameters)
	m.ContainerOverrides = take(ctx, r, "containerOverrides", m.ContainerOverrides)
	m.DependsOnJobs = take(ctx, r, "dependsOn", m.DependsOnJobs)
	m.RetryStrategy = take(ctx, r, "retryStrategy", m.RetryStrategy)
	m.Timeout = take(ctx, r, "timeout", m.Timeout)
	m.Tags = take(ctx, r, "tags", m.Tags)
	m.Inputs = take(ctx, extension, "inputs", m.Inputs)
	m.Triggers = take(ctx, extension, "triggers", m.Triggers)
	m.ContentKey = take(ctx, extension, "contentKey", m.ContentKey)
	m.Reuse, m.WaitForCompletion, m.ResultBytesLimit = types.BoolValue(true), types.BoolValue(true), types.Int64Value(defaultResultBytes)
	m.Claim, m.Rerun, m.WaitFailed = newClaim(), types.BoolValue(false), types.BoolValue(false)
	m.Points, m.Results = types.ListValueMust(pointType, nil), types.ListValueMust(resultType, nil)
	m.ResultsTruncated = types.Int64Value(0)
	if r.err != nil || extension.err != nil || d.ArrayProperties == nil {
		return errors.Join(r.err, extension.err)
	}
	return m.adoptPoints(ctx, c, d)
}

// adoptPoints takes over the points of an array: as a matrix if they are one, as a list otherwise.
func (m *jobModel) adoptPoints(ctx context.Context, c *client.Client, d wire.JobDetail) error {
	results, err := c.AllResults(ctx, d.JobID)
	if err != nil {
		return fmt.Errorf("read the points: %w", err)
	}
	points := make([]map[string]string, len(results))
	for i, result := range results {
		points[i] = result.Parameters
	}
	m.Points = pointsValue(points)
	if len(m.Points.Elements()) == 0 {
		m.ArraySize = types.Int64Value(int64(len(results)))
		return nil
	}
	r := read(map[string]any{"matrix": matrixOf(points), "include": points})
	if m.Matrix = take(ctx, r, "matrix", m.Matrix); m.Matrix.IsNull() {
		m.Include = take(ctx, r, "include", m.Include)
	}
	return r.err
}

// matrixOf returns the matrix whose points these are, in their order; nil if there is none.
func matrixOf(points []map[string]string) map[string][]string {
	axes := map[string][]string{}
	for _, point := range points {
		for name, value := range point {
			if !slices.Contains(axes[name], value) {
				axes[name] = append(axes[name], value)
			}
		}
	}
	// The sweep is expanded only if it has as many points, as it may have very many more.
	size := 1
	for _, values := range axes {
		size = min(size*len(values), len(points)+1)
	}
	if size != len(points) {
		return nil
	}
	sweep, err := toWire[matrix.Sweep](map[string]any{"Matrix": axes})
	if err != nil {
		return nil
	}
	expanded, err := matrix.Expand(sweep, len(points))
	if err != nil || !reflect.DeepEqual(expanded, points) {
		return nil
	}
	return axes
}

// submissionOf is the document of a job without what it has of its definition.
func submissionOf(d wire.JobDetail, definition wire.JobDefinition) *reading {
	r, base := read(d), read(definition).doc
	r.doc["retryStrategy"], base["retryStrategy"] = spelledOut(r.doc["retryStrategy"]), spelledOut(base["retryStrategy"])
	for _, member := range []string{"retryStrategy", "timeout"} {
		if reflect.DeepEqual(r.doc[member], base[member]) {
			delete(r.doc, member)
		}
	}
	r.doc["parameters"] = without(r.doc["parameters"], base["parameters"])
	var depends []any
	for _, dependency := range d.DependsOn {
		depends = append(depends, dependency.JobID)
	}
	r.doc["dependsOn"] = depends
	own, _ := r.doc["container"].(map[string]any)
	theirs, _ := base["containerProperties"].(map[string]any)
	if own == nil || theirs == nil {
		return r
	}
	own, theirs = fromContainer(own), fromContainer(theirs)
	overrides := map[string]any{
		"environment":          without(own["environment"], theirs["environment"]),
		"resourceRequirements": without(own["resourceRequirements"], theirs["resourceRequirements"]),
	}
	if !slices.Equal(wordsOf(own["command"]), parameter.Resolve(wordsOf(theirs["command"]), d.Parameters)) {
		overrides["command"] = own["command"]
	}
	r.doc["containerOverrides"] = overrides
	return r
}

// spelledOut is a retry strategy in one form, whatever is left out of it.
func spelledOut(doc any) map[string]any {
	fromRetryStrategy(doc)
	given, _ := doc.(map[string]any)
	strategy := map[string]any{"attempts": json.Number("1"), "evaluateOnExit": []any{}}
	maps.Copy(strategy, given)
	return strategy
}

// without returns the members of a document that base does not have with the same value.
func without(doc, base any) map[string]any {
	members, _ := doc.(map[string]any)
	theirs, _ := base.(map[string]any)
	own := maps.Clone(members)
	maps.DeleteFunc(own, func(name string, value any) bool { return sameScalar(theirs[name], value) })
	return own
}

// sameScalar reports whether two scalars are equal; numbers are by value, whatever their spelling.
func sameScalar(a, b any) bool {
	x, isNumber := a.(json.Number)
	y, isNumberToo := b.(json.Number)
	if !isNumber || !isNumberToo {
		return reflect.DeepEqual(a, b)
	}
	f, err := x.Float64()
	g, errToo := y.Float64()
	return err == nil && errToo == nil && f == g
}

// wordsOf returns the words of a command in a document.
func wordsOf(doc any) []string {
	list, _ := doc.([]any)
	words := make([]string, 0, len(list))
	for _, item := range list {
		word, _ := item.(string)
		words = append(words, word)
	}
	return words
}
