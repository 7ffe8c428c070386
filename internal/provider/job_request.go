package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/matrix"
	"github.com/batchd/terraform-provider-batch/runtime/parameter"
)

// errSweep is wrapped by errors of a matrix and what goes with it.
var errSweep = errors.New("sweep")

// isSweep reports whether m declares points.
func (m *jobModel) isSweep() bool {
	return !m.Matrix.IsNull() || len(m.Include.Elements()) > 0
}

// points expands the sweep that m declares; nil if it declares none. Every value must be known.
func (m *jobModel) points(ctx context.Context) ([]map[string]string, error) {
	if !m.isSweep() {
		return nil, nil
	}
	w := write().put(ctx, "Matrix", m.Matrix).put(ctx, "Include", m.Include).put(ctx, "Exclude", m.Exclude)
	if w.err != nil {
		return nil, w.err
	}
	sweep, err := toWire[matrix.Sweep](w.doc)
	if err != nil {
		return nil, err
	}
	points, err := matrix.Expand(sweep, maxArraySize)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errSweep, err)
	}
	return points, nil
}

// request asks for the job that m declares.
func (m *jobModel) request(ctx context.Context) (wire.SubmitJobRequest, error) {
	points, err := m.points(ctx)
	if err != nil {
		return wire.SubmitJobRequest{}, err
	}
	w := write().put(ctx, "jobName", m.Name).put(ctx, "jobQueue", m.JobQueue).put(ctx, "jobDefinition", m.JobDefinition).
		put(ctx, "parameters", m.Parameters).put(ctx, "retryStrategy", m.RetryStrategy).put(ctx, "timeout", m.Timeout).put(ctx, "tags", m.Tags)
	if !m.ArraySize.IsNull() {
		w.set("arrayProperties", map[string]any{"size": json.Number(m.ArraySize.String())})
	}
	if depends := m.dependencies(ctx); len(depends) > 0 {
		w.set("dependsOn", depends)
	}
	if !m.ContainerOverrides.IsNull() {
		overrides, err := object(ctx, m.ContainerOverrides)
		if err != nil {
			return wire.SubmitJobRequest{}, err
		}
		w.set("containerOverrides", toContainer(overrides))
	}
	extension := write().put(ctx, "inputs", m.Inputs).put(ctx, "triggers", m.Triggers).put(ctx, "reuse", m.Reuse).
		put(ctx, "onResultError", m.OnResultError)
	if w.err = errors.Join(w.err, extension.err); w.err != nil {
		return wire.SubmitJobRequest{}, w.err
	}
	request, err := toWire[wire.SubmitJobRequest](w.set("batchd", extension.doc).doc)
	if err != nil {
		return request, err
	}
	request.Batchd.Points = points
	return request, nil
}

// dependencies names the jobs that m waits for.
func (m *jobModel) dependencies(ctx context.Context) []any {
	var depends []any
	for _, id := range m.dependsOn(ctx) {
		depends = append(depends, map[string]any{"jobId": jobIDOf(id)})
	}
	return depends
}

func (m *jobModel) dependsOn(ctx context.Context) []string {
	var ids []string
	if m.DependsOnJobs.ElementsAs(ctx, &ids, true).HasError() {
		return nil
	}
	return ids
}

// jobIDOf returns the id that an id or an ARN of a job stands for.
func jobIDOf(reference string) string { return nameOf(reference) }

// validate applies the rules of sweeps and of the wire, and reports what breaks one at its attribute.
// Every value must be known.
func (m *jobModel) validate(ctx context.Context, diags *diag.Diagnostics) {
	if m.isSweep() && !m.ArraySize.IsNull() {
		return // the attributes' own validators say that these exclude each other
	}
	request, err := m.request(ctx)
	if err == nil {
		err = request.Validate()
	}
	if err == nil {
		warnOfVariables(&request, diags)
	}
	if !errors.Is(err, errSweep) {
		addInvalid(diags, err)
		return
	}
	text := strings.TrimPrefix(err.Error(), errSweep.Error()+": ")
	diags.AddAttributeError(sweepPath(text), "Invalid sweep", text)
}

// warnOfVariables names the parameters that the first point with such has in no variable. Those of the definition are not looked at.
func warnOfVariables(request *wire.SubmitJobRequest, diags *diag.Diagnostics) {
	points := request.Batchd.Points
	if len(points) == 0 {
		points = []map[string]string{nil}
	}
	for _, point := range points {
		parameters := map[string]string{}
		maps.Copy(parameters, request.Parameters)
		maps.Copy(parameters, point)
		if names := parameter.WithoutVariable(parameters); len(names) > 0 {
			diags.AddWarning("Parameters without an environment variable",
				fmt.Sprintf("The names %s differ only in case or in characters that a variable's name cannot have, so that several would be in %s. The job finds "+
					"none of these in a variable: use Ref::name in its command, or rename them.", strings.Join(names, ", "), parameter.Variable(names[0])))
			return
		}
	}
}

// sweepPath returns the attribute that an error of a sweep begins with.
func sweepPath(text string) path.Path {
	for _, name := range []string{"include", "exclude"} {
		if strings.HasPrefix(text, name) {
			return path.Root(name)
		}
	}
	return path.Root("matrix")
}
