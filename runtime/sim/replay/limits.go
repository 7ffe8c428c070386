package replay

import "github.com/batchd/terraform-provider-batch/runtime/batch"

const (
	// maxLineBytes is the longest line of a workload.
	maxLineBytes = 16 << 20
	// maxJobs is how many jobs, children counted, a workload may have.
	maxJobs = 10_000_000
	// maxHosts is how many hosts a world may have.
	maxHosts = 100_000
	// minMemoryMiB stands for a request of less memory.
	minMemoryMiB = 128
	// DefaultMemoryPerProcessor is the memory of one processor of a log that gives none, in MiB.
	DefaultMemoryPerProcessor = 1900
	// maxJitterPercent is how much run times may be made to vary.
	maxJitterPercent = 90
	// maxAmount bounds every time in milliseconds and every amount of a resource in its unit, so that sums of products fit.
	maxAmount = int64(1) << 43
	// boundedSlowdownFloor is the run time in milliseconds below which a job counts as that long in its bounded
	// slowdown (Feitelson: 10 s), lest the shortest jobs decide everything.
	boundedSlowdownFloor = 10_000
	// stepsWithoutEvent is how often the machine may ask to be woken with nothing left that could happen in the world.
	stepsWithoutEvent = 100_000
	// progressEvery is how many rounds pass between two calls of Options.Progress.
	progressEvery = 256
	// epoch is when the first job of a workload is submitted: the machine takes the time zero for "never".
	epoch = batch.Time(946_684_800_000)
	// killedCode is the exit code of an attempt that was stopped: death by SIGKILL.
	killedCode = int32(137)
)
