package api

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"math"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// logWindow bounds events by time, in ms: StartTime included, EndTime not.
type logWindow struct {
	StartTime *int64 `json:"startTime"`
	EndTime   *int64 `json:"endTime"`
}

func (w logWindow) holds(line joblog.Line) bool {
	return int64(line.At) >= or(w.StartTime, math.MinInt64) && int64(line.At) < or(w.EndTime, math.MaxInt64)
}

type getLogEventsRequest struct {
	logGroupRef
	logWindow
	LogStreamName string `json:"logStreamName"`
	StartFromHead bool   `json:"startFromHead"`
	NextToken     string `json:"nextToken"`
	Limit         *int32 `json:"limit"`
}

type outputLogEvent struct {
	Timestamp     int64  `json:"timestamp"`
	IngestionTime int64  `json:"ingestionTime"`
	Message       string `json:"message"`
}

type getLogEventsResponse struct {
	Events            []outputLogEvent `json:"events"`
	NextForwardToken  string           `json:"nextForwardToken"`
	NextBackwardToken string           `json:"nextBackwardToken"`
}

// logPage is some lines that follow one another, and where they begin and end.
type logPage struct {
	lines      []joblog.Line
	start, end batch.LogPosition
}

// getLogEvents answers a page of one stream. At either end of the stream it is empty and its token is the
// one that was given, by which clients know that there is no more.
func (s *server) getLogEvents(ctx context.Context, _ call, q *getLogEventsRequest) (getLogEventsResponse, error) {
	answer := getLogEventsResponse{Events: []outputLogEvent{}}
	var limit int
	var out output
	err := s.Store.Together(ctx, func(r store.Reader) error {
		group, err := s.logGroup(ctx, r, q.logGroupRef)
		if err != nil {
			return err
		}
		if q.LogStreamName == "" {
			return logInvalid("logStreamName: given nothing; allowed is the name of a stream, as DescribeLogStreams and a job's details have it")
		}
		if limit, err = eventLimit(q.Limit); err != nil {
			return err
		}
		out, err = s.stream(ctx, r, group.Name, q.LogStreamName)
		return err
	})
	if err != nil {
		return answer, err
	}
	p, err := s.logPage(ctx, out, q, limit)
	if err != nil {
		return answer, err
	}
	for _, line := range p.lines {
		answer.Events = append(answer.Events, outputLogEvent{Timestamp: int64(line.At), IngestionTime: int64(line.At), Message: line.Text})
	}
	answer.NextForwardToken, answer.NextBackwardToken = directed("f/", p.end), directed("b/", p.start)
	return answer, nil
}

func (s *server) logPage(ctx context.Context, out output, q *getLogEventsRequest, limit int) (logPage, error) {
	backward, at := !q.StartFromHead, out.to
	if !backward {
		at = out.from
	}
	if q.NextToken != "" {
		var err error
		if backward, at, err = parseDirected(q.NextToken); err != nil {
			return logPage{}, err
		}
	}
	if backward {
		return s.pageBackward(ctx, out, at, limit, q.holds)
	}
	return s.pageForward(ctx, out, at, limit, q.holds)
}

// pageForward reads lines that keep wants from a position on. Where there is nothing the page ends where it
// begins, however much others have written.
func (s *server) pageForward(ctx context.Context, out output, at batch.LogPosition, limit int, keep func(joblog.Line) bool) (logPage, error) {
	p := logPage{start: at, end: at}
	for range maxLogReads {
		lines, next, err := s.Logs.Read(ctx, out.attempt, p.end, out.to, limit-len(p.lines))
		if err != nil || len(lines) == 0 {
			return p, err
		}
		size := 0
		for i, line := range lines {
			if !keep(line) {
				continue
			}
			if size += len(line.Text); size > maxEventBytes && len(p.lines) > 0 {
				next = lines[i-1].Next
				break
			}
			p.lines = append(p.lines, line)
		}
		p.end = next
		if len(p.lines) > 0 {
			return p, nil
		}
	}
	return p, nil
}

// pageBackward reads the last lines before a position; a zero position is the end of a log that still grows.
func (s *server) pageBackward(ctx context.Context, out output, to batch.LogPosition, limit int, keep func(joblog.Line) bool) (logPage, error) {
	p := logPage{start: to, end: to}
	for range maxLogReads {
		if p.start == out.from {
			return p, nil
		}
		lines, err := s.Logs.Tail(ctx, out.attempt, out.from, p.start, limit+1)
		if err != nil {
			return p, err
		}
		if p.end.IsZero() {
			p.end = out.from
			if len(lines) > 0 {
				p.end = lines[len(lines)-1].Next
			}
		}
		from := beginning(lines, limit)
		p.start = out.from
		if from > 0 {
			p.start = lines[from-1].Next // only the line before tells where one begins
		}
		for _, line := range lines[from:] {
			if keep(line) {
				p.lines = append(p.lines, line)
			}
		}
		if len(p.lines) > 0 {
			return p, nil
		}
	}
	return p, nil
}

// beginning returns where, among lines, a page of at most limit lines and maxEventBytes begins that ends with
// the last. It has one line at least.
func beginning(lines []joblog.Line, limit int) int {
	size, from := 0, len(lines)
	for from > 0 && len(lines)-from < limit {
		size += len(lines[from-1].Text)
		if size > maxEventBytes && from < len(lines) {
			break
		}
		from--
	}
	return from
}

func eventLimit(given *int32) (int, error) {
	limit := or(given, maxEvents)
	if limit < 1 || limit > maxEvents {
		return 0, logInvalid("limit: given %d; allowed is 1 to %d", limit, maxEvents)
	}
	return int(limit), nil
}

// directed makes the token that goes on from a position, forward (f/) or backward (b/).
func directed(direction string, at batch.LogPosition) string { return direction + encodeToken(at) }

func parseDirected(token string) (backward bool, at batch.LogPosition, err error) {
	direction, rest, _ := strings.Cut(token, "/")
	text, err := base64.RawURLEncoding.DecodeString(rest)
	if err == nil {
		err = json.Unmarshal(text, &at)
	}
	if err != nil || direction != "f" && direction != "b" || at.Segment < 1 {
		return false, at, logInvalid("nextToken: given a token that was not made here; allowed is a token of the page before, unchanged")
	}
	return direction == "b", at, nil
}
