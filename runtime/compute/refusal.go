package compute

import (
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Refusal is the error of a call that has done nothing, and that is not worth repeating before Until.
type Refusal struct {
	Why  batch.RefusalCause
	Text string // for people
	// Until is the time before which asking again is useless; zero: not known.
	Until time.Time
}

// Error implements error.
func (r *Refusal) Error() string { return string(r.Why) + ": " + r.Text }
