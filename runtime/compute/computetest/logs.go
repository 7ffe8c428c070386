package computetest

import (
	"context"
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

// Logs reads the log of a [Fake]'s world. It implements [joblog.Reader].
type Logs struct{ world *world }

var _ joblog.Reader = (*Logs)(nil)

func (w *world) position() batch.LogPosition {
	return batch.LogPosition{Segment: 1, Offset: int64(len(w.log))}
}

func (w *world) print(id batch.AttemptID, text string) {
	for line := range strings.Lines(text) {
		text, finished := strings.CutSuffix(line, "\n")
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

// Read implements [joblog.Reader].
func (l *Logs) Read(_ context.Context, attempt batch.AttemptID, at, to batch.LogPosition, limit int) ([]joblog.Line, batch.LogPosition, error) {
	w := l.world
	w.mu.Lock()
	defer w.mu.Unlock()
	end := to.Offset
	if to.IsZero() {
		end = int64(len(w.log))
	}
	var lines []joblog.Line
	offset := at.Offset
	for ; offset < end && len(lines) < limit; offset++ {
		if r := w.log[offset]; r.attempt == attempt {
			lines = append(lines, joblog.Line{At: r.at, Text: r.text, Next: batch.LogPosition{Segment: 1, Offset: offset + 1}, Open: r.open})
		}
	}
	return lines, batch.LogPosition{Segment: 1, Offset: offset}, nil
}

// Unfinished implements [joblog.Reader]: Read holds nothing back here.
func (l *Logs) Unfinished(_ context.Context, _ batch.AttemptID, at batch.LogPosition) (joblog.Line, error) {
	return joblog.Line{Next: at, Open: true}, nil
}

// Tail implements [joblog.Reader].
func (l *Logs) Tail(ctx context.Context, attempt batch.AttemptID, from, to batch.LogPosition, n int) ([]joblog.Line, error) {
	lines, _, err := l.Read(ctx, attempt, from, to, int(^uint(0)>>1))
	return lines[max(0, len(lines)-n):], err
}

// Merge implements [joblog.Reader].
func (l *Logs) Merge(_ context.Context, q joblog.MergeQuery) (joblog.Merged, error) {
	w := l.world
	w.mu.Lock()
	defer w.mu.Unlock()
	spans := map[batch.AttemptID]int{}
	for i, span := range q.Spans {
		spans[span.Attempt] = i
	}
	var page joblog.Merged
	offset := int64(0)
	if len(q.Places) > 0 {
		offset = q.Places[0].At.Offset
	}
	for size := 0; offset < int64(len(w.log)); offset++ {
		r := w.log[offset]
		line := joblog.Line{At: r.at, Text: r.text, Next: batch.LogPosition{Segment: 1, Offset: offset + 1}}
		span, wanted := spans[r.attempt]
		if !wanted || !q.Keep(line) {
			continue
		}
		if len(page.Lines) == q.Limit || len(page.Lines) > 0 && size+len(r.text) > q.Bytes {
			page.More = true
			break
		}
		page.Lines = append(page.Lines, joblog.MergedLine{Line: line, Span: span})
		size += len(r.text)
	}
	page.Places = []joblog.Place{{At: batch.LogPosition{Segment: 1, Offset: offset}}}
	return page, nil
}
