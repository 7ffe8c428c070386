package describe

import (
	"context"
	"fmt"
	"sync"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// Counts counts children of arrays. It is safe for concurrent use. It remembers how many children of arrays that version 1
// submitted took the result of another job. That number was settled when such an array was submitted and never changes: a child
// that took a result has SUCCEEDED, and only children that ran themselves are retried. Every other array has it in its row.
type Counts struct {
	mu    sync.Mutex
	known map[batch.JobID]int32
}

// NewCounts returns counts that remember nothing.
func NewCounts() *Counts { return &Counts{known: map[batch.JobID]int32{}} }

func (c *Counts) get(id batch.JobID) (int32, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n, ok := c.known[id]
	return n, ok
}

func (c *Counts) put(id batch.JobID, n int32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.known) >= maxReuseCounts {
		clear(c.known)
	}
	c.known[id] = n
}

// Of returns what statusSummary does not say of the children of j, by the names of wire: nil unless j is an array that has
// some of these. Spec is that of j.
func (c *Counts) Of(ctx context.Context, r store.Reader, j batch.Job, spec batch.Spec) (map[string]int32, error) {
	if j.Array == nil {
		return nil, nil
	}
	counts := map[string]int32{}
	if n := j.Array.ResultErrors; n > 0 {
		counts[wire.CountResultErrors] = n
	}
	if spec.Reuse {
		n, err := c.reused(ctx, r, j)
		if err != nil {
			return nil, fmt.Errorf("children of job %s: %w", j.ID, err)
		}
		counts[wire.CountReused] = n
	}
	if len(counts) == 0 {
		return nil, nil
	}
	return counts, nil
}

// reused returns how many children of an array took the result of another job.
func (c *Counts) reused(ctx context.Context, r store.Reader, j batch.Job) (int32, error) {
	if j.Key != "" {
		return j.Array.Reused, nil
	}
	if n, known := c.get(j.ID); known {
		return n, nil
	}
	children, err := r.ListJobs(ctx, store.JobQuery{Array: j.ID, AfterIndex: -1, Statuses: []batch.Status{batch.Succeeded}})
	if err != nil {
		return 0, err
	}
	n := int32(0)
	for _, child := range children {
		if child.ReusedFrom != "" {
			n++
		}
	}
	c.put(j.ID, n)
	return n, nil
}
