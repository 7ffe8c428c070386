package describe

import (
	"context"
	"fmt"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// Job returns the job with an id or an ARN; an error of kind [batch.NotFound] if there is none.
func Job(ctx context.Context, r store.Reader, place batch.Place, id string) (batch.Job, error) {
	found, err := r.Jobs(ctx, []batch.JobID{batch.JobID(place.NameOf(batch.ResourceJob, id))})
	if err != nil {
		return batch.Job{}, err
	}
	if len(found) == 0 {
		return batch.Job{}, batch.Errorf(batch.NotFound, "job %s does not exist", id)
	}
	return found[0], nil
}

// Rows are the rows that describe jobs.
type Rows struct {
	place       batch.Place
	jobs        map[batch.JobID]batch.Job // those asked for, their roots, and the main nodes of multi-node jobs
	specs       map[batch.JobID]batch.Spec
	definitions map[batch.DefinitionRef]*Definition
	attempts    map[batch.JobID][]batch.Attempt
	results     map[batch.AttemptID][]byte
	tags        map[string]map[string]string
	points      map[batch.JobID]map[string]string // of the children of sweeps
	reusedAt    map[batch.JobID]batch.Time        // when the jobs ended whose results they took
}

// Read reads what describes jobs, each kind of row at once. ARNs are made of place.
func Read(ctx context.Context, r store.Reader, place batch.Place, jobs []batch.Job) (*Rows, error) {
	rows := &Rows{place: place}
	if len(jobs) == 0 {
		return rows, nil
	}
	var ids []batch.JobID
	var results []batch.AttemptID
	var tagged []string
	roots, others := newSet[batch.JobID](), newSet[batch.JobID]()
	for _, j := range jobs {
		ids = append(ids, j.ID)
		roots.add(j.ID.Root())
		if _, _, part := j.ID.Part(); part {
			others.add(j.ID.Root())
		} else {
			tagged = append(tagged, jobTags(j.ID))
		}
		if main := ran(j); main != j.ID {
			ids = append(ids, main)
			others.add(main)
		}
		if j.Result.Number > 0 {
			results = append(results, j.Result)
		}
	}
	var around []batch.Job
	var err error
	if len(others.list) > 0 {
		if around, err = r.Jobs(ctx, others.list); err != nil {
			return nil, fmt.Errorf("jobs around them: %w", err)
		}
	}
	rows.jobs = make(map[batch.JobID]batch.Job, len(jobs)+len(around))
	for _, j := range slices.Concat(jobs, around) {
		rows.jobs[j.ID] = j
	}
	if rows.specs, err = r.Specs(ctx, roots.list); err != nil {
		return nil, fmt.Errorf("specifications: %w", err)
	}
	if attempted := slices.DeleteFunc(ids, func(id batch.JobID) bool { return !attempted(rows.jobs[id]) }); len(attempted) > 0 {
		if rows.attempts, err = r.Attempts(ctx, attempted); err != nil {
			return nil, fmt.Errorf("attempts: %w", err)
		}
	}
	if len(results) > 0 {
		if rows.results, err = r.Results(ctx, results); err != nil {
			return nil, fmt.Errorf("results: %w", err)
		}
	}
	if len(tagged) > 0 {
		if rows.tags, err = r.Tags(ctx, tagged); err != nil {
			return nil, fmt.Errorf("tags: %w", err)
		}
	}
	if rows.reusedAt, err = reusedAt(ctx, r, jobs); err != nil {
		return nil, fmt.Errorf("jobs whose results were taken: %w", err)
	}
	if rows.points, err = pointsOf(ctx, r, jobs, rows.jobs); err != nil {
		return nil, fmt.Errorf("points: %w", err)
	}
	if rows.definitions, err = Definitions(ctx, r, jobs); err != nil {
		return nil, fmt.Errorf("job definitions: %w", err)
	}
	return rows, nil
}

// jobTags is what the tags of a job are stored under.
func jobTags(id batch.JobID) string { return batch.ResourceJob + "/" + string(id) }

// attempted reports whether there was ever an attempt of j.
func attempted(j batch.Job) bool { return j.Attempt > 0 || j.AttemptsBefore > 0 }

// ran returns which job the attempts of j are of: the main node of a multi-node job, else j itself.
func ran(j batch.Job) batch.JobID {
	if j.Nodes != nil {
		return j.ID.Node(j.Nodes.Main)
	}
	return j.ID
}

// block is a run of an array's children whose points are read together.
type block struct {
	array batch.JobID
	from  int32
}

// pointsOf returns the parameters that children of sweeps have of their own. Their arrays are among known.
func pointsOf(ctx context.Context, r store.Reader, jobs []batch.Job, known map[batch.JobID]batch.Job) (map[batch.JobID]map[string]string, error) {
	last := map[block]int32{}
	blocks := newSet[block]()
	first := map[block]int32{}
	for _, j := range jobs {
		parent, index, child := j.Parent()
		if a := known[parent].Array; !child || a == nil || !a.Points {
			continue
		}
		b := block{parent, index - index%batch.PointsPerRow}
		if blocks.add(b) {
			first[b], last[b] = index, index
		}
		first[b], last[b] = min(first[b], index), max(last[b], index)
	}
	points := map[batch.JobID]map[string]string{}
	for _, b := range blocks.list {
		found, err := r.Points(ctx, b.array, first[b], int(last[b]-first[b])+1)
		if err != nil {
			return nil, err
		}
		for i, point := range found {
			points[b.array.Child(first[b]+int32(i))] = point
		}
	}
	return points, nil
}

// set is a list without repetitions, in order of arrival.
type set[T comparable] struct {
	list []T
	held map[T]bool
}

func newSet[T comparable]() *set[T] { return &set[T]{list: []T{}, held: map[T]bool{}} }

// add reports whether v is new.
func (s *set[T]) add(v T) bool {
	if s.held[v] {
		return false
	}
	s.held[v] = true
	s.list = append(s.list, v)
	return true
}
