package joblog

import (
	"errors"
	"fmt"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Flush writes all output taken so far, in one write for each segment it touches. What the disk
// does not take is dropped and counted; see Err.
func (w *Writer) Flush() {
	w.disk.Lock()
	defer w.disk.Unlock()
	w.restore(time.Now())
	w.mu.Lock()
	buffer, pieces := w.buffer, w.pieces
	w.buffer, w.pieces, w.stalled = w.spare[:0], w.sparePieces[:0], false
	w.drained.Broadcast()
	w.mu.Unlock()

	rest := buffer
	for done := 0; done < len(pieces); {
		taken, n := w.layOutSome(rest, pieces[done:])
		err := w.append(w.out)
		w.settle(pieces[done:done+taken], err)
		rest, done = rest[n:], done+taken
	}

	w.mu.Lock()
	w.spare, w.sparePieces = buffer[:0], pieces[:0]
	if cap(w.spare) > 2*maxBufferBytes {
		w.spare = nil
	}
	w.mu.Unlock()
	clear(pieces)
}

// layOutSome puts as many pieces into w.out as belong into the current segment, one at least, and
// opens the next segment first if the first does not fit. It returns how many pieces and bytes it took.
func (w *Writer) layOutSome(buffer []byte, pieces []piece) (taken, n int) {
	w.mu.Lock()
	if w.offset > 0 && w.offset+laidOut(pieces[0].length) > MaxSegmentBytes {
		w.roll()
	}
	offset := w.offset
	w.mu.Unlock()
	w.out = w.out[:0]
	for _, p := range pieces {
		if taken > 0 && offset+int64(len(w.out))+laidOut(p.length) > MaxSegmentBytes {
			break
		}
		w.out = layOut(w.out, offset, p.stream.tag, p.at, buffer[n:n+p.length])
		taken, n = taken+1, n+p.length
	}
	return taken, n
}

// laidOut is how much a payload takes at most in a segment.
func laidOut(length int) int64 {
	blocks := length/maxPayload + 2
	return int64(length + 2*headerBytes*blocks)
}

// roll makes the next segment the current one, with disk and mu held.
func (w *Writer) roll() {
	if w.file != nil {
		_ = w.file.Close() // nothing is buffered in it
		w.file = nil
	}
	w.segment++
	w.offset = 0
}

// append writes b at the end of the current segment. After an error the segment ends where it did.
func (w *Writer) append(b []byte) error {
	if w.file == nil {
		if err := w.open(); err != nil {
			return fmt.Errorf("opening a log segment: %w", err)
		}
	}
	if _, err := w.file.WriteAt(b, w.offset); err != nil {
		return fmt.Errorf("writing a log segment: %w", errors.Join(err, w.file.Truncate(w.offset)))
	}
	return nil
}

// settle tells the streams of pieces what became of them.
func (w *Writer) settle(pieces []piece, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lastFail = err
	if err == nil {
		w.offset += int64(len(w.out))
	}
	end := batch.LogPosition{Segment: w.segment, Offset: w.offset}
	for _, p := range pieces {
		p.stream.waiting -= p.length
		if err != nil {
			p.stream.dropped += int64(p.length)
			continue
		}
		p.stream.bytes += int64(p.length)
		p.stream.to = end
	}
}
