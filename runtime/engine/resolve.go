package engine

import (
	"context"
	"fmt"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// resolver makes from an order, which carries ids, what a driver is to run. One goroutine uses it.
type resolver struct {
	store       store.Reader
	submissions *cache[batch.JobID, *submission]
	points      *cache[pointsKey, []map[string]string]
	metadata    func(batch.AttemptID) string // see [Options.Metadata]
}

// pointsKey names one row of points: those of children from*, batch.PointsPerRow of them.
type pointsKey struct {
	array batch.JobID
	from  int32
}

func newResolver(s store.Reader, metadata func(batch.AttemptID) string) *resolver {
	return &resolver{
		store:       s,
		metadata:    metadata,
		submissions: newCache[batch.JobID, *submission](cachedSubmissions),
		points:      newCache[pointsKey, []map[string]string](cachedPoints),
	}
}

// resolve returns what to start. Orders whose submission or point is not in the store will never have one;
// they come back as exits. An error means that the store could not be read.
func (r *resolver) resolve(ctx context.Context, orders []sched.StartAttempt) ([]compute.Start, []batch.Exit, error) {
	if err := r.fetch(ctx, orders); err != nil {
		return nil, nil, err
	}
	starts := make([]compute.Start, 0, len(orders))
	var hopeless []batch.Exit
	for _, o := range orders {
		s, ok := r.submissions.get(o.Attempt.Job.Root())
		if !ok {
			hopeless = append(hopeless, notStarted(o.Attempt, "the specification of job %s is not in the store", o.Attempt.Job.Root()))
			continue
		}
		run := s.of(o.Attempt.Job)
		if run == nil {
			hopeless = append(hopeless, notStarted(o.Attempt, "the specification of job %s says nothing of %s", o.Attempt.Job.Root(), o.Attempt.Job))
			continue
		}
		point, ok, err := r.point(ctx, o)
		if err != nil {
			return nil, nil, err
		}
		if !ok {
			hopeless = append(hopeless, notStarted(o.Attempt, "the parameters of job %s are not in the store", o.Attempt.Job))
			continue
		}
		start := run.start(o, point)
		if r.metadata != nil {
			start.Environment = append(start.Environment, variableMetadata+"="+r.metadata(o.Attempt))
		}
		starts = append(starts, start)
	}
	return starts, hopeless, nil
}

func notStarted(id batch.AttemptID, format string, args ...any) batch.Exit {
	return batch.Exit{Attempt: id, Kind: batch.FailedToStart, Reason: fmt.Sprintf(format, args...)}
}

// fetch reads the specifications that are not at hand, in one query.
func (r *resolver) fetch(ctx context.Context, orders []sched.StartAttempt) error {
	var missing []batch.JobID
	asked := map[batch.JobID]bool{}
	for _, o := range orders {
		root := o.Attempt.Job.Root()
		if asked[root] {
			continue
		}
		asked[root] = true
		if _, ok := r.submissions.get(root); !ok {
			missing = append(missing, root)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	specs, err := r.store.Specs(ctx, missing)
	if err != nil {
		return fmt.Errorf("reading the specifications of %d jobs: %w", len(missing), err)
	}
	for root, spec := range specs {
		r.submissions.put(root, newSubmission(spec))
	}
	return nil
}

// point returns the parameters of the child that o starts; nil if it has none of its own.
func (r *resolver) point(ctx context.Context, o sched.StartAttempt) (map[string]string, bool, error) {
	if !o.Points {
		return nil, true, nil
	}
	array, index, _ := o.Attempt.Job.Split()
	key := pointsKey{array, index - index%batch.PointsPerRow}
	row, ok := r.points.get(key)
	if !ok {
		var err error
		if row, err = r.store.Points(ctx, array, key.from, batch.PointsPerRow); err != nil {
			return nil, false, fmt.Errorf("reading the parameters of job %s: %w", array, err)
		}
		r.points.put(key, row)
	}
	at := int(index - key.from)
	if at >= len(row) {
		return nil, false, nil
	}
	return batch.OwnPoint(row[at]), true, nil
}
