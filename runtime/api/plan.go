package api

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// planJob answers what would become of a submission, or the error it would be refused with.
func (s *server) planJob(ctx context.Context, c call, q *wire.SubmitJobRequest) (wire.PlanJobResponse, error) {
	command, err := s.submitOf(ctx, c, q)
	if err != nil {
		return wire.PlanJobResponse{}, err
	}
	command.Token = "" // what was submitted before does not answer what would happen
	p, err := engine.Ask(ctx, s.Engine, sched.PlanJob{Submit: command})
	if err != nil {
		return wire.PlanJobResponse{}, s.denied(ctx, c, batch.ResourceDefinition+"/"+command.Definition.String(), err)
	}
	answer := wire.PlanJobResponse{
		Placeable: p.Placeable, Code: string(p.Code), Sentence: p.Sentence, Remedy: p.Remedy,
		Runs: p.Runs, Reused: p.Reused, Joins: p.Joins, Waits: p.Waits, Position: p.Position,
		ExpectedStart: int64(p.ExpectedStart), ExpectedEnd: int64(p.ExpectedEnd),
		DurationSeconds: int64(p.Duration.Round(time.Second) / time.Second), Basis: p.Basis,
		ContentKey: p.Key, Adopts: string(p.Adopts),
	}
	answer.JoinsTo, answer.MoreJoinsTo = joinsTo(p.JoinsTo)
	answer.ReusedFrom, answer.MoreReusedFrom, err = s.plannedSources(ctx, p.Takes)
	return answer, err
}

// plannedSources are the submissions that these jobs belong to, those with most of them first, and how many are left out.
func (s *server) plannedSources(ctx context.Context, jobs []batch.JobID) (sources []wire.PlannedSource, more int32, err error) {
	named, parts, more := withMostPoints(jobs, batch.JobID.Root)
	var ids []batch.JobID
	for _, root := range named {
		ids = append(ids, parts[root]...)
	}
	if len(ids) == 0 {
		return nil, 0, nil
	}
	rows, err := s.Store.Jobs(ctx, ids)
	if err != nil {
		return nil, 0, err
	}
	ended := map[batch.JobID]batch.Time{}
	for i := range rows {
		root := rows[i].ID.Root()
		ended[root] = max(ended[root], rows[i].StoppedAt)
	}
	for _, root := range named {
		sources = append(sources, wire.PlannedSource{JobID: string(root), Points: int32(len(parts[root])), EndedAt: int64(ended[root])})
	}
	return sources, more, nil
}

// joinsTo are the submissions that these points belong to, those with most of them first, and how many are left out.
func joinsTo(points []sched.JoinedPoint) (joins []wire.PlannedJoin, more int32) {
	named, parts, more := withMostPoints(points, func(p sched.JoinedPoint) batch.JobID { return p.Job.Root() })
	for _, root := range named {
		join := wire.PlannedJoin{JobID: string(root), Points: int32(len(parts[root]))}
		for _, p := range parts[root] {
			if p.Runs {
				join.Running++
			}
		}
		joins = append(joins, join)
	}
	return joins, more
}

// withMostPoints groups points by their submission, which root returns. It names the submissions with most points, those first
// and [wire.MaxPlannedJobs] at most, and says how many more there are.
func withMostPoints[T any](points []T, root func(T) batch.JobID) (named []batch.JobID, parts map[batch.JobID][]T, more int32) {
	parts = map[batch.JobID][]T{}
	for _, p := range points {
		parts[root(p)] = append(parts[root(p)], p)
	}
	named = slices.SortedFunc(maps.Keys(parts), func(a, b batch.JobID) int {
		return cmp.Or(cmp.Compare(len(parts[b]), len(parts[a])), cmp.Compare(a, b))
	})
	shown := min(len(named), wire.MaxPlannedJobs)
	return named[:shown], parts, int32(len(named) - shown)
}
