package sim

import (
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// store keeps the rows of committed deltas, and finds jobs by what the real one has indexes for.
type store struct {
	batch.Rows
	tokens map[string]batch.JobID
	keys   map[string][]batch.JobID // jobs that succeeded under a content key, newest last
}

func newStore() *store {
	return &store{tokens: map[string]batch.JobID{}, keys: map[string][]batch.JobID{}}
}

func (s *store) commit(d *batch.Delta) {
	for i := range d.Jobs {
		s.index(&d.Jobs[i])
	}
	s.Fold(d)
}

// index makes j be found.
func (s *store) index(j *batch.Job) {
	if _, known := s.Jobs[j.ID]; !known && j.Token != "" {
		s.tokens[j.Token] = j.ID
	}
	if j.Status == batch.Succeeded && j.ContentKey != "" {
		all := slices.DeleteFunc(s.keys[j.ContentKey], func(id batch.JobID) bool { return id == j.ID })
		s.keys[j.ContentKey] = append(all, j.ID)
	}
}

// queue is the queue with that name; one without an id if there is none.
func (s *store) queue(name string) batch.Queue {
	for _, q := range s.LiveQueues() {
		if q.Name == name {
			return q
		}
	}
	return batch.Queue{Name: name}
}

// lastSeq is the highest submission number given so far.
func (s *store) lastSeq() int64 {
	if n := len(s.Submissions); n > 0 {
		return s.Jobs[s.Submissions[n-1]].Seq
	}
	return 0
}

// status returns the status of a job, and false if there is no such job.
func (s *store) status(id batch.JobID) (batch.Status, bool) {
	if j := s.Job(id); j != nil {
		return j.Status, true
	}
	return 0, false
}

func indexOf(id batch.JobID) int32 {
	_, index, _ := id.Part()
	return index
}

// openRows returns the rows of every submission that is not ended, in order of arrival.
func (s *store) openRows() []*batch.Job { return s.WithParts(s.Open) }
