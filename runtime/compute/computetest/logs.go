package computetest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
)

// record is one line of the world's only log segment; its offset is its index.
type record struct {
	attempt batch.AttemptID
	at      batch.Time
	text    string
	open    bool // no newline was written after it
}

// Logs reads the log segment of a [Fake]'s world. It implements [joblog.Reader].
type Logs struct{ world *world }

var _ joblog.Reader = (*Logs)(nil)

func (w *world) position() batch.LogPosition {
	return batch.LogPosition{Segment: 1, Offset: int64(len(w.log))}
}

func (w *world) print(id batch.AttemptID, text string) {
	for line := range strings.Lines(text) {
		text, finished := strings.CutSuffix(line, "\n")
		if a := w.attempts[id]; a != nil && a.does.Elsewhere {
			w.elsewhere.Write(id, now(), text)
			continue
		}
		w.log = append(w.log, record{id, now(), text, !finished})
	}
}

func (w *world) span(id batch.AttemptID, from batch.LogPosition) batch.LogSpan {
	span := batch.LogSpan{From: from, To: w.position()}
	for _, r := range w.log[from.Offset:] {
		if r.attempt == id {
			span.Bytes += int64(len(r.text)) + 1
		}
	}
	return span
}

// Print adds output to a running attempt.
func (f *Fake) Print(attempt batch.AttemptID, text string) {
	f.world.mu.Lock()
	defer f.world.mu.Unlock()
	f.world.print(attempt, text)
}

// Page implements [joblog.Reader].
func (l *Logs) Page(_ context.Context, q joblog.PageQuery) (joblog.Page, error) {
	w := l.world
	w.mu.Lock()
	defer w.mu.Unlock()
	first, end := q.Log.Ref.Span.From.Offset, q.Log.Ref.Span.To.Offset
	if q.Log.Stopped == 0 {
		end = int64(len(w.log))
	}
	page := joblog.Page{}
	if q.Backward {
		page = w.pageBefore(q, first, end)
	} else {
		page = w.pageAfter(q, first, end)
	}
	page.Lines = slices.DeleteFunc(page.Lines, func(line joblog.Line) bool { return !q.Window.Holds(line.At) })
	page.Ended = q.Log.Stopped != 0 && (len(page.Lines) == 0 || page.Next.Offset >= end)
	return page, nil
}

func (w *world) pageAfter(q joblog.PageQuery, first, end int64) joblog.Page {
	if !q.At.IsZero() {
		first = q.At.Offset
	}
	lines, offsets := w.linesOf(q.Log.Attempt, first, end)
	page := joblog.Page{Lines: lines, Start: place(first), End: place(end), Next: place(end)}
	switch n := q.Fit(lines); {
	case n == 0:
		page.End = page.Start
	case n < len(lines) || n == q.Limit:
		page.Lines, page.End = lines[:n], place(offsets[n-1]+1)
		page.Next = page.End
	}
	return page
}

func (w *world) pageBefore(q joblog.PageQuery, first, end int64) joblog.Page {
	growing := q.At.IsZero() && q.Log.Stopped == 0
	if !q.At.IsZero() {
		end = q.At.Offset
	}
	lines, offsets := w.linesOf(q.Log.Attempt, first, end)
	page := joblog.Page{Lines: lines, Start: place(first), End: place(end), Next: place(first)}
	if n := len(lines); n > 0 {
		page.Next = place(offsets[n-1] + 1)
	}
	if growing {
		page.End = page.Next
	}
	if before := len(lines) - q.Fit(lines); before > 0 {
		page.Lines, page.Start = lines[before:], place(offsets[before-1]+1)
	}
	return page
}

// linesOf returns the lines of an attempt between two offsets, and the offset of each.
func (w *world) linesOf(attempt batch.AttemptID, first, end int64) (lines []joblog.Line, offsets []int64) {
	for offset := first; offset < end; offset++ {
		if r := w.log[offset]; r.attempt == attempt {
			lines, offsets = append(lines, joblog.Line{At: r.at, Text: r.text, Open: r.open}), append(offsets, offset)
		}
	}
	return lines, offsets
}

func place(offset int64) joblog.Position {
	return joblog.Position{LogPosition: batch.LogPosition{Segment: 1, Offset: offset}}
}

// Unfinished implements [joblog.Reader]: Page holds nothing back here.
func (l *Logs) Unfinished(context.Context, joblog.Log, joblog.Position) (joblog.Line, error) {
	return joblog.Line{Open: true}, nil
}

// Merge implements [joblog.Reader].
func (l *Logs) Merge(_ context.Context, q joblog.MergeQuery) (joblog.Merged, error) {
	w := l.world
	w.mu.Lock()
	defer w.mu.Unlock()
	logs := map[batch.AttemptID]int{}
	for i, log := range q.Logs {
		logs[log.Attempt] = i
	}
	var page joblog.Merged
	offset := int64(0)
	if len(q.Places) > 0 {
		offset = q.Places[0].At.Offset
	}
	for size := 0; offset < int64(len(w.log)); offset++ {
		r := w.log[offset]
		line := joblog.Line{At: r.at, Text: r.text}
		log, wanted := logs[r.attempt]
		if !wanted || !q.Keep(line) {
			continue
		}
		if len(page.Lines) == q.Limit || len(page.Lines) > 0 && size+len(r.text) > q.Bytes {
			page.More = true
			break
		}
		page.Lines = append(page.Lines, joblog.MergedLine{Line: line, Log: log, ID: fmt.Sprintf("1%018d", offset+1)})
		size += len(r.text)
	}
	page.Places = []joblog.Place{{At: batch.LogPosition{Segment: 1, Offset: offset}}}
	return page, nil
}
