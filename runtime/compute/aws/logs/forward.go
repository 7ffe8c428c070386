package logs

import (
	"context"

	"github.com/batchd/terraform-provider-batch/runtime/joblog"
)

// forward reads the first lines from s.at on.
func (s *stream) forward(ctx context.Context) (joblog.Page, error) {
	begin := s.query.At
	page := joblog.Page{Start: begin, End: begin, Next: begin}
	in := s.input(s.at.at, joblog.Always.To)
	behind, skip := s.at, s.at.count
	if s.query.Window.From > s.at.at {
		behind, skip = position{}, 0
	}
	moved, last := false, false
	for calls := 0; calls < maxCalls && len(page.Lines) == 0 && !last; calls++ {
		events, end, err := s.call(ctx, in)
		if err != nil {
			return joblog.Page{}, err
		}
		last = end
		for _, e := range events {
			if skip > 0 && timeOf(e) == s.at.at {
				skip--
				continue
			}
			if line, shown := s.line(e); shown {
				page.Lines = append(page.Lines, line)
				if s.query.Fit(page.Lines) < len(page.Lines) {
					page.Lines, last = page.Lines[:len(page.Lines)-1], false
					break
				}
			}
			behind, moved = behind.behind(timeOf(e)), true
		}
	}
	if moved {
		page.End = behind.of()
		page.Next = page.End
	}
	page.Ended = last && s.ended()
	return page, nil
}
