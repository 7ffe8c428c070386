package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// Jobs implements store.Reader.
func (s reader) Jobs(ctx context.Context, ids []batch.JobID) (jobs []batch.Job, err error) {
	err = s.read(ctx, "read jobs from", func(r *session) error {
		submissions, err := r.submissionsByID(ctx, uniqueRoots(ids))
		if err != nil {
			return err
		}
		parts, err := r.parts(ctx, submissions, ids)
		if err != nil {
			return err
		}
		jobs = inOrder(ids, func(id batch.JobID) (batch.Job, bool) {
			root, ok := submissions[id.Root()]
			if root.ID == id || !ok {
				return root, ok
			}
			if part, ok := parts[id]; ok {
				return part, true
			}
			index, ok := partIndex(&root, id)
			if !ok {
				return batch.Job{}, false
			}
			return synthesise(&root, index), true
		})
		return nil
	})
	return jobs, err
}

// uniqueRoots returns the submissions that ids belong to, each once.
func uniqueRoots(ids []batch.JobID) []batch.JobID {
	seen := make(map[batch.JobID]bool, len(ids))
	var all []batch.JobID
	for _, id := range ids {
		if root := id.Root(); !seen[root] {
			seen[root] = true
			all = append(all, root)
		}
	}
	return all
}

// submissions adds the jobs that a query finds whose IN list is keys.
func (s *session) submissions(ctx context.Context, query string, keys []any, found map[batch.JobID]batch.Job) error {
	return s.eachIn(ctx, query, keys, func(rows *sql.Rows) error {
		j, err := scanJob(rows, nil)
		if err == nil {
			found[j.ID] = j
		}
		return err
	})
}

// parts reads those parts of roots among ids that have a row.
func (s *session) parts(ctx context.Context, roots map[batch.JobID]batch.Job, ids []batch.JobID) (map[batch.JobID]batch.Job, error) {
	all := families{}
	byID := make(map[batch.JobID]*batch.Job, len(roots))
	for id, root := range roots {
		all.add(root)
		byID[id] = all[root.Seq].root
	}
	var keys []any
	for _, id := range ids {
		if root := byID[id.Root()]; root != nil {
			if index, ok := partIndex(root, id); ok {
				keys = append(keys, partKey(root.Seq, index))
			}
		}
	}
	found := make(map[batch.JobID]batch.Job, len(keys))
	err := s.eachIn(ctx, childrenByID, keys, func(rows *sql.Rows) error {
		part, err := all.scan(rows, nil)
		found[part.ID] = part
		return err
	})
	return found, err
}

// Children implements store.Reader.
func (s reader) Children(ctx context.Context, root batch.JobID) (parts []batch.Job, err error) {
	err = s.read(ctx, "read children from", func(r *session) error {
		parts = nil
		found, err := r.submissionsByID(ctx, []batch.JobID{root})
		if err != nil {
			return err
		}
		all, known := families{}, words{}
		all.add(found[root])
		seq := found[root].Seq
		return r.each(ctx, listChildren, []any{submissionKey(seq), submissionKey(seq + 1)}, func(rows *sql.Rows) error {
			part, err := all.scan(rows, known)
			parts = append(parts, part)
			return err
		})
	})
	return parts, err
}

// JobByToken implements store.Reader.
func (s reader) JobByToken(ctx context.Context, token string) (id batch.JobID, found bool, err error) {
	if s.store.trust.holds() && !s.store.tokens.may(token) {
		return "", false, s.store.usable(ctx, "read a token from")
	}
	err = s.read(ctx, "read a token from", func(r *session) error {
		found, err = r.one(ctx, jobByToken, []any{token}, &id)
		return err
	})
	return id, found, err
}

// Succeeded implements store.Reader. The newest job is the one submitted last, then the
// one with the largest index.
func (s reader) Succeeded(ctx context.Context, q store.SucceededQuery) (map[string]batch.Job, error) {
	wanted := make(map[string]bool, len(q.Keys))
	hashes := make([]any, 0, len(q.Keys))
	jobs, children := succeededJobs, succeededChildren
	if len(q.Queues) > 0 {
		jobs, children = allSucceededJobs, allSucceededChildren
	}
	for _, k := range q.Keys {
		if k != "" && !wanted[k] {
			wanted[k] = true
			hashes = append(hashes, hashOf(k))
		}
	}
	found := make(map[string]batch.Job, len(hashes))
	keep := func(j batch.Job) {
		if wanted[j.ContentKey] && batch.MatchesQueue(q.Queues, j.QueueName) && !newer(found[j.ContentKey], j) {
			found[j.ContentKey] = j
		}
	}
	err := s.read(ctx, "read succeeded jobs from", func(r *session) error {
		clear(found)
		err := r.eachIn(ctx, jobs, hashes, func(rows *sql.Rows) error {
			j, err := scanJob(rows, nil)
			keep(j)
			return err
		})
		if err != nil {
			return err
		}
		return r.succeededChildren(ctx, children, hashes, keep)
	})
	return found, err
}

