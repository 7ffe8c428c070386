package joblog

import (
	"context"
	"fmt"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// WriteAt is Write for output of another moment than now, for who is told when it was said.
func (s *Stream) WriteAt(p []byte, at batch.Time) { s.write(p, at, true) }

// Resume goes on with the output of attempt that an earlier writer, or this one, began at from. What the
// segments hold of it is part of the stream's span, and seen is told of each piece, in order.
func (w *Writer) Resume(ctx context.Context, attempt batch.AttemptID, from batch.LogPosition, seen func(at batch.Time, bytes int)) (*Stream, error) {
	w.Flush()
	stream := &Stream{w: w, tag: tagOf(attempt), from: from, to: from}
	scan := newScan(w.dir, stream.tag, from, batch.LogPosition{})
	defer scan.close()
	for {
		r, ok, err := scan.record(ctx)
		if err != nil {
			return nil, fmt.Errorf("looking for the end of a log: %w", err)
		}
		if !ok {
			return stream, nil
		}
		stream.bytes += int64(len(r.payload))
		stream.to = scan.position()
		seen(r.at, len(r.payload))
	}
}
