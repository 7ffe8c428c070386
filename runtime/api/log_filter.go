package api

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
)

type filterLogEventsRequest struct {
	logGroupRef
	logWindow
	LogStreamNames      []string `json:"logStreamNames"`
	LogStreamNamePrefix string   `json:"logStreamNamePrefix"`
	FilterPattern       string   `json:"filterPattern"`
	StartFromHead       *bool    `json:"startFromHead"`
	NextToken           string   `json:"nextToken"`
	Limit               *int32   `json:"limit"`
}

// holds bounds events by time; unlike that of GetLogEvents, EndTime is included.
func (q *filterLogEventsRequest) holds(line joblog.Line) bool {
	return int64(line.At) >= or(q.StartTime, math.MinInt64) && int64(line.At) <= or(q.EndTime, math.MaxInt64)
}

type filteredLogEvent struct {
	EventID       string `json:"eventId"`
	LogStreamName string `json:"logStreamName"`
	Timestamp     int64  `json:"timestamp"`
	IngestionTime int64  `json:"ingestionTime"`
	Message       string `json:"message"`
}

type filterLogEventsResponse struct {
	Events             []filteredLogEvent `json:"events"`
	SearchedLogStreams []struct{}         `json:"searchedLogStreams"` // AWS leaves it empty too
	NextToken          string             `json:"nextToken,omitempty"`
}

// filterPlace is where filtering goes on.
type filterPlace struct {
	Stream int               `json:"s"`           // index among the names
	Name   string            `json:"n,omitempty"` // of a prefix: the name at that index, before which others may have come since
	At     batch.LogPosition `json:"p"`
	After  string            `json:"a,omitempty"` // of a prefix: where the names of the page before end
}

// filterLogEvents answers events of several streams, one stream after the other.
func (s *server) filterLogEvents(ctx context.Context, q *filterLogEventsRequest) (filterLogEventsResponse, error) {
	answer := filterLogEventsResponse{Events: []filteredLogEvent{}, SearchedLogStreams: []struct{}{}}
	if err := s.checkGroup(q.logGroupRef); err != nil {
		return answer, err
	}
	limit, err := eventLimit(q.Limit)
	if err != nil {
		return answer, err
	}
	if !or(q.StartFromHead, true) {
		return answer, logInvalid("startFromHead: given false; allowed is true: events are answered from the oldest of a stream on")
	}
	passes, err := filterPattern(q.FilterPattern)
	if err != nil {
		return answer, err
	}
	var at filterPlace
	if err := decodeToken(q.NextToken, &at); err != nil {
		return answer, logInvalid("%v", err)
	}
	names, following, err := s.filteredStreams(ctx, q, at.After)
	if err != nil {
		return answer, err
	}
	if len(q.LogStreamNames) == 0 && at.Name != "" {
		at.Stream = slices.Index(names, at.Name)
		if at.Stream < 0 && following != "" { // others have moved it to the page behind
			at.Stream, at.After = 0, following
			answer.NextToken = encodeToken(at)
			return answer, nil
		}
	}
	if at.Stream < 0 || at.Stream > len(names) {
		return answer, logInvalid("nextToken: given a token of other streams; allowed is the nextToken of the page before, unchanged")
	}
	keep := func(line joblog.Line) bool { return q.holds(line) && passes(line.Text) }
	if err := s.filterStreams(ctx, q, names, &at, limit, keep, &answer); err != nil {
		return answer, err
	}
	switch {
	case at.Stream < len(names):
		if len(q.LogStreamNames) == 0 {
			at.Name = names[at.Stream]
		}
		answer.NextToken = encodeToken(at)
	case following != "":
		answer.NextToken = encodeToken(filterPlace{After: following})
	}
	return answer, nil
}

