package joblog

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Writer appends the output of many attempts to the segments of one series. Output reaches the
// disk within 50 ms, or at once by Flush. A disk that does not take it costs output, which is
// counted, and never holds an attempt up for long. It is safe for concurrent use.
type Writer struct {
	dir     string
	pending chan struct{} // holds a token while there is output to flush
	done    chan struct{}
	flusher sync.WaitGroup

	above os.FileInfo // the directory that dir is in

	disk   sync.Mutex // guards the file; taken before mu
	file   *os.File
	opened os.FileInfo // of file
	lookAt time.Time   // when it is looked again whether file is in its place
	out    []byte      // reused by flushes

	mu          sync.Mutex
	drained     *sync.Cond // woken when a flush took the buffer
	segment     int64
	offset      int64 // end of what is on disk; records begin there
	buffer      []byte
	pieces      []piece
	stalled     bool    // the disk did not take the buffer in time
	spare       []byte  // the buffer of the last flush, to be used again
	sparePieces []piece // and its pieces
	lastFail    error
}

// piece is output of one stream that lies in the buffer.
type piece struct {
	stream *Stream
	at     batch.Time
	length int
}

// OpenWriter begins a new segment of series in dir, which is made if it is missing. There may be
// one writer of a series at a time. Close it to end its goroutine.
func OpenWriter(dir string, series Series) (*Writer, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the log directory: %w", err)
	}
	above, err := os.Stat(filepath.Dir(dir))
	if err != nil {
		return nil, fmt.Errorf("finding the directory above the logs: %w", err)
	}
	numbers, err := segments(dir)
	if err != nil {
		return nil, err
	}
	last := int64(series) << seriesBits
	for _, n := range numbers {
		if seriesOf(n) == series {
			last = n
		}
	}
	w := &Writer{dir: dir, above: above, pending: make(chan struct{}, 1), done: make(chan struct{}), segment: last + 1}
	w.drained = sync.NewCond(&w.mu)
	w.flusher.Go(w.run)
	return w, nil
}

// Close writes what is left and ends the use of w.
func (w *Writer) Close() error {
	close(w.done)
	w.flusher.Wait()
	w.disk.Lock()
	defer w.disk.Unlock()
	if w.file == nil {
		return nil
	}
	return w.file.Close()
}

func (w *Writer) run() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-w.done:
			w.Flush()
			return
		case <-w.pending:
		}
		timer.Reset(flushDelay)
		select {
		case <-w.done:
		case <-timer.C:
		}
		w.Flush()
	}
}

// Err says why output could not be written the last time; nil while all is well.
func (w *Writer) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.lastFail
}

// Stream is the output of one attempt.
type Stream struct {
	w       *Writer
	tag     uint64
	from    batch.LogPosition
	to      batch.LogPosition
	bytes   int64
	dropped int64
	waiting int // bytes in the buffer
}

// Stream begins the output of attempt here.
func (w *Writer) Stream(attempt batch.AttemptID) *Stream {
	w.mu.Lock()
	defer w.mu.Unlock()
	here := batch.LogPosition{Segment: w.segment, Offset: w.offset}
	return &Stream{w: w, tag: tagOf(attempt), from: here, to: here}
}

// From is where the output begins.
func (s *Stream) From() batch.LogPosition { return s.from }

// Write takes p as output of now. It may wait a moment for a slow disk and drops p, counted, when
// that does not help; so it never fails.
func (s *Stream) Write(p []byte) { s.write(p, batch.At(time.Now()), true) }

// WriteNow is Write without waiting, for a last piece of bounded size.
func (s *Stream) WriteNow(p []byte) { s.write(p, batch.At(time.Now()), false) }

func (s *Stream) write(p []byte, at batch.Time, mayWait bool) {
	if len(p) == 0 {
		return
	}
	w := s.w
	w.mu.Lock()
	defer w.mu.Unlock()
	if mayWait && len(w.buffer) > maxBufferBytes && !w.awaitRoom() {
		s.dropped += int64(len(p))
		return
	}
	if n := len(w.pieces); n > 0 && w.pieces[n-1].stream == s && w.pieces[n-1].at == at && w.pieces[n-1].length < maxPieceBytes {
		w.pieces[n-1].length += len(p)
	} else {
		w.pieces = append(w.pieces, piece{s, at, len(p)})
	}
	if len(w.buffer) == 0 {
		select {
		case w.pending <- struct{}{}:
		default:
		}
	}
	w.buffer = append(w.buffer, p...)
	s.waiting += len(p)
}

// awaitRoom waits, with mu held, until the buffer was taken, for maxStall at most and not at all
// while the disk is known to stand still.
func (w *Writer) awaitRoom() bool {
	if w.stalled {
		return false
	}
	timeout := time.AfterFunc(maxStall, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.stalled = len(w.buffer) > maxBufferBytes
		w.drained.Broadcast()
	})
	defer timeout.Stop()
	for len(w.buffer) > maxBufferBytes && !w.stalled {
		w.drained.Wait()
	}
	return !w.stalled
}

// Span says where the output lies. It is complete after a flush that followed the last Write.
func (s *Stream) Span() batch.LogSpan {
	if s.Waiting() {
		s.w.Flush()
	}
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	return batch.LogSpan{From: s.from, To: s.to, Bytes: s.bytes, Dropped: s.dropped}
}

// Waiting reports whether some of the output is not on disk yet.
func (s *Stream) Waiting() bool {
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	return s.waiting > 0
}

// Here is the position behind everything that other writers of the series wrote before w.
func (w *Writer) Here() batch.LogPosition {
	w.mu.Lock()
	defer w.mu.Unlock()
	return batch.LogPosition{Segment: w.segment, Offset: w.offset}
}
