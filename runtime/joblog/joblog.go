package joblog

import (
	"context"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Line is one line of output, without its newline. A longer line than MaxLineBytes comes in parts.
type Line struct {
	At   batch.Time        // when it was finished, or its last piece written
	Text string            // as it was written; it need not be UTF-8
	Next batch.LogPosition // where reading goes on after this line
	// Open reports that no newline follows: the next Line goes on with it, or it is the last of all. Merge leaves it false.
	Open bool
}

// Reader reads the log of one attempt.
type Reader interface {
	// Read returns up to limit lines of attempt from position at (the span's From at first), not past
	// to. A zero to means the attempt still runs: read what is there now.
	// next is where to go on; it moves even when no line of this attempt was met.
	Read(ctx context.Context, attempt batch.AttemptID, at, to batch.LogPosition, limit int) (lines []Line, next batch.LogPosition, err error)
	// Unfinished returns what has been written, from position at on, of the line that Read holds back: at is where that Read
	// ended. It is empty if there is none, or if it has been finished since.
	Unfinished(ctx context.Context, attempt batch.AttemptID, at batch.LogPosition) (Line, error)
	// Tail returns the last n lines of a span. Of an attempt that still runs it leaves out a last line that Read would hold back.
	Tail(ctx context.Context, attempt batch.AttemptID, from, to batch.LogPosition, n int) ([]Line, error)
	// Merge reads lines of several attempts in the order of their times, about; see [MergeQuery].
	Merge(ctx context.Context, q MergeQuery) (Merged, error)
}
