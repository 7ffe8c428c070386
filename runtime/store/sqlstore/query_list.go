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
func (s reader) ListJobs(ctx context.Context, q store.JobQuery) (jobs []batch.Job, err error) {
	if bit(q.Queue != "")+bit(q.Array != "")+bit(q.Consumable != "") != 1 {
		return nil, s.store.explain("list jobs of", errors.New("a query must name either a queue, an array or a consumable resource"))
	}
	err = s.read(ctx, "list jobs of", func(r *session) error {
		switch {
		case q.Queue != "":
			jobs, err = r.listQueue(ctx, &q)
		case q.Array != "":
			jobs, err = r.listParts(ctx, &q)
		default:
			jobs, err = r.listNeeding(ctx, &q)
		}
		return err
	})
	return jobs, err
}

// listQueue reads each wanted status in order of its index and merges them.
func (s *session) listQueue(ctx context.Context, q *store.JobQuery) ([]batch.Job, error) {
	statuses := q.Statuses
	if len(statuses) == 0 {
		statuses = batch.Statuses()
	}
	statuses = slices.Compact(slices.Sorted(slices.Values(statuses)))
	selects := make([]string, 0, len(statuses))
	var args []any
	for _, status := range statuses {
		selects = append(selects, listQueueJobs)
		args = append(append(args, q.Queue, int64(status)), filterArguments(q)...)
	}
	return s.list(ctx, q, strings.Join(selects, " UNION ALL ")+" ORDER BY seq", args)
}

// listNeeding reads the submissions that need a consumable resource.
func (s *session) listNeeding(ctx context.Context, q *store.JobQuery) ([]batch.Job, error) {
	wanted := q.Statuses
	if len(wanted) == 0 {
		wanted = batch.Statuses()
	}
	var statuses int64
	for _, status := range wanted {
		statuses |= 1 << status
	}
	return s.list(ctx, q, listNeedingJobs+" ORDER BY n.seq", append([]any{q.Consumable, statuses}, filterArguments(q)...))
}

// list reads a page of submissions by a query that ends in its order.
func (s *session) list(ctx context.Context, q *store.JobQuery, query string, args []any) (jobs []batch.Job, err error) {
	if q.Descending {
		query += " DESC"
	}
	known := words{}
	if q.Queue != "" && q.Limit > 0 && q.Limit <= briefRows && q.Name+q.Definition+q.Share == "" && q.CreatedBefore|q.CreatedAfter == 0 {
		ctx = brief(ctx) // every row that is read is one that is wanted
	}
	err = s.each(ctx, query+" LIMIT ?", append(args, limit(q.Limit)), func(rows *sql.Rows) error {
		j, err := scanJob(rows, known)
		jobs = append(jobs, j)
		return err
	})
	return jobs, err
}

// filterArguments are the bounds of seq and the arguments of jobFilters.
func filterArguments(q *store.JobQuery) []any {
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
	sharePrefix, shareLength := prefix(q.Share, "")
	return []any{
		after, before, createdAfter, createdBefore, name, name, nameLength, namePrefix,
		q.Definition, q.Definition, definitionLength, definitionPrefix, q.Share, q.Share, shareLength, sharePrefix,
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

// matchesShare reports whether a share identifier is one that q asks for.
func matchesShare(q *store.JobQuery, share string) bool {
	if before, ok := strings.CutSuffix(q.Share, "*"); ok {
		return strings.HasPrefix(share, before)
	}
	return q.Share == "" || q.Share == share
}

// listParts walks the indices of an array or a multi-node job once, taking each part from its
// row or from its root, and stops at the limit.
func (s *session) listParts(ctx context.Context, q *store.JobQuery) ([]batch.Job, error) {
	found, err := s.submissionsByID(ctx, []batch.JobID{q.Array})
	root, ok := found[q.Array]
	if err != nil || !ok || !matchesShare(q, root.Share) || q.AfterIndex >= partCount(&root)-1 {
		return nil, err
	}
	walk := partWalk{q: q, root: &root, next: max(q.AfterIndex, -1) + 1}
	unborn := synthesise(&root, walk.next)
	walk.unborn = matches(q, &unborn)
	of, known := familyOf(&root), words{}
	after, before := partKey(root.Seq, walk.next-1), submissionKey(root.Seq+1)
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
			part, err := of.part(index, status, data, known)
			if err != nil {
				return err
			}
			if matches(q, &part) {
				walk.jobs = append(walk.jobs, part)
			}
		}
		if walk.full() {
			return errEnough
		}
		return nil
	})
	walk.upTo(partCount(&root))
	return walk.jobs, err
}

// partWalk collects the parts of a submission in order.
type partWalk struct {
	q      *store.JobQuery
	root   *batch.Job
	unborn bool  // parts without a row are wanted
	next   int32 // the index to look at
	jobs   []batch.Job
}

func (w *partWalk) full() bool { return w.q.Limit > 0 && len(w.jobs) >= w.q.Limit }

// upTo adds the parts before index, none of which has a row.
func (w *partWalk) upTo(index int32) {
	for ; w.unborn && w.next < index && !w.full(); w.next++ {
		w.jobs = append(w.jobs, synthesise(w.root, w.next))
	}
}
