package joblog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// scanBlocks is how many blocks are read from a segment at once, after the first one, which is
// enough for a few lines.
const scanBlocks = 4

// scan walks the records of one attempt from a position on.
type scan struct {
	dir     string
	tag     uint64
	to      batch.LogPosition // zero: to the end
	segment int64
	offset  int64 // what lies before it has been seen
	border  bool  // offset is where a record ends

	file  *os.File
	chunk []byte // from base on in file
	base  int64
	last  bool // the file ends with chunk
	ended bool
}

func newScan(dir string, tag uint64, at, to batch.LogPosition) *scan {
	return &scan{dir: dir, tag: tag, to: to, segment: at.Segment, offset: at.Offset}
}

func (s *scan) close() {
	if s.file != nil {
		_ = s.file.Close() // it was only read
		s.file = nil
	}
}

// position is how far s has come.
func (s *scan) position() batch.LogPosition {
	if s.ended && !s.to.IsZero() {
		return s.to
	}
	return batch.LogPosition{Segment: s.segment, Offset: s.offset}
}

// record returns the next record of the attempt, without what lies before the position.
func (s *scan) record(ctx context.Context) (record, bool, error) {
	for {
		r, ok, err := s.any(ctx)
		if err != nil || !ok || r.tag == s.tag {
			return r, ok, err
		}
	}
}

// any is record for whatever attempt.
func (s *scan) any(ctx context.Context) (record, bool, error) {
	for {
		if err := ctx.Err(); err != nil {
			return record{}, false, err
		}
		r, state, err := s.step()
		if err != nil || state == scanEnd {
			s.ended = err == nil
			return record{}, false, err
		}
		if state == scanRecord {
			return r, true, nil
		}
	}
}

type scanState int

const (
	scanRecord scanState = iota // a record, of whatever attempt
	scanMoved                   // nothing, but there is more
	scanEnd
)

// step moves on by one record, one damaged block or one chunk.
func (s *scan) step() (record, scanState, error) {
	if s.beyond() {
		return record{}, scanEnd, nil
	}
	if s.file == nil {
		if found, err := s.open(); err != nil || !found {
			return record{}, scanEnd, err
		}
	}
	if s.chunk == nil || s.offset >= s.base+int64(len(s.chunk)) && !s.last {
		return record{}, scanMoved, s.load()
	}
	if r, ok := s.parse(); ok {
		return r, scanRecord, nil
	}
	return s.skip()
}

func (s *scan) beyond() bool {
	if s.to.IsZero() {
		return false
	}
	return s.segment > s.to.Segment || s.segment == s.to.Segment && s.offset >= s.to.Offset
}

// open opens the current segment or, if it is gone, the next of its series.
func (s *scan) open() (found bool, err error) {
	file, err := os.Open(segmentPath(s.dir, s.segment))
	if err == nil {
		s.file, s.chunk, s.last = file, nil, false
		return true, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("reading a log segment: %w", err)
	}
	next, ok, err := s.following()
	if err != nil || !ok {
		return false, err
	}
	s.segment, s.offset = next, 0
	if s.beyond() {
		return false, nil
	}
	return s.open()
}

// following returns the next segment of the series that exists.
func (s *scan) following() (int64, bool, error) {
	numbers, err := segments(s.dir)
	if err != nil {
		return 0, false, err
	}
	i, exact := slices.BinarySearch(numbers, s.segment)
	if exact {
		i++
	}
	if i == len(numbers) || seriesOf(numbers[i]) != seriesOf(s.segment) {
		return 0, false, nil
	}
	return numbers[i], true, nil
}

// load reads the chunk that holds the position; it begins where a block does.
func (s *scan) load() error {
	size := blockBytes
	if s.chunk != nil {
		size = scanBlocks * blockBytes
	}
	if cap(s.chunk) < size {
		s.chunk = make([]byte, size)
	}
	s.base = s.offset - s.offset%blockBytes
	n, err := s.file.ReadAt(s.chunk[:size], s.base)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading a log segment: %w", err)
	}
	s.chunk, s.last = s.chunk[:n], n < size
	return nil
}

// parse returns the record at or around the position and moves behind it. A position that is not
// known to be the border of a record is looked up from the start of its block.
func (s *scan) parse() (record, bool) {
	block := s.offset - s.offset%blockBytes
	limit := min(block+blockBytes-s.base, int64(len(s.chunk)))
	at := s.offset
	if !s.border {
		at = block
	}
	for at <= s.offset && at-s.base < limit {
		r, size, ok := parseRecord(s.chunk[at-s.base:limit], at)
		if !ok {
			return record{}, false
		}
		at += int64(size)
		if at > s.offset {
			if cut := s.offset - r.start; cut > 0 {
				r.payload, r.start = r.payload[cut:], s.offset
			}
			s.offset, s.border = at, true
			return r, true
		}
	}
	return record{}, false
}

// skip goes on behind what is not a record: with the next block, or the next segment.
func (s *scan) skip() (record, scanState, error) {
	if block := s.offset - s.offset%blockBytes + blockBytes; block < s.base+int64(len(s.chunk)) || !s.last {
		s.offset = block
		return record{}, scanMoved, nil
	}
	next, ok, err := s.following()
	if err != nil || !ok {
		return record{}, scanEnd, err
	}
	if grown, err := s.grown(); err != nil || grown {
		return record{}, scanMoved, err
	}
	s.close()
	s.segment, s.offset = next, 0
	return record{}, scanMoved, nil
}

// grown loads the chunk again and reports whether that brought more: a segment may grow until the
// next one exists.
func (s *scan) grown() (bool, error) {
	before := s.base + int64(len(s.chunk))
	if err := s.load(); err != nil {
		return false, err
	}
	return s.base+int64(len(s.chunk)) > before, nil
}
