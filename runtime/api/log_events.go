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

func (w logWindow) window() joblog.Window {
	return joblog.Window{From: batch.Time(or(w.StartTime, math.MinInt64)), To: batch.Time(or(w.EndTime, math.MaxInt64))}
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

// getLogEvents answers a page of one stream. At either end of the stream it is empty and its token is the
// one that was given, by which clients know that there is no more.
func (s *server) getLogEvents(ctx context.Context, _ call, q *getLogEventsRequest) (getLogEventsResponse, error) {
	answer := getLogEventsResponse{Events: []outputLogEvent{}}
	var limit int
	var log joblog.Log
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
		answer.Events = append(answer.Events, outputLogEvent{Timestamp: int64(line.At), IngestionTime: int64(line.At), Message: line.Text})
	}
	answer.NextForwardToken, answer.NextBackwardToken = directed("f/", page.End), directed("b/", page.Start)
	return answer, nil
}

func eventLimit(given *int32) (int, error) {
	limit := or(given, maxEvents)
	if limit < 1 || limit > maxEvents {
		return 0, logInvalid("limit: given %d; allowed is 1 to %d", limit, maxEvents)
	}
	return int(limit), nil
}

// directed makes the token that goes on from a position, forward (f/) or backward (b/).
func directed(direction string, at joblog.Position) string { return direction + encodeToken(at) }

func parseDirected(token string) (backward bool, at joblog.Position, err error) {
	direction, rest, _ := strings.Cut(token, "/")
	text, err := base64.RawURLEncoding.DecodeString(rest)
	if err == nil {
		err = json.Unmarshal(text, &at)
	}
	if err != nil || direction != "f" && direction != "b" || at.Segment < 1 && at.Token == "" {
		return false, at, logInvalid("nextToken: given a token that was not made here; allowed is a token of the page before, unchanged")
	}
	return direction == "b", at, nil
}
