package joblog

import (
	"bytes"
	"context"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Dir reads the segments of a directory, also while they are written. It is safe for concurrent
// use and holds nothing open. Segments that were deleted are passed over, and so are torn records.
type Dir struct{ path string }

var _ Reader = (*Dir)(nil)

// OpenDir returns a reader of the segments in path, which need not exist yet.
func OpenDir(path string) *Dir { return &Dir{path: path} }

// read returns up to limit lines of an attempt from position at on, not past to; a zero to means that the attempt still runs. next is
// where to go on; it moves even when no line of the attempt was met. It returns fewer lines than limit when the text reaches
// MaxReadBytes, and none only when there are no more. Of a running attempt, a line without an end is held back
// until it is finished, MaxLineBytes long or MaxHeldBytes behind.
func (d *Dir) read(ctx context.Context, attempt batch.AttemptID, at, to batch.LogPosition, limit int) ([]Line, batch.LogPosition, error) {
	if at.IsZero() || limit <= 0 {
		return nil, at, nil
	}
	s := newScan(d.path, tagOf(attempt), at, to)
	defer s.close()
	a := assembler{limit: limit, next: at}
	for !a.full() {
		r, ok, err := s.record(ctx)
		if err != nil {
			return nil, at, err
		}
		if !ok {
			break
		}
		a.add(r, s.segment)
	}
	if a.full() {
		return a.lines, a.next, nil
	}
	a.finish(s.position(), !to.IsZero())
	return a.lines, a.next, nil
}

// Unfinished implements [Reader].
func (d *Dir) Unfinished(ctx context.Context, log Log, at Position) (Line, error) {
	line := Line{Open: true}
	if at.LogPosition.IsZero() {
		return line, nil
	}
	s := newScan(d.path, tagOf(log.Attempt), at.LogPosition, batch.LogPosition{})
	defer s.close()
	var text []byte
	for len(text) < MaxLineBytes {
		r, ok, err := s.record(ctx)
		if err != nil {
			return Line{}, err
		}
		if !ok {
			break
		}
		if bytes.IndexByte(r.payload, '\n') >= 0 {
			return Line{Open: true}, nil
		}
		line.At, text = r.at, append(text, r.payload...)
	}
	line.Text = string(text[:min(len(text), MaxLineBytes)])
	return line, nil
}

// assembler makes lines of pieces of output.
type assembler struct {
	limit int
	lines []Line
	bytes int
	next  batch.LogPosition // after the last whole line

	held   []byte     // of a line whose end is not seen yet
	heldAt batch.Time // of its last piece
}

func (a *assembler) full() bool { return len(a.lines) >= a.limit || a.bytes >= MaxReadBytes }

// add takes the lines of r until a is full.
func (a *assembler) add(r record, segment int64) {
	rest, offset := r.payload, r.start
	for len(rest) > 0 && !a.full() {
		a.heldAt = r.at
		part := rest[:min(len(rest), MaxLineBytes-len(a.held))]
		end, found := len(part), false
		if i := bytes.IndexByte(part, '\n'); i >= 0 {
			end, found = i, true
		}
		a.held = append(a.held, part[:end]...)
		if found {
			end++
		}
		rest, offset = rest[end:], offset+int64(end)
		if found || len(a.held) >= MaxLineBytes {
			a.emit(batch.LogPosition{Segment: segment, Offset: offset}, !found)
		}
	}
}

func (a *assembler) emit(next batch.LogPosition, open bool) {
	a.lines = append(a.lines, Line{At: a.heldAt, Text: string(a.held), Open: open, next: next})
	a.bytes += len(a.held)
	a.held, a.next = a.held[:0], next
}

// finish settles what is left at the end of what can be read now.
func (a *assembler) finish(end batch.LogPosition, ended bool) {
	tooFar := end.Segment != a.next.Segment || end.Offset-a.next.Offset > MaxHeldBytes
	if len(a.held) > 0 && (ended || tooFar) {
		a.emit(end, true)
	}
	if len(a.held) == 0 {
		a.next = end
	}
}
