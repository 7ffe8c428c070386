package joblog

import (
	"context"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Page implements [Reader].
func (d *Dir) Page(ctx context.Context, q PageQuery) (Page, error) {
	if q.At.Token != "" {
		return Page{}, ErrPosition
	}
	at, span := q.At.LogPosition, &q.Log.Ref.Span
	switch {
	case q.Backward && at.IsZero():
		return d.pageBefore(ctx, q, span.To)
	case q.Backward:
		return d.pageBefore(ctx, q, at)
	case at.IsZero():
		return d.pageAfter(ctx, q, span.From)
	default:
		return d.pageAfter(ctx, q, at)
	}
}

// within is a position in segments.
func within(p batch.LogPosition) Position { return Position{LogPosition: p} }

// ended reports whether nothing can follow a place in the log of q.
func (q *PageQuery) ended(at batch.LogPosition) bool {
	return q.Log.Stopped != 0 && compare(at, q.Log.Ref.Span.To) >= 0
}

// pageAfter reads lines from a position on. Where there is nothing the page ends where it begins, however much others have written.
func (d *Dir) pageAfter(ctx context.Context, q PageQuery, at batch.LogPosition) (Page, error) {
	p := Page{Start: within(at), End: within(at), Next: within(at)}
	for range maxPageReads {
		lines, next, err := d.read(ctx, q.Log.Attempt, p.End.LogPosition, q.Log.Ref.Span.To, q.Limit)
		if err != nil {
			return Page{}, err
		}
		if len(lines) == 0 {
			p.Next, p.Ended = within(next), q.Log.Stopped != 0
			return p, nil
		}
		size := 0
		for i, line := range lines {
			if !q.Window.Holds(line.At) {
				continue
			}
			if size += len(line.Text); q.Bytes > 0 && size > q.Bytes && len(p.Lines) > 0 {
				next = lines[i-1].next
				break
			}
			p.Lines = append(p.Lines, line)
		}
		p.End, p.Next, p.Ended = within(next), within(next), q.ended(next)
		if len(p.Lines) > 0 {
			break
		}
	}
	return p, nil
}

// pageBefore reads the last lines before a position; a zero position is the end of a log that still grows.
func (d *Dir) pageBefore(ctx context.Context, q PageQuery, to batch.LogPosition) (Page, error) {
	from := q.Log.Ref.Span.From
	if q.Bytes == 0 || q.Bytes > MaxReadBytes {
		q.Bytes = MaxReadBytes
	}
	p := Page{Start: within(to), End: within(to), Next: within(to)}
	for i := range maxPageReads {
		if p.Start.LogPosition == from {
			break
		}
		lines, err := d.tail(ctx, q.Log.Attempt, from, p.Start.LogPosition, q.Limit+1)
		if err != nil {
			return Page{}, err
		}
		if i == 0 {
			next := from
			if len(lines) > 0 {
				next = lines[len(lines)-1].next
			}
			p.Next, p.Ended = within(next), q.Log.Stopped != 0 && len(lines) == 0 || q.ended(next)
		}
		if p.End.IsZero() {
			p.End = p.Next
		}
		first := len(lines) - q.Fit(lines)
		p.Start = within(from)
		if first > 0 {
			p.Start = within(lines[first-1].next) // only the line before tells where one begins
		}
		for _, line := range lines[first:] {
			if q.Window.Holds(line.At) {
				p.Lines = append(p.Lines, line)
			}
		}
		if len(p.Lines) > 0 {
			break
		}
	}
	return p, nil
}
