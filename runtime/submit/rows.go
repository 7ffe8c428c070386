package submit

import (
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Row is the row that the job begins with at that moment, as far as it follows from the request and from spec, which the request
// resolves to; size is that of the array.
func (r *Request) Row(at batch.Time, spec *batch.Spec, def *batch.Definition, size int32) batch.Job {
	row := batch.Job{
		ID: r.ID, Name: r.Name, Definition: spec.Definition, Size: size, Status: batch.Submitted, CreatedAt: at,
		Shape: spec.Container.Shape, Retry: spec.Retry, Timeout: spec.Timeout, InContainer: spec.Container.Image != "",
		DependsOn: r.DependsOn, Token: r.Token, Share: r.Share, Priority: r.priority(def), MaxConcurrency: r.MaxConcurrency,
		Needs: spec.Needs, Nodes: nodesOf(spec, def), FailOnResultError: r.FailOnResultError,
	}
	if r.Claim != "" {
		row.Claims = row.Claims.With(batch.Claim{Name: r.Claim, Until: at.Add(batch.ClaimLapse)})
	}
	if size > 0 {
		row.Array = &batch.Array{Points: len(r.Points) > 0, Unborn: batch.Unborn{Status: batch.Submitted, At: at}}
		row.Array.Counts[batch.Submitted] = size
	}
	return row
}

// PointRows are the parameters of the children of an array in rows of bounded size.
func (r *Request) PointRows() (rows []batch.Points) {
	from := int32(0)
	for values := range slices.Chunk(r.Points, batch.PointsPerRow) {
		rows = append(rows, batch.Points{Job: r.ID, From: from, Values: values})
		from += int32(len(values))
	}
	return rows
}

// priority is the place of the job among those of its share.
func (r *Request) priority(def *batch.Definition) int32 {
	priority := def.Priority
	override(&priority, r.Priority)
	return priority
}

// nodesOf is what the scheduler keeps of the nodes of a specification; nil of one without.
func nodesOf(spec *batch.Spec, def *batch.Definition) *batch.Nodes {
	if len(spec.Nodes) == 0 {
		return nil
	}
	n := &batch.Nodes{Count: spec.Nodes[len(spec.Nodes)-1].To + 1, Main: def.Nodes.Main}
	for _, r := range spec.Nodes {
		n.Ranges = append(n.Ranges, batch.NodeRange{
			From: r.From, To: r.To, Shape: r.Container.Shape, InContainer: r.Container.Image != "", Needs: r.Needs,
		})
	}
	return n
}
