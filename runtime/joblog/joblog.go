package joblog

import (
	"context"
	"errors"
	"math"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Log is the log of one attempt.
type Log struct {
	Attempt batch.AttemptID
	Ref     batch.LogRef
	Began   batch.Time // when the attempt began to run; 0 if that is not known
	Stopped batch.Time // when it ended; 0 while it runs
}

// Line is one line of output, without its newline. A longer line than MaxLineBytes comes in parts.
type Line struct {
	At   batch.Time // when it was finished, or its last piece written
	Text string     // as it was written; it need not be UTF-8
	// Open reports that no newline follows: the next Line goes on with it, or it is the last of all. Merge leaves it false.
	Open bool

	next batch.LogPosition // where reading goes on after this line, in segments
}

// Position is a place in a log at which reading can go on: a place in the segments of this machine, or the token of another reader,
// which nobody else understands. Clients hand positions back in the tokens of pages, so they need not be what they were. The zero
// Position is the beginning of a log for who reads forward, and its end for who reads backward.
type Position struct {
	batch.LogPosition
	Token string `json:"token,omitempty"`
}

// IsZero reports whether p is the zero Position.
func (p Position) IsZero() bool { return p.LogPosition.IsZero() && p.Token == "" }

// ErrPosition says that a reader was given a position that it did not make.
var ErrPosition = errors.New("the position is not one of this log")

// Window is a range of time: From is part of it and To is not.
type Window struct{ From, To batch.Time }

// Always is the window of every line.
var Always = Window{math.MinInt64, math.MaxInt64}

// Holds reports whether a line of that time is in the window.
func (w Window) Holds(at batch.Time) bool { return at >= w.From && at < w.To }

// Reader reads the logs of one kind; see [batch.LogKind]. [Readers] reads those of several.
type Reader interface {
	// Page reads lines of one log that follow one another.
	Page(ctx context.Context, q PageQuery) (Page, error)
	// Unfinished returns what has been written of the line that Page holds back: at is the Next of a page, read forward. It is
	// empty if there is none, if it has been finished since, and of a log whose lines appear only when they are whole.
	Unfinished(ctx context.Context, log Log, at Position) (Line, error)
	// Merge reads lines of several logs in the order of their times, about. A reader whose logs lie apart may leave that to
	// [MergePages].
	Merge(ctx context.Context, q MergeQuery) (Merged, error)
}

// PageQuery asks for lines of one log.
type PageQuery struct {
	Log Log
	// At is where to read: Start, End or Next of another page.
	At Position
	// Backward asks for the last lines before At, instead of the first ones after it.
	Backward bool
	Window   Window // of the lines that are wanted
	// Limit is how many lines the page has at most, and Bytes how much text, unless one line alone has more. Bytes may be 0: as
	// much as the reader reads at once.
	Limit, Bytes int
}

// Fit returns how many of lines that follow one another the page takes: of the first ones or, Backward, of the last ones. It is one
// at least if there are lines.
func (q *PageQuery) Fit(lines []Line) int {
	size := 0
	for n := range lines {
		line := lines[n]
		if q.Backward {
			line = lines[len(lines)-1-n]
		}
		size += len(line.Text)
		if n == q.Limit || n > 0 && q.Bytes > 0 && size > q.Bytes {
			return n
		}
	}
	return len(lines)
}

// Page is lines of a log that follow one another. It may have fewer than there are. It has none only if nothing is there now, or if
// many lines were outside of the window; see [Page.Empty].
type Page struct {
	Lines []Line // in the order of the log, whichever way it was read
	// Start and End are where what was looked at begins and ends. Where nothing was there they are both the place of the query.
	Start, End Position
	// Next is where to go on reading forward. It may be further than End: what others have written since is behind it.
	Next Position
	// Ended reports that nothing is there behind Next, nor ever will be.
	Ended bool
}

// Empty reports whether nothing was there: who reads forward comes again at Next, and who reads backward is at the beginning.
func (p *Page) Empty() bool { return len(p.Lines) == 0 && p.Start == p.End }

// All reads the whole of a log, as far as it has been written.
func All(ctx context.Context, r Reader, log Log) ([]Line, error) {
	var lines []Line
	q := PageQuery{Log: log, Window: Always, Limit: maxPageLines}
	for {
		page, err := r.Page(ctx, q)
		if err != nil || page.Empty() {
			return lines, err
		}
		lines, q.At = append(lines, page.Lines...), page.Next
	}
}
