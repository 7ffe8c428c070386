package logs

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/api/pagetoken"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// DescribeLogStreamsRequest asks for the streams of a group, by name or by time.
type DescribeLogStreamsRequest struct {
	GroupRef
	LogStreamNamePrefix string `json:"logStreamNamePrefix"`
	OrderBy             string `json:"orderBy"`
	Descending          bool   `json:"descending"`
	NextToken           string `json:"nextToken"`
	Limit               *int32 `json:"limit"`
}

// What streams may be ordered by.
const (
	orderByName = "LogStreamName"
	orderByTime = "LastEventTime"
)

// StreamDetail describes a stream. Its times are in ms.
type StreamDetail struct {
	LogStreamName       string `json:"logStreamName"`
	Arn                 string `json:"arn"`
	CreationTime        int64  `json:"creationTime"`
	FirstEventTimestamp int64  `json:"firstEventTimestamp"`
	LastEventTimestamp  int64  `json:"lastEventTimestamp"`
	LastIngestionTime   int64  `json:"lastIngestionTime"`
	StoredBytes         int64  `json:"storedBytes"`
}

// DescribeLogStreamsResponse is a page of streams.
type DescribeLogStreamsResponse struct {
	LogStreams []StreamDetail `json:"logStreams"`
	NextToken  string         `json:"nextToken,omitempty"`
}

// DescribeLogStreams lists the streams of jobs whose queue exists, in the order that is asked for: LogStreamName, which AWS takes if
// nothing is said, or LastEventTime, either way. Up to maxStreamWalk jobs are sorted. Of more, descending by LastEventTime is the
// newest submission first, which is about that order; so are those for which nothing is said, and all else is refused. A page may then
// have fewer streams than asked for, even none, and a token.
func (s *Service) DescribeLogStreams(ctx context.Context, _ batch.Caller, q *DescribeLogStreamsRequest) (DescribeLogStreamsResponse, error) {
	return store.OfOneMoment(ctx, s.Store, q, s.readLogStreams)
}

func (s *Service) readLogStreams(ctx context.Context, r store.Reader, q *DescribeLogStreamsRequest) (DescribeLogStreamsResponse, error) {
	answer := DescribeLogStreamsResponse{LogStreams: []StreamDetail{}}
	group, err := s.logGroup(ctx, r, q.GroupRef)
	if err != nil {
		return answer, err
	}
	limit := wire.Or(q.Limit, maxStreams)
	if limit < 1 || limit > maxStreams {
		return answer, invalid("limit: given %d; allowed is 1 to %d", limit, maxStreams)
	}
	switch {
	case q.OrderBy != "" && q.OrderBy != orderByName && q.OrderBy != orderByTime:
		return answer, invalid("orderBy: given %q; allowed is %s or %s", wire.Brief(q.OrderBy), orderByName, orderByTime)
	case q.OrderBy == orderByTime && q.LogStreamNamePrefix != "":
		return answer, invalid("logStreamNamePrefix: given beside orderBy %s; allowed is only one of them", orderByTime)
	}
	at := streamsPlace{streamPlace: streamPlace{Index: -1}}
	if err := pagetoken.Decode(q.NextToken, &at); err != nil {
		return answer, invalid("%v", err)
	}
	streams, next, err := s.streamPage(ctx, r, q, group, at, int(limit))
	if err != nil {
		return answer, err
	}
	for _, stream := range streams {
		answer.LogStreams = append(answer.LogStreams, s.detailOf(group.Name, stream))
	}
	if next != nil {
		answer.NextToken = pagetoken.Encode(next)
	}
	return answer, nil
}

// streamsPlace is where listing goes on: behind a stream of those that are sorted, or in the walk over all.
type streamsPlace struct {
	streamPlace
	Walk bool       `json:"w,omitempty"`
	Name string     `json:"n,omitempty"`
	Last batch.Time `json:"l,omitempty"` // of the stream of that name, if the order is that of time
}

// streamPage returns some streams, and where the next page begins.
func (s *Service) streamPage(ctx context.Context, r store.Reader, q *DescribeLogStreamsRequest, group batch.LogGroup, at streamsPlace, limit int) ([]attemptStream, *streamsPlace, error) {
	w := streamWalk{Service: s, rows: r, group: group, prefix: q.LogStreamNamePrefix, limit: limit, most: maxStreamWalk, at: at.streamPlace}
	newestFirst := q.OrderBy == orderByTime && q.Descending
	if !newestFirst && !at.Walk {
		all := w
		all.limit, all.at = math.MaxInt, streamPlace{Index: -1}
		if err := all.walk(ctx); err != nil {
			return nil, nil, err
		}
		switch {
		case !all.full:
			page, next := sorted(all.found, q, at, limit)
			return page, next, nil
		case q.OrderBy != "" || q.Descending || at.Name != "":
			return nil, nil, invalid("orderBy: given %s, descending %t, for the streams of more than %d jobs; allowed for so many is %s, descending true; "+
				"or name one job by logStreamNamePrefix", cmp.Or(q.OrderBy, orderByName), q.Descending, maxStreamWalk, orderByTime)
		}
	}
	if err := w.walk(ctx); err != nil || !w.full {
		return w.found, nil, err
	}
	return w.found, &streamsPlace{streamPlace: w.at, Walk: true}, nil
}

// sorted returns a page of streams in the order that is asked for, and where the next one begins.
func sorted(streams []attemptStream, q *DescribeLogStreamsRequest, at streamsPlace, limit int) ([]attemptStream, *streamsPlace) {
	order := func(a, b attemptStream) int {
		byName := cmp.Compare(a.name, b.name)
		if q.OrderBy == orderByTime {
			byName = cmp.Or(cmp.Compare(a.last(), b.last()), byName)
		}
		if q.Descending {
			return -byName
		}
		return byName
	}
	if at.Name != "" {
		behind := attemptStream{name: at.Name, Log: joblog.Log{Stopped: at.Last}}
		streams = slices.DeleteFunc(streams, func(a attemptStream) bool { return order(a, behind) <= 0 })
	}
	slices.SortFunc(streams, order)
	if len(streams) <= limit {
		return streams, nil
	}
	end := streams[limit-1]
	return streams[:limit], &streamsPlace{Name: end.name, Last: end.last()}
}

// detailOf describes a stream. The last event of an attempt that runs is not looked for: AWS too tells of it late.
func (s *Service) detailOf(group string, a attemptStream) StreamDetail {
	return StreamDetail{
		LogStreamName: a.name, Arn: s.logARN(group) + ":log-stream:" + a.name, CreationTime: int64(a.Began),
		FirstEventTimestamp: int64(a.Began), LastEventTimestamp: int64(a.last()), LastIngestionTime: int64(a.last()),
	}
}
