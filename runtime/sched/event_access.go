package sched

import "github.com/batchd/terraform-provider-batch/runtime/batch"

// This file has the commands about who may do what, what is noted of it, and who has read how far.

// CreateKey adds an access key. Its secret was sealed by the caller.
type CreateKey struct {
	Caller
	Key batch.AccessKey
}

// RevokeKey makes an access key invalid for ever. The last valid admin key cannot be revoked.
type RevokeKey struct {
	Caller
	ID string
}

// CreateQuotaShare makes a quota share of a job queue.
type CreateQuotaShare struct {
	Caller
	Share batch.QuotaShare
	Tags  map[string]string
}

// UpdateQuotaShare changes a quota share; nil fields keep what is there.
type UpdateQuotaShare struct {
	Caller
	Queue, Name string
	State       *batch.State
	Patch       []byte // merged into the stored document
}

// DeleteQuotaShare deletes a quota share.
type DeleteQuotaShare struct {
	Caller
	Queue, Name string
}

// RecordDenial writes the audit line of a call that was denied.
type RecordDenial struct {
	Caller
	Action   string
	Resource string
}

// RecordStop writes the audit line of a call that asks the runtime to end.
type RecordStop struct{ Caller }

// MoveCursor notes how far a reader of the transition log has come. A cursor never goes back; Seq 0 makes one
// that begins with the first line.
type MoveCursor struct {
	Caller
	Name string
	Seq  int64
}

// DropCursor forgets a reader of the transition log, which holds back no lines any more. One that is not known is not an error.
type DropCursor struct {
	Caller
	Name string
}
