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
	if err == nil {
		err = s.mayUse(ctx, c, command.Queue)
	}
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
func (s *server) plannedSources(ctx context.Context, jobs []batch.JobID) ([]wire.PlannedSource, int32, error) {
	parts := map[batch.JobID][]batch.JobID{}
	for _, id := range jobs {
		parts[id.Root()] = append(parts[id.Root()], id)
	}
	roots := slices.SortedFunc(maps.Keys(parts), func(a, b batch.JobID) int {
		return cmp.Or(cmp.Compare(len(parts[b]), len(parts[a])), cmp.Compare(a, b))
	})
	shown := roots[:min(len(roots), wire.MaxPlannedJobs)]
	var named []batch.JobID
	for _, root := range shown {
		named = append(named, parts[root]...)
	}
	if len(named) == 0 {
		return nil, 0, nil
	}
	rows, err := s.Store.Jobs(ctx, named)
	if err != nil {
		return nil, 0, err
	}
	ended := map[batch.JobID]batch.Time{}
	for i := range rows {
		root := rows[i].ID.Root()
		ended[root] = max(ended[root], rows[i].StoppedAt)
	}
	var sources []wire.PlannedSource
	for _, root := range shown {
		sources = append(sources, wire.PlannedSource{JobID: string(root), Points: int32(len(parts[root])), EndedAt: int64(ended[root])})
	}
	return sources, int32(len(roots) - len(shown)), nil
}

// joinsTo are the submissions that these points belong to, those with most of them first, and how many are left out.
func joinsTo(points []sched.JoinedPoint) ([]wire.PlannedJoin, int32) {
	found := map[batch.JobID]wire.PlannedJoin{}
	for _, p := range points {
		root := p.Job.Root()
		join := found[root]
		join.JobID = string(root)
		join.Points++
		if p.Runs {
			join.Running++
		}
		found[root] = join
	}
	joins := slices.SortedFunc(maps.Values(found), func(a, b wire.PlannedJoin) int {
		return cmp.Or(cmp.Compare(b.Points, a.Points), cmp.Compare(a.JobID, b.JobID))
	})
	shown := min(len(joins), wire.MaxPlannedJobs)
	return joins[:shown], int32(len(joins) - shown)
}
