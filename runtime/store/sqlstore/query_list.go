package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// ListJobs implements store.Reader.
func (s *Store) ListJobs(ctx context.Context, q store.JobQuery) (jobs []batch.Job, err error) {
	if (q.Queue == "") == (q.Array == "") {
		return nil, s.explain("list jobs of", errors.New("a query must name either a queue or an array"))
	}
	err = s.read(ctx, "list jobs of", func(r *session) error {
		jobs = nil
		if q.Queue != "" {
			jobs, err = r.listQueue(ctx, &q)
		} else {
			jobs, err = r.listArray(ctx, &q)
		}
		return err
	})
	return jobs, err
}

// listQueue reads each wanted status in order of its index and merges them.
func (s *session) listQueue(ctx context.Context, q *store.JobQuery) (jobs []batch.Job, err error) {
	statuses := q.Statuses
	if len(statuses) == 0 {
		statuses = batch.Statuses()
	}
	statuses = slices.Compact(slices.Sorted(slices.Values(statuses)))
	selects := make([]string, 0, len(statuses))
	var args []any
	for _, status := range statuses {
		selects = append(selects, listQueueJobs)
		args = append(args, queueArguments(q, status)...)
	}
	order := " ORDER BY seq LIMIT ?"
	if q.Descending {
		order = " ORDER BY seq DESC LIMIT ?"
	}
	query := strings.Join(selects, " UNION ALL ") + order
	err = s.each(ctx, query, append(args, limit(q.Limit)), func(rows *sql.Rows) error {
		j, err := scanJob(rows)
		jobs = append(jobs, j)
		return err
	})
	return jobs, err
}

// queueArguments are the arguments of listQueueJobs.
func queueArguments(q *store.JobQuery, status batch.Status) []any {
	after, before := q.AfterSeq, int64(math.MaxInt64)
	if q.Descending {
		after = 0
		if q.AfterSeq > 0 {
			before = q.AfterSeq
		}
	}
	createdBefore := int64(q.CreatedBefore)
	if createdBefore == 0 {
		createdBefore = math.MaxInt64
	}
	createdAfter := int64(q.CreatedAfter)
	if createdAfter == 0 {
		createdAfter = math.MinInt64
	}
	name := strings.ToLower(q.Name)
	namePrefix, nameLength := prefix(name, "")
	definitionPrefix, definitionLength := prefix(q.Definition, ":")
	return []any{
		q.Queue, int64(status), after, before, createdAfter, createdBefore,
		name, name, nameLength, namePrefix, q.Definition, q.Definition, definitionLength, definitionPrefix,
	}
}

// prefix returns what a text must begin with to match pattern, and its length: the part
// before a final "*", else, if there is a separator, pattern and separator. A prefix that nothing has is "*".
func prefix(pattern, separator string) (string, int) {
	if before, ok := strings.CutSuffix(pattern, "*"); ok {
		return before, utf8.RuneCountInString(before)
	}
	if separator != "" {
		return pattern + separator, utf8.RuneCountInString(pattern + separator)
	}
	return "*", 0
}

// matches reports whether a child is one that q asks for.
func matches(q *store.JobQuery, j *batch.Job) bool {
	name, definition := strings.ToLower(j.Name), j.Definition.String()
	wantName := strings.ToLower(q.Name)
	namePrefix, nameIsPrefix := strings.CutSuffix(wantName, "*")
	definitionPrefix, definitionIsPrefix := strings.CutSuffix(q.Definition, "*")
	switch {
	case len(q.Statuses) > 0 && !slices.Contains(q.Statuses, j.Status),
		q.CreatedBefore != 0 && j.CreatedAt >= q.CreatedBefore,
		q.CreatedAfter != 0 && j.CreatedAt <= q.CreatedAfter:
		return false
	case nameIsPrefix && !strings.HasPrefix(name, namePrefix), !nameIsPrefix && wantName != "" && name != wantName:
		return false
	case definitionIsPrefix:
		return strings.HasPrefix(definition, definitionPrefix)
	}
	return q.Definition == "" || definition == q.Definition || strings.HasPrefix(definition, q.Definition+":")
}

// listArray walks the indices of an array once, taking each child from its row or from
// its array, and stops at the limit.
func (s *session) listArray(ctx context.Context, q *store.JobQuery) ([]batch.Job, error) {
	found, err := s.submissions(ctx, jobsByID, []any{string(q.Array)})
	array, ok := found[q.Array]
	if err != nil || !ok || array.Array == nil || q.AfterIndex >= array.Size-1 {
		return nil, err
	}
	walk := arrayWalk{q: q, array: &array, next: max(q.AfterIndex, -1) + 1}
	unborn := array.Synthesise(walk.next)
	walk.unborn = matches(q, &unborn)
	base := baseOf(&array)
	after, before := childKey(array.Seq, walk.next-1), submissionKey(array.Seq+1)
	err = s.each(ctx, listChildren, []any{after, before}, func(rows *sql.Rows) error {
		var k key
		var status batch.Status
		var data sql.RawBytes
		if err := rows.Scan(&k, &status, &data); err != nil {
			return err
		}
		_, index := splitKey(k)
		walk.upTo(index)
		walk.next = index + 1
		if !walk.full() && (len(q.Statuses) == 0 || slices.Contains(q.Statuses, status)) {
			child, err := childOf(&array, base, index, status, data)
			if err != nil {
				return err
			}
			if matches(q, &child) {
				walk.jobs = append(walk.jobs, child)
			}
		}
		if walk.full() {
			return errEnough
		}
		return nil
	})
	walk.upTo(array.Size)
	return walk.jobs, err
}

// arrayWalk collects the children of an array in order.
type arrayWalk struct {
	q      *store.JobQuery
	array  *batch.Job
	unborn bool  // children without a row are wanted
	next   int32 // the index to look at
	jobs   []batch.Job
}

func (w *arrayWalk) full() bool { return w.q.Limit > 0 && len(w.jobs) >= w.q.Limit }

// upTo adds the children before index, none of which has a row.
func (w *arrayWalk) upTo(index int32) {
	for ; w.unborn && w.next < index && !w.full(); w.next++ {
		w.jobs = append(w.jobs, w.array.Synthesise(w.next))
	}
}