// newer reports whether a was submitted after b.
func newer(a, b batch.Job) bool {
	_, i, _ := a.ID.Part()
	_, k, _ := b.ID.Part()
	return cmp.Or(cmp.Compare(a.Seq, b.Seq), cmp.Compare(i, k)) > 0
}

// succeededChildren finds parts by hash, then their roots, which they need to be whole.
func (s *session) succeededChildren(ctx context.Context, query string, hashes []any, keep func(batch.Job)) error {
	type row struct {
		key    key
		status batch.Status
		data   []byte
	}
	var rowsFound []row
	seqs := map[int64]bool{}
	err := s.eachIn(ctx, query, hashes, func(rows *sql.Rows) error {
		var r row
		if err := rows.Scan(&r.key, &r.status, &r.data); err != nil {
			return err
		}
		seq, _ := splitKey(r.key)
		seqs[seq] = true
		rowsFound = append(rowsFound, r)
		return nil
	})
	if err != nil || len(rowsFound) == 0 {
		return err
	}
	keys := make([]any, 0, len(seqs))
	for seq := range seqs {
		keys = append(keys, seq)
	}
	submissions := make(map[batch.JobID]batch.Job, len(keys))
	if err := s.submissions(ctx, jobsBySeq, keys, submissions); err != nil {
		return err
	}
	all := families{}
	for _, j := range submissions {
		all.add(j)
	}
	for _, r := range rowsFound {
		part, err := all.part(r.key, r.status, r.data, nil)
		if err != nil {
			return err
		}
		keep(part)
	}
	return nil
}

// Counts implements store.Reader.
func (s reader) Counts(ctx context.Context) (counts [batch.StatusCount]int64, err error) {
	byQueue, err := s.QueueCounts(ctx)
	for _, queue := range byQueue {
		for status, n := range queue {
			counts[status] += n
		}
	}
	return counts, err
}

// QueueCounts implements store.Reader. It counts submissions in an index and takes the children of an array from
// its row, so it costs the same whatever the size of arrays.
func (s reader) QueueCounts(ctx context.Context) (map[string][batch.StatusCount]int64, error) {
	counts := map[string][batch.StatusCount]int64{}
	add := func(queue string, n *[batch.StatusCount]int64) {
		sum := counts[queue]
		for status := range n {
			sum[status] += n[status]
		}
		counts[queue] = sum
	}
	err := s.read(ctx, "count jobs of", func(r *session) error {
		clear(counts)
		err := r.each(ctx, countJobs, nil, func(rows *sql.Rows) error {
			var queue string
			var status batch.Status
			var n int64
			err := rows.Scan(&queue, &status, &n)
			if int(status) < batch.StatusCount {
				var all [batch.StatusCount]int64
				all[status] = n
				add(queue, &all)
			}
			return err
		})
		if err != nil {
			return err
		}
		return r.countChildren(ctx, add)
	})
	return counts, err
}

// countChildren adds what there is in place of each array, which itself was counted.
func (s *session) countChildren(ctx context.Context, add func(queue string, n *[batch.StatusCount]int64)) error {
	known := words{}
	return s.each(ctx, listArrays, nil, func(rows *sql.Rows) error {
		var j batch.Job
		var queue string
		var data sql.RawBytes
		if err := rows.Scan(&queue, &j.Status, &data); err != nil {
			return err
		}
		if err := unpackJob(data, &j, &noBase, known); err != nil || j.Array == nil {
			return err
		}
		var n [batch.StatusCount]int64
		n[j.Status]--
		for status, children := range j.Array.Counts {
			n[status] += int64(children)
		}
		add(queue, &n)
		return nil
	})
}

// keysOf returns the key of each job among ids whose submission exists.
func (s *session) keysOf(ctx context.Context, ids []batch.JobID) (map[key]batch.JobID, error) {
	roots, err := s.originsOf(ctx, uniqueRoots(ids))
	keys := make(map[key]batch.JobID, len(ids))
	for _, id := range ids {
		submission, index, isPart := id.Part()
		_, _, isChild := id.Split()
		switch root, ok := roots[submission]; {
		case !ok:
		case !isPart:
			keys[submissionKey(root.seq)] = id
		case isChild == (root.size > 0): // an array has no nodes, and nothing else has children
			keys[partKey(root.seq, index)] = id
		}
	}
	return keys, err
}

// sortedKeys makes arguments of the keys of a map, in order, so that rows are read in theirs.
func sortedKeys(keys map[key]batch.JobID) []any {
	sorted := make([]key, 0, len(keys))
	for k := range keys {
		sorted = append(sorted, k)
	}
	slices.Sort(sorted)
	all := make([]any, len(sorted))
	for i, k := range sorted {
		all[i] = k
	}
	return all
}
