package replay

import "github.com/batchd/terraform-provider-batch/runtime/batch"

func attemptOf(id batch.JobID) batch.AttemptID { return batch.AttemptID{Job: id, Number: 1} }

// generated makes a log of n parallel jobs of 1 to widest vCPUs that come faster than they can be served now and then.
func generated(seed int64, n int, widest uint64) *Workload {
	w := &Workload{Jobs: make([]Job, n)}
	x := mix(uint64(seed))
	throw := func(bound uint64) uint64 {
		x = mix(x)
		return x % bound
	}
	at := int64(0)
	for i := range w.Jobs {
		at += int64(throw(8)) * int64(throw(8)) * 1000
		width := 1 + throw(widest)
		if throw(3) > 0 {
			width = 1 + throw(1+widest/4) // most jobs are narrow
		}
		w.Jobs[i] = Job{
			Name: string(jobID(i)), SubmittedAt: at, DurationMs: int64(1+throw(10)*throw(20)) * 1000, VCPUs: Milli(width * 1000), MemoryMiB: 1,
			User: string(rune('a' + throw(3))),
		}
	}
	return w
}