// filterStreams adds events of streams until the page is full, and moves at on.
func (s *server) filterStreams(ctx context.Context, q *filterLogEventsRequest, names []string, at *filterPlace, limit int, keep func(joblog.Line) bool, answer *filterLogEventsResponse) error {
	size := 0
	for range maxStreamNames + maxLogReads {
		have := len(answer.Events)
		if at.Stream == len(names) || have >= limit || size >= maxEventBytes {
			return nil
		}
		err := s.filterStream(ctx, names[at.Stream], at, limit-have, keep, answer)
		var refused *wire.Error
		switch {
		case len(q.LogStreamNames) == 0 && errors.As(err, &refused) && refused.Code == codeLogNotFound: // gone since it was listed
			at.Stream, at.At = at.Stream+1, batch.LogPosition{}
		case err != nil:
			return err
		}
		for _, event := range answer.Events[have:] {
			size += len(event.Message)
		}
	}
	return nil
}

// filteredStreams returns the names of the streams that are looked at, and where those of the next page
// begin.
func (s *server) filteredStreams(ctx context.Context, q *filterLogEventsRequest, after string) ([]string, string, error) {
	switch {
	case len(q.LogStreamNames) > maxStreamNames:
		return nil, "", logInvalid("logStreamNames: given %d names; allowed is 1 to %d", len(q.LogStreamNames), maxStreamNames)
	case len(q.LogStreamNames) > 0 && q.LogStreamNamePrefix != "":
		return nil, "", logInvalid("logStreamNamePrefix: given beside logStreamNames; allowed is only one of them")
	case len(q.LogStreamNames) > 0:
		return q.LogStreamNames, "", nil
	}
	page, err := s.describeLogStreams(ctx, &describeLogStreamsRequest{logGroupRef: q.logGroupRef, LogStreamNamePrefix: q.LogStreamNamePrefix, NextToken: after})
	var names []string
	for _, stream := range page.LogStreams {
		names = append(names, stream.LogStreamName)
	}
	return names, page.NextToken, err
}

// filterStream adds events of one stream and moves at on.
func (s *server) filterStream(ctx context.Context, name string, at *filterPlace, limit int, keep func(joblog.Line) bool, answer *filterLogEventsResponse) error {
	out, err := s.stream(ctx, name)
	if err != nil {
		return err
	}
	from := at.At
	if from.Segment == 0 {
		from = out.from
	}
	p, err := s.pageForward(ctx, out, from, limit, keep)
	if err != nil {
		return err
	}
	for _, line := range p.lines {
		answer.Events = append(answer.Events, filteredLogEvent{
			EventID: fmt.Sprintf("%d%018d", line.Next.Segment, line.Next.Offset), LogStreamName: name,
			Timestamp: int64(line.At), IngestionTime: int64(line.At), Message: line.Text,
		})
	}
	at.At = p.end
	if p.end == p.start || out.isEnd(p.end) {
		at.Stream, at.At = at.Stream+1, batch.LogPosition{}
	}
	return nil
}

// filterPattern returns what a pattern of terms lets pass: every plain term and "phrase" must be in the
// message, one of those with ? must, and none of those with -.
func filterPattern(pattern string) (func(string) bool, error) {
	pattern = strings.TrimSpace(pattern)
	if strings.HasPrefix(pattern, "{") || strings.HasPrefix(pattern, "[") || strings.HasPrefix(pattern, "%") {
		return nil, logInvalid("filterPattern: given %s; allowed here are terms, \"phrases\", ?optional and -excluded ones", shortened(pattern))
	}
	var all, some, none []string
	for pattern != "" {
		into := &all
		switch pattern[0] {
		case '?':
			into, pattern = &some, pattern[1:]
		case '-':
			into, pattern = &none, pattern[1:]
		}
		var term string
		if rest, quoted := strings.CutPrefix(pattern, `"`); quoted {
			term, pattern, _ = strings.Cut(rest, `"`)
		} else {
			term, pattern, _ = strings.Cut(pattern, " ")
		}
		if term != "" {
			*into = append(*into, term)
		}
		pattern = strings.TrimSpace(pattern)
	}
	return func(message string) bool {
		for _, term := range all {
			if !strings.Contains(message, term) {
				return false
			}
		}
		return !containsOne(message, none) && (len(some) == 0 || containsOne(message, some))
	}, nil
}

func containsOne(message string, terms []string) bool {
	for _, term := range terms {
		if strings.Contains(message, term) {
			return true
		}
	}
	return false
}
