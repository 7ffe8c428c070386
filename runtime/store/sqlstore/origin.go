package sqlstore

import (
	"context"
	"database/sql"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// origin is what the keys of a submission are made from. It never changes, whoever is the writer, so a session remembers those that it has read:
// ids are long and scattered over their index, and numbers are neither.
type origin struct {
	seq  int64
	size int32
}

func (s *session) remember(id batch.JobID, o origin) {
	if len(s.origins) >= maxKnownOrigins {
		clear(s.origins)
	}
	s.origins[id] = o
}

// originsOf returns the origins of those submissions that exist.
func (s *session) originsOf(ctx context.Context, ids []batch.JobID) (map[batch.JobID]origin, error) {
	found := make(map[batch.JobID]origin, len(ids))
	var unknown []any
	for _, id := range ids {
		if o, ok := s.origins[id]; ok {
			found[id] = o
		} else {
			unknown = append(unknown, string(id))
		}
	}
	err := s.eachIn(ctx, seqsByID, unknown, func(rows *sql.Rows) error {
		var id batch.JobID
		var o origin
		err := rows.Scan(&o.seq, &id, &o.size)
		if err == nil {
			found[id] = o
			s.remember(id, o)
		}
		return err
	})
	return found, err
}

// submissionsByID reads submissions: by their numbers, as far as these are known.
func (s *session) submissionsByID(ctx context.Context, ids []batch.JobID) (map[batch.JobID]batch.Job, error) {
	var seqs, unknown []any
	for _, id := range ids {
		if o, ok := s.origins[id]; ok {
			seqs = append(seqs, o.seq)
		} else {
			unknown = append(unknown, string(id))
		}
	}
	found := make(map[batch.JobID]batch.Job, len(ids))
	if err := s.submissions(ctx, jobsBySeq, seqs, found); err != nil {
		return nil, err
	}
	if err := s.submissions(ctx, jobsByID, unknown, found); err != nil {
		return nil, err
	}
	for id, j := range found {
		s.remember(id, origin{seq: j.Seq, size: j.Size})
	}
	return found, nil
}
