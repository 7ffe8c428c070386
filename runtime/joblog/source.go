package joblog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// source makes lines of one series for a merge.
type source struct {
	dir   string
	spans map[uint64]int // by tag
	ends  []spanEnd      // of those that have ended, ascending
	runs  []run          // what is left to read
	from  Place          // where the page before ended

	scan    *scan
	read    int               // bytes
	stopped bool              // it has read enough for one call
	seen    batch.LogPosition // end of the last record; lines of it are ready or open
	latest  batch.Time        // of what was read
	open    map[uint64]*openLine
	begun   []*openLine // the open ones, and some that are not open any more, as they began
	ready   []readyLine
}

type spanEnd struct {
	to  batch.LogPosition
	tag uint64
}

// openLine is a line whose end is not seen yet.
type openLine struct {
	tag        uint64
	begun, end batch.LogPosition
	at         batch.Time
	text       []byte
	taken      bool // it is not open any more
}

// readyLine is a line that was not handed out yet.
type readyLine struct {
	MergedLine
	begun batch.LogPosition
	after batch.LogPosition // what lies before has been handed out, but for what is open
}

func (s *source) close() {
	if s.scan != nil {
		s.scan.close()
	}
}

// resume goes on where a page ended. Clients hand places back: they need not be what they were.
func (s *source) resume(from Place) {
	from.At.Offset = max(from.At.Offset, 0)
	from.Open = slices.DeleteFunc(slices.Clone(from.Open), func(offset int64) bool { return offset < 0 })
	slices.Sort(from.Open)
	s.from, s.seen, s.latest = from, from.At, from.Time
}

// place is where the next page begins.
func (s *source) place() Place {
	p := Place{At: s.seen, Time: s.latest}
	if len(s.ready) > 0 {
		p.At = s.ready[0].after
	}
	add := func(begun batch.LogPosition) {
		if compare(begun, p.At) < 0 {
			p.Open = append(p.Open, begun.Offset)
		}
	}
	for i := range s.ready {
		add(s.ready[i].begun)
	}
	for _, o := range s.open {
		add(o.begun)
	}
	slices.Sort(p.Open)
	return p
}

// fill reads until a line is ready, if there is one.
func (s *source) fill(ctx context.Context) error {
	for len(s.ready) == 0 && !s.stopped {
		r, ok, err := s.record(ctx)
		if err != nil {
			return err
		}
		if !ok {
			s.end(func(spanEnd) bool { return true })
			return nil
		}
		if s.again(&r) {
			s.add(r)
		}
		s.read += headerBytes + len(r.payload)
		s.stopped = s.read > MaxMergedBytes
	}
	return nil
}

func (s *source) record(ctx context.Context) (record, bool, error) {
	for {
		if s.scan == nil {
			if len(s.runs) == 0 {
				return record{}, false, nil
			}
			s.scan = newScan(s.dir, 0, s.runs[0].from, s.runs[0].to)
			s.runs = s.runs[1:]
		}
		r, ok, err := s.scan.any(ctx)
		if err != nil || ok {
			return r, ok, err
		}
		s.scan.close()
		s.scan = nil
	}
}

// again takes of a record what lies before the place where the page before ended: of that only open lines are wanted. It reports
// whether something of the record is left.
func (s *source) again(r *record) bool {
	if s.scan.segment != s.from.At.Segment || r.start >= s.from.At.Offset {
		return true
	}
	n := int(min(int64(len(r.payload)), s.from.At.Offset-r.start))
	before := r.payload[:n]
	o := s.open[r.tag]
	if i, _ := slices.BinarySearch(s.from.Open, r.start); o == nil && i < len(s.from.Open) && s.from.Open[i] < r.start+int64(n) {
		before = before[s.from.Open[i]-r.start:]
		o = s.begin(r.tag, batch.LogPosition{Segment: s.scan.segment, Offset: s.from.Open[i]})
	}
	if o != nil {
		o.text = append(o.text, before...)
		o.at, o.end = r.at, batch.LogPosition{Segment: s.scan.segment, Offset: r.start + int64(n)}
	}
	r.payload, r.start = r.payload[n:], r.start+int64(n)
	return len(r.payload) > 0
}

