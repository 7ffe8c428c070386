package logs

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"math"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/api/pagetoken"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// timeRange bounds events by time, in ms: StartTime included, EndTime not.
type timeRange struct {
	StartTime *int64 `json:"startTime"`
	EndTime   *int64 `json:"endTime"`
}

func (w timeRange) window() joblog.Window {
	return joblog.Window{From: batch.Time(wire.Or(w.StartTime, math.MinInt64)), To: batch.Time(wire.Or(w.EndTime, math.MaxInt64))}
}

// GetLogEventsRequest asks for events of one stream.
type GetLogEventsRequest struct {
	GroupRef
	timeRange
	LogStreamName string `json:"logStreamName"`
	StartFromHead bool   `json:"startFromHead"`
	NextToken     string `json:"nextToken"`
	Limit         *int32 `json:"limit"`
}

// OutputEvent is one line of output. Its times are in ms.
type OutputEvent struct {
	Timestamp     int64  `json:"timestamp"`
	IngestionTime int64  `json:"ingestionTime"`
	Message       string `json:"message"`
}

// GetLogEventsResponse is a page of events, with the tokens of the pages after it and before it.
type GetLogEventsResponse struct {
	Events            []OutputEvent `json:"events"`
	NextForwardToken  string        `json:"nextForwardToken"`
	NextBackwardToken string        `json:"nextBackwardToken"`
}

// GetLogEvents answers a page of one stream. At either end of the stream it is empty and its token is the
// one that was given, by which clients know that there is no more.
func (s *Service) GetLogEvents(ctx context.Context, _ batch.Caller, q *GetLogEventsRequest) (GetLogEventsResponse, error) {
	answer := GetLogEventsResponse{Events: []OutputEvent{}}
	var limit int
	var log joblog.Log
	err := s.Store.Together(ctx, func(r store.Reader) error {
		group, err := s.logGroup(ctx, r, q.GroupRef)
		if err != nil {
			return err
		}
		if q.LogStreamName == "" {
			return invalid("logStreamName: given nothing; allowed is the name of a stream, as DescribeLogStreams and a job's details have it")
		}
		if limit, err = eventLimit(q.Limit); err != nil {
			return err
		}
		log, err = s.stream(ctx, r, group.Name, q.LogStreamName)
		return err
	})
	if err != nil {
		return answer, err
	}
	query := joblog.PageQuery{Log: log, Backward: !q.StartFromHead, Window: q.window(), Limit: limit, Bytes: maxEventBytes}
	if q.NextToken != "" {
		if query.Backward, query.At, err = parseDirected(q.NextToken); err != nil {
			return answer, err
		}
	}
	page, err := s.page(ctx, query)
	if err != nil {
		return answer, err
	}
	for _, line := range page.Lines {
		answer.Events = append(answer.Events, OutputEvent{Timestamp: int64(line.At), IngestionTime: int64(line.At), Message: line.Text})
	}
	answer.NextForwardToken, answer.NextBackwardToken = directed("f/", page.End), directed("b/", page.Start)
	return answer, nil
}

func eventLimit(given *int32) (int, error) {
	limit := wire.Or(given, maxEvents)
	if limit < 1 || limit > maxEvents {
		return 0, invalid("limit: given %d; allowed is 1 to %d", limit, maxEvents)
	}
	return int(limit), nil
}

// directed makes the token that goes on from a position, forward (f/) or backward (b/).
func directed(direction string, at joblog.Position) string { return direction + pagetoken.Encode(at) }

func parseDirected(token string) (backward bool, at joblog.Position, err error) {
	direction, rest, _ := strings.Cut(token, "/")
	text, err := base64.RawURLEncoding.DecodeString(rest)
	if err == nil {
		err = json.Unmarshal(text, &at)
	}
	if err != nil || direction != "f" && direction != "b" || at.Segment < 1 && at.Token == "" {
		return false, at, invalid("nextToken: given a token that was not made here; allowed is a token of the page before, unchanged")
	}
	return direction == "b", at, nil
}
