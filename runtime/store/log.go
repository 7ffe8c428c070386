package store

import (
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// What a store keeps of the transition log and of the audit log unless it is told otherwise.
const (
	DefaultTransitionAge   = 30 * 24 * time.Hour
	DefaultTransitionLines = 5_000_000
	DefaultAuditAge        = 365 * 24 * time.Hour
)

// Retention says how much of the transition log and of the audit log is kept.
type Retention struct {
	// Age is how much older than the newest line a line may become, in whole milliseconds; then it goes, if every
	// cursor has passed it. 0: DefaultTransitionAge.
	Age time.Duration
	// Lines is how many lines are kept at most, whether cursors have passed the older ones or not. 0:
	// DefaultTransitionLines.
	Lines int64
	// AuditAge is how much older than the newest line of the audit log a line of it may become, in whole
	// milliseconds. 0: DefaultAuditAge.
	AuditAge time.Duration
}

// WithDefaults returns r with what it leaves open.
func (r Retention) WithDefaults() Retention {
	if r.Age <= 0 {
		r.Age = DefaultTransitionAge
	}
	if r.Lines <= 0 {
		r.Lines = DefaultTransitionLines
	}
	if r.AuditAge <= 0 {
		r.AuditAge = DefaultAuditAge
	}
	return r
}

// AuditLine is a line of the audit log under its number.
type AuditLine struct {
	Seq int64 // larger than that of every line before it
	batch.Audit
}

// AuditQuery selects lines of the audit log. Lines are forgotten from the oldest, and their numbers are never given again:
// who reads page after page comes to the end sooner, and misses nothing before it.
type AuditQuery struct {
	// Before is the last line already seen; 0 starts with the newest.
	Before int64
	Who    string // access key id, whole; empty: anybody
	Action string // whole; empty: any
	Denied *bool  // nil: both
	Limit  int    // 0: no limit
}
