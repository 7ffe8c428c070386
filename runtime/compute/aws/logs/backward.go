package logs

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
)

// backward reads the last lines before s.at, or of the stream.
func (s *stream) backward(ctx context.Context) (joblog.Page, error) {
	page := joblog.Page{Start: s.query.At, End: s.query.At, Next: s.query.At}
	events, err := s.before(ctx)
	if err != nil || len(events) == 0 {
		return page, err
	}
	if !s.given {
		page.End = behindAll(events).of()
		page.Next = page.End
	}
	first := len(events) // that the page begins with
	var lines []joblog.Line
	for i, e := range slices.Backward(events) {
		if line, shown := s.line(e); shown {
			lines = slices.Insert(lines, 0, line)
			if s.query.Fit(lines) < len(lines) {
				lines = lines[1:]
				break
			}
		}
		first = i
	}
	page.Lines, page.Start = lines, before(events, first).of()
	return page, nil
}

// before returns the last events before s.at: as many as a page may need, and those of the first one's moment as a whole, so that their places are known.
func (s *stream) before(ctx context.Context) (events []types.OutputLogEvent, err error) {
	to := joblog.Always.To
	if s.given {
		to = s.at.at + 1
	}
	in := s.input(0, to)
	for range maxCalls {
		more, last, err := s.call(ctx, in)
		if err != nil {
			return nil, err
		}
		events = append(slices.Clone(more), events...)
		if last || s.enough(events) {
			break
		}
	}
	return s.upTo(events), nil
}

// upTo leaves out the events at the end that lie behind s.at.
func (s *stream) upTo(events []types.OutputLogEvent) []types.OutputLogEvent {
	if !s.given {
		return events
	}
	of := 0 // that moment
	for of < len(events) && timeOf(events[len(events)-1-of]) == s.at.at {
		of++
	}
	return events[:len(events)-max(of-s.at.count, 0)]
}

// enough reports whether events hold a whole page, and begin earlier than it.
func (s *stream) enough(events []types.OutputLogEvent) bool {
	lines := 0
	for _, e := range slices.Backward(s.upTo(events)) {
		if _, shown := s.line(e); shown {
			lines++
		}
		if lines == s.query.Limit {
			return timeOf(events[0]) < timeOf(e)
		}
	}
	return false
}

// before is the position before events[i].
func before(events []types.OutputLogEvent, i int) position {
	if i == len(events) {
		return behindAll(events)
	}
	p := position{at: timeOf(events[i])}
	for j := i - 1; j >= 0 && timeOf(events[j]) == p.at; j-- {
		p.count++
	}
	return p
}

// behindAll is the position behind the last of events.
func behindAll(events []types.OutputLogEvent) position {
	p := position{at: batch.Time(0)}
	for _, e := range events {
		p = p.behind(timeOf(e))
	}
	return p
}
