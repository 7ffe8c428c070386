package compute

import (
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Blame says whose fault it is that an attempt could not be started. Each runner has one table that finds it.
type Blame uint8

// Who is to blame.
const (
	// OfJob: it would fail wherever and whenever it is started, for example because its command does not exist.
	OfJob Blame = iota + 1
	// OfMachine: it would start elsewhere, or here later, for example because no descriptor is free.
	OfMachine
	// Unknown: the table does not have the error. It counts as the machine's a few times, and then as the job's.
	Unknown
)

// NotStarted is the exit of an attempt that could not be started.
func (b Blame) NotStarted(reason string) batch.Exit {
	x := batch.Exit{Kind: batch.Refused, Reason: reason, StoppedAt: batch.At(time.Now()), Doubtful: b == Unknown}
	if b == OfJob {
		x.Kind = batch.FailedToStart
	}
	return x
}
