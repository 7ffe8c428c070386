package replay

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// Job is one submission of a workload: what it asks for, when it came and how long it runs. It is also one line of the
// JSON-lines format.
type Job struct {
	Name string `json:"name,omitempty"`
	// SubmittedAt is in milliseconds since any moment that is the same for the whole workload.
	SubmittedAt int64 `json:"submittedAt"`
	// DurationMs is how long it runs, and every child of an array; DurationsMs says it for each child instead.
	DurationMs  int64   `json:"durationMs,omitempty"`
	DurationsMs []int64 `json:"durationsMs,omitempty"`
	// Count is the size of an array; 0 or 1: a single job.
	Count     int32 `json:"count,omitempty"`
	VCPUs     Milli `json:"vcpus"`
	MemoryMiB int64 `json:"memoryMiB,omitempty"`
	GPUs      int64 `json:"gpus,omitempty"`
	// Queue, User, Group and Partition say where it came from; see [Route].
	Queue     string `json:"queue,omitempty"`
	User      string `json:"user,omitempty"`
	Group     string `json:"group,omitempty"`
	Partition string `json:"partition,omitempty"`
	Share     string `json:"share,omitempty"` // of a fair-share policy
	// Priority among the jobs of its share, 0..9999.
	Priority int32 `json:"priority,omitempty"`
	// ExpectedMs is the longest it may run, its timeout, from which the scheduler expects when it will end. What would run longer
	// is ended then. 0: none.
	ExpectedMs int64 `json:"expectedMs,omitempty"`
	// Definition groups jobs of which the earlier tell how long the later will run; empty: all of one size.
	Definition string `json:"definition,omitempty"`
}

// parts is how many attempts the job needs.
func (j *Job) parts() int {
	if n := len(j.DurationsMs); n > 0 {
		return n
	}
	return int(max(j.Count, 1))
}

// isArray reports whether the job is submitted as an array.
func (j *Job) isArray() bool { return j.parts() > 1 }

// duration is how long part index runs, in milliseconds.
func (j *Job) duration(index int) int64 {
	if len(j.DurationsMs) > 0 {
		return j.DurationsMs[index]
	}
	return j.DurationMs
}

// check says what is wrong with a job, naming the member.
func (j *Job) check() error {
	switch {
	case j.SubmittedAt < -maxAmount || j.SubmittedAt > maxAmount:
		return fmt.Errorf("submittedAt is %d; -%d to %d are allowed", j.SubmittedAt, maxAmount, maxAmount)
	case j.Count < 0 || j.Count > 1 && len(j.DurationsMs) > 0 && int(j.Count) != len(j.DurationsMs):
		return fmt.Errorf("count is %d and durationsMs has %d entries; give one of them, or as many of each", j.Count, len(j.DurationsMs))
	case len(j.DurationsMs) == 0 && (j.DurationMs < 1 || j.DurationMs > maxAmount):
		return fmt.Errorf("durationMs is %d; 1 to %d are allowed", j.DurationMs, maxAmount)
	case j.MemoryMiB < 0 || j.MemoryMiB > maxAmount:
		return fmt.Errorf("memoryMiB is %d; 0 to %d are allowed", j.MemoryMiB, maxAmount)
	case j.GPUs < 0 || j.GPUs > maxAmount:
		return fmt.Errorf("gpus is %d; 0 to %d are allowed", j.GPUs, maxAmount)
	case j.VCPUs == 0 && j.MemoryMiB == 0 && j.GPUs == 0:
		return errors.New("vcpus, memoryMiB and gpus are all 0; a job that asks for nothing says nothing about a scheduler")
	case j.ExpectedMs < 0 || j.ExpectedMs > maxAmount:
		return fmt.Errorf("expectedMs is %d; 0 to %d are allowed", j.ExpectedMs, maxAmount)
	case j.Priority < 0 || j.Priority > 9999:
		return fmt.Errorf("priority is %d; 0 to 9999 are allowed", j.Priority)
	}
	for i, d := range j.DurationsMs {
		if d < 1 || d > maxAmount {
			return fmt.Errorf("durationsMs[%d] is %d; 1 to %d are allowed", i, d, maxAmount)
		}
	}
	return nil
}

// Workload is jobs in the order in which they are submitted, and what was left out on the way.
type Workload struct {
	Jobs []Job
	// Skipped counts what is not replayed, by reason; Notes say what was changed.
	Skipped []Count
	Notes   []string
}

// Count is how often something was so.
type Count struct {
	What string `json:"what"`
	Jobs int    `json:"jobs"`
}

// Add adds a job. It fails, naming the member, if the job is not in order.
func (w *Workload) Add(j Job) error {
	if err := j.check(); err != nil {
		return err
	}
	w.Jobs = append(w.Jobs, j)
	return nil
}

// Skip counts one job that is left out.
func (w *Workload) Skip(reason string) { w.Skipped = count(w.Skipped, reason) }

// count adds one to the count of what, in order of first mention.
func count(counts []Count, what string) []Count {
	if i := slices.IndexFunc(counts, func(c Count) bool { return c.What == what }); i >= 0 {
		counts[i].Jobs++
		return counts
	}
	return append(counts, Count{What: what, Jobs: 1})
}

// Parts is how many jobs w has, every child of an array counted.
func (w *Workload) Parts() int {
	n := 0
	for i := range w.Jobs {
		n += w.Jobs[i].parts()
	}
	return n
}

// Prefix returns the first n submissions of w; all if there are fewer.
func (w *Workload) Prefix(n int) *Workload {
	return &Workload{Jobs: w.Jobs[:min(n, len(w.Jobs))], Skipped: w.Skipped, Notes: w.Notes}
}

// Finish puts the jobs in order and refuses a workload with none, or with too many.
func (w *Workload) Finish() error {
	slices.SortStableFunc(w.Jobs, func(a, b Job) int { return cmp.Compare(a.SubmittedAt, b.SubmittedAt) })
	switch n := w.Parts(); {
	case n == 0 && len(w.Skipped) > 0:
		return fmt.Errorf("the workload has no job that can be replayed: %d were skipped because of %q", w.Skipped[0].Jobs, w.Skipped[0].What)
	case n == 0:
		return errors.New("the workload is empty; give one with at least one job")
	case n > maxJobs:
		return fmt.Errorf("the workload has %d jobs; at most %d are allowed", n, maxJobs)
	}
	return nil
}
