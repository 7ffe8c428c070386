package api

import (
	"context"
	"fmt"
	"sync"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// reuseCounts remembers how many children of arrays that version 1 submitted took the result of another job. That was settled
// when such an array was submitted and never changes: who took a result has SUCCEEDED, and what is retried has run itself. Of
// all others their row says it.
type reuseCounts struct {
	mu    sync.Mutex
	known map[batch.JobID]int32
}

func newReuseCounts() *reuseCounts { return &reuseCounts{known: map[batch.JobID]int32{}} }

func (c *reuseCounts) get(id batch.JobID) (int32, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n, ok := c.known[id]
	return n, ok
}

func (c *reuseCounts) put(id batch.JobID, n int32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.known) >= maxReuseCounts {
		clear(c.known)
	}
	c.known[id] = n
}

// extraCounts returns what statusSummary does not say of the children of those of jobs that are arrays.
func (s *server) extraCounts(ctx context.Context, r store.Reader, jobs []batch.Job, specs map[batch.JobID]batch.Spec) (map[batch.JobID]map[string]int32, error) {
	counts := map[batch.JobID]map[string]int32{}
	for _, j := range jobs {
		if j.Array == nil {
			continue
		}
		count := func(what string, n int32) {
			if counts[j.ID] == nil {
				counts[j.ID] = map[string]int32{}
			}
			counts[j.ID][what] = n
		}
		if n := j.Array.ResultErrors; n > 0 {
			count(wire.CountResultErrors, n)
		}
		if !specs[j.ID].Reuse {
			continue
		}
		if j.Key != "" {
			count(wire.CountReused, j.Array.Reused)
			continue
		}
		n, known := s.reused.get(j.ID)
		if !known {
			children, err := r.ListJobs(ctx, store.JobQuery{Array: j.ID, AfterIndex: -1, Statuses: []batch.Status{batch.Succeeded}})
			if err != nil {
				return nil, fmt.Errorf("children of job %s: %w", j.ID, err)
			}
			for _, child := range children {
				if child.ReusedFrom != "" {
					n++
				}
			}
			s.reused.put(j.ID, n)
		}
		count(wire.CountReused, n)
	}
	return counts, nil
}