// add takes the lines of a record.
func (s *source) add(r record) {
	at := batch.LogPosition{Segment: s.scan.segment, Offset: r.start}
	s.cut(at)
	s.end(func(e spanEnd) bool { return compare(e.to, at) <= 0 })
	s.seen, s.latest = batch.LogPosition{Segment: at.Segment, Offset: r.start + int64(len(r.payload))}, max(s.latest, r.at)
	if _, wanted := s.spans[r.tag]; !wanted {
		return
	}
	for rest := r.payload; len(rest) > 0; {
		o := s.open[r.tag]
		if o == nil {
			o = s.begin(r.tag, at)
		}
		part := rest[:min(len(rest), MaxLineBytes-len(o.text))]
		n := bytes.IndexByte(part, '\n')
		found := n >= 0
		if !found {
			n = len(part)
		}
		o.text, o.at = append(o.text, part[:n]...), r.at
		if found {
			n++
		}
		after := at
		rest, at.Offset = rest[n:], at.Offset+int64(n)
		if o.end = at; found || len(o.text) >= MaxLineBytes {
			s.take(o, after)
		}
	}
}

func (s *source) begin(tag uint64, at batch.LogPosition) *openLine {
	o := &openLine{tag: tag, begun: at}
	s.open[tag], s.begun = o, append(s.begun, o)
	return o
}

// take makes a line ready.
func (s *source) take(o *openLine, after batch.LogPosition) {
	o.taken = true
	delete(s.open, o.tag)
	if span, wanted := s.spans[o.tag]; wanted {
		line := MergedLine{Line: Line{At: o.at, Text: string(o.text), next: o.end}, Log: span}
		line.ID = fmt.Sprintf("%d%018d", o.end.Segment, o.end.Offset)
		s.ready = append(s.ready, readyLine{line, o.begun, after})
	}
}

// cut takes lines as they are that are too far behind, or too many. So the open ones always begin in the segment of s.seen, not far
// before it.
func (s *source) cut(at batch.LogPosition) {
	for len(s.begun) > 0 {
		o := s.begun[0]
		far := o.begun.Segment != at.Segment || at.Offset-o.begun.Offset > MaxHeldBytes || len(s.open) > maxOpenLines
		if !o.taken && !far {
			return
		}
		if !o.taken {
			o.at = max(o.at, s.latest)
			s.take(o, s.seen)
		}
		s.begun = s.begun[1:]
	}
}

// end takes the last lines of attempts that have ended, whether they are finished or not.
func (s *source) end(passed func(spanEnd) bool) {
	for len(s.ends) > 0 && passed(s.ends[0]) {
		if o := s.open[s.ends[0].tag]; o != nil {
			o.at = max(o.at, s.latest)
			s.take(o, s.seen)
		}
		s.ends = s.ends[1:]
	}
}

// writtenSince returns where the first segment of a series begins that was written at or after a moment: no line of one before
// was finished then.
func (d *Dir) writtenSince(series Series, since batch.Time) (batch.LogPosition, error) {
	numbers, err := segments(d.path)
	if err != nil {
		return batch.LogPosition{}, err
	}
	first := batch.LogPosition{}
	for _, n := range numbers {
		if seriesOf(n) != series {
			continue
		}
		info, err := os.Stat(segmentPath(d.path, n))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return first, fmt.Errorf("reading a log segment: %w", err)
		}
		first = batch.LogPosition{Segment: n}
		if err == nil && info.ModTime().Add(time.Second).After(since.Std()) { // file systems round
			return first, nil
		}
	}
	return first, nil // there may be more to come in the newest
}
