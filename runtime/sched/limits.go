package sched

import (
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Limits of the machine. Those of the service are in package batch.
const (
	// maxStartsPerRound bounds what one Dispatch places, so that a round stays short.
	maxStartsPerRound = 4096
	// maxBackfill bounds how many kinds of work behind the head of a queue one pass looks at.
	maxBackfill = 256
	// blameAfter is how long the head of a queue has waited for the same cause before its statusReason says so.
	blameAfter = 30 * time.Second
	// lateAfter is how long after its expected start a head that still waits is looked at again: what it waits for outlasts what
	// was expected of it, and is not about to end.
	lateAfter = 30 * time.Second
	// maxScan bounds how many entries of a queue are counted to find a position.
	maxScan = 250_000
	// maxForgotten bounds how many shares without use are forgotten when one is made, and how many hosts by one census.
	maxForgotten = 64
	// forgetHostAfter is how long a host has been gone when it is forgotten.
	forgetHostAfter = time.Hour
	// launchPatience and firstPaid are the defaults of [Config].
	launchPatience = 10 * time.Minute
	firstPaid      = time.Minute
	// maxScaled bounds how much waiting work of one kind is looked at to find how many hosts are lacking.
	maxScaled = 10_000
	// refusalRest is how long a pool is not asked again that refused a host without saying until when, or whose host never came.
	refusalRest = 3 * time.Minute
	// longRefusalRest is the same after manyRefusals in a row.
	longRefusalRest = 10 * time.Minute
	manyRefusals    = 3
	// refusalMemory is how long a refusal that is over is remembered, so that the next one is known to be one in a row.
	refusalMemory = 10 * time.Minute
	// provisionRest is how long an environment that cannot be provisioned rests if its driver does not say until when.
	provisionRest = time.Minute
	// maxQuantity is how much of one consumable resource an attempt may need, so that what all nodes of a job need can be counted.
	maxQuantity = 1 << 40
	// rememberedTokens is how many client tokens are kept in memory after their submission ended;
	// older ones are found in the store.
	rememberedTokens = 10_000
	// maxBlamed is how often others may be started after an attempt was refused, without anything having ended, before the
	// next refusal is its own failure.
	maxBlamed = 10
	// maxDoubtful is how often an attempt is tried again whose start failed for an unknown cause.
	maxDoubtful = 3
	// rememberedEnds is how many ends of retried jobs are remembered, to tell rows that were read before.
	rememberedEnds = 10_000
)

// Reasons that clients read, in AWS's words where AWS has them.
const (
	reasonTimeout       = "Job attempt duration exceeded timeout"
	reasonChild         = "Array Child Job failed"
	reasonTimeLimit     = "Canceled by JobStateTimeLimit action due to reason: "
	reasonMainEnded     = "Main node ended"
	reasonReused        = "Reused the result of an identical job"
	reasonQueueDeleted  = "Job queue was deleted"
	healthyEnvironment  = "ComputeEnvironment Healthy"
	healthyQueue        = "JobQueue Healthy"
	creatingEnvironment = "ComputeEnvironment is being created"
	updatingEnvironment = "ComputeEnvironment is being updated"
	idleEnvironmentText = "ComputeEnvironment Healthy - stored and described only: start the runtime with --aws to run jobs in an AWS account"
)

// clip bounds a reason in bytes, at the edge of a character.
func clip(reason string) string {
	if len(reason) <= batch.MaxReasonLength {
		return reason
	}
	cut := batch.MaxReasonLength
	for cut > 0 && reason[cut]&0xC0 == 0x80 {
		cut--
	}
	return reason[:cut]
}
