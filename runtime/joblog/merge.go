package joblog

import (
	"cmp"
	"context"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// MergeQuery asks for lines of several logs.
type MergeQuery struct {
	Logs []Log
	// Places are where the page before ended; none at first. With them every line comes once that was there at the first page, also
	// where logs have been added or have gone on since.
	Places []Place
	// Since allows to leave out, on the first page, what was written before; 0: nothing.
	Since batch.Time
	// Keep says which lines are wanted.
	Keep func(Line) bool
	// Limit and Bytes are how many lines, and how much text, a page has at most; it may have one line however long.
	Limit, Bytes int
}

// Merged is a page of lines. It may have none though there are More.
type Merged struct {
	Lines  []MergedLine
	Places []Place // where the next page begins
	More   bool
}

// MergedLine is a line of the log with that index.
type MergedLine struct {
	Line
	Log int
	// ID is digits that tell the line from every other of its log, and are the same whenever it is read.
	ID string
}

// Place is where merging goes on in one series of segments, or, of a kind whose reader has tokens, in its logs.
type Place struct {
	Kind  batch.LogKind     `json:"k,omitempty"`
	Token string            `json:"n,omitempty"`
	At    batch.LogPosition `json:"p,omitzero"`
	// Open are the offsets in the segment at which those lines begin that are not finished before At.
	Open []int64 `json:"o,omitempty"`
	// Time is the latest of what was written before At.
	Time batch.Time `json:"t,omitempty"`
}

// Merge implements [Reader]. Lines come as they were finished: in the order of their place within a series, which is that of their
// times but for what was written late, merged by time between series and sorted by time, stably, within a page. An unfinished line
// of an attempt that runs is held back until it is finished, MaxLineBytes long, MaxHeldBytes behind or in an older segment than what
// follows. A line that is taken unfinished has the time of the latest that was written before. It goes once through what the attempts
// share, and holds a page and the unfinished lines: nothing is written before a place.
func (d *Dir) Merge(ctx context.Context, q MergeQuery) (Merged, error) {
	sources, err := d.sources(q)
	if err != nil {
		return Merged{}, err
	}
	var page Merged
	defer func() {
		for _, s := range sources {
			s.close()
		}
	}()
	for bytes := 0; ; {
		next, err := earliest(ctx, sources)
		if err != nil {
			return Merged{}, err
		}
		if next == nil {
			page.More = slices.ContainsFunc(sources, func(s *source) bool { return s.stopped })
			break
		}
		line := next.ready[0].MergedLine
		wanted := q.Keep(line.Line)
		if wanted && (len(page.Lines) >= q.Limit || len(page.Lines) > 0 && bytes+len(line.Text) > q.Bytes) {
			page.More = true
			break
		}
		next.ready = next.ready[1:]
		if wanted {
			page.Lines = append(page.Lines, line)
			bytes += len(line.Text)
		}
	}
	for _, s := range sources {
		if place := s.place(); !place.At.IsZero() {
			page.Places = append(page.Places, place)
		}
	}
	slices.SortStableFunc(page.Lines, func(a, b MergedLine) int { return cmp.Compare(a.At, b.At) })
	return page, nil
}

// earliest returns the source whose next line is the earliest; nil if there is none, or if one source has gone through so much that
// its next line is not known.
func earliest(ctx context.Context, sources []*source) (*source, error) {
	var next *source
	for _, s := range sources {
		if err := s.fill(ctx); err != nil {
			return nil, err
		}
		switch {
		case len(s.ready) == 0 && s.stopped:
			return nil, nil
		case len(s.ready) > 0 && (next == nil || s.ready[0].At < next.ready[0].At):
			next = s
		}
	}
	return next, nil
}

// sources makes one source for each series that logs lie in.
func (d *Dir) sources(q MergeQuery) ([]*source, error) {
	spans := map[Series][]int{}
	for i := range q.Logs {
		if from := q.Logs[i].Ref.Span.From; !from.IsZero() {
			series := seriesOf(from.Segment)
			spans[series] = append(spans[series], i)
		}
	}
	var sources []*source
	for _, series := range []Series{SeriesHolder, SeriesContainers} {
		if len(spans[series]) == 0 {
			continue
		}
		s := &source{dir: d.path, spans: map[uint64]int{}, open: map[uint64]*openLine{}}
		first := batch.LogPosition{}
		if i := slices.IndexFunc(q.Places, func(p Place) bool { return seriesOf(p.At.Segment) == series }); i >= 0 {
			s.resume(q.Places[i])
			first = s.from.At
			if len(s.from.Open) > 0 {
				first.Offset = min(first.Offset, s.from.Open[0])
			}
		} else if q.Since > 0 {
			var err error
			if first, err = d.writtenSince(series, q.Since); err != nil {
				return nil, err
			}
		}
		for _, i := range spans[series] {
			span, tag := q.Logs[i].Ref.Span, tagOf(q.Logs[i].Attempt)
			s.spans[tag] = i
			if !span.To.IsZero() {
				s.ends = append(s.ends, spanEnd{span.To, tag})
			}
			s.runs = append(s.runs, run{span.From, span.To})
		}
		slices.SortFunc(s.ends, func(a, b spanEnd) int { return compare(a.to, b.to) })
		s.runs = joined(s.runs, first)
		sources = append(sources, s)
	}
	return sources, nil
}

// run is a part of a series that is read without a gap; a zero to: to its end.
type run struct{ from, to batch.LogPosition }

// joined makes runs that follow one another, with large gaps between them, of the parts of runs from first on.
func joined(runs []run, first batch.LogPosition) []run {
	slices.SortFunc(runs, func(a, b run) int { return compare(a.from, b.from) })
	var all []run
	for _, r := range runs {
		open := r.to.IsZero()
		if !open && compare(r.to, first) <= 0 {
			continue
		}
		if compare(r.from, first) < 0 {
			r.from = first
		}
		if len(all) == 0 {
			all = append(all, r)
			continue
		}
		last := &all[len(all)-1]
		reach := last.to
		reach.Offset += mergedGap
		switch {
		case last.to.IsZero():
			return all
		case compare(r.from, reach) > 0:
			all = append(all, r)
		case open || compare(r.to, last.to) > 0:
			last.to = r.to
		}
	}
	return all
}

func compare(a, b batch.LogPosition) int {
	return cmp.Or(cmp.Compare(a.Segment, b.Segment), cmp.Compare(a.Offset, b.Offset))
}
