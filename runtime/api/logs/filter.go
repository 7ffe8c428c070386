package logs

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"slices"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/pagetoken"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// FilterLogEventsRequest asks for events of several streams. Times are in ms; both StartTime and EndTime are included.
type FilterLogEventsRequest struct {
	GroupRef
	timeRange
	LogStreamNames      []string `json:"logStreamNames"`
	LogStreamNamePrefix string   `json:"logStreamNamePrefix"`
	FilterPattern       string   `json:"filterPattern"`
	StartFromHead       *bool    `json:"startFromHead"`
	NextToken           string   `json:"nextToken"`
	Limit               *int32   `json:"limit"`
}

// holds bounds events by time; unlike that of GetLogEvents, EndTime is included.
func (q *FilterLogEventsRequest) holds(line joblog.Line) bool {
	return int64(line.At) >= wire.Or(q.StartTime, math.MinInt64) && int64(line.At) <= wire.Or(q.EndTime, math.MaxInt64)
}

// FilteredEvent is one line of output of a stream. Its times are in ms.
type FilteredEvent struct {
	EventID       string `json:"eventId"`
	LogStreamName string `json:"logStreamName"`
	Timestamp     int64  `json:"timestamp"`
	IngestionTime int64  `json:"ingestionTime"`
	Message       string `json:"message"`
}

// FilterLogEventsResponse is a page of events.
type FilterLogEventsResponse struct {
	Events             []FilteredEvent `json:"events"`
	SearchedLogStreams []struct{}      `json:"searchedLogStreams"` // AWS leaves it empty too
	NextToken          string          `json:"nextToken,omitempty"`
}

// filterPlace is where filtering goes on. All streams, of submissions that were there at the first page, are gone through in parts
// of about maxStreamWalk jobs, the newest submissions first; most often there is one part. Within a part events of all streams
// come in the order of their times, and whatever jobs and events are added meanwhile, every event that was there at
// the first page comes once. None is later than the first page.
type filterPlace struct {
	Of     uint64         `json:"o"` // the streams that were asked for
	Until  int64          `json:"u"` // when the first page was asked for
	From   streamPlace    `json:"f"` // where the part begins
	To     *streamPlace   `json:"t,omitempty"`
	Places []joblog.Place `json:"p,omitempty"` // none at the beginning of a part
}

// FilterLogEvents answers events of several streams, merged by time, whether they are asked for interleaved or not, as AWS does.
func (s *Service) FilterLogEvents(ctx context.Context, _ batch.Caller, q *FilterLogEventsRequest) (FilterLogEventsResponse, error) {
	answer := FilterLogEventsResponse{Events: []FilteredEvent{}, SearchedLogStreams: []struct{}{}}
	f, err := store.OfOneMoment(ctx, s.Store, q, s.filterOf)
	if err != nil {
		return answer, err
	}
	streams, at := f.streams, f.at
	if q.NextToken == "" {
		if err := settle(ctx, streams); err != nil {
			return answer, err
		}
	}
	logs := make([]joblog.Log, len(streams))
	for i, stream := range streams {
		logs[i] = stream.Log
	}
	page, err := s.Logs.Merge(ctx, joblog.MergeQuery{
		Logs: logs, Places: at.Places, Since: batch.Time(wire.Or(q.StartTime, 0)), Limit: f.limit, Bytes: maxEventBytes,
		Keep: func(line joblog.Line) bool { return q.holds(line) && int64(line.At) <= at.Until && f.passes(line.Text) },
	})
	if errors.Is(err, joblog.ErrPosition) {
		err = pagetoken.Foreign()
	}
	if err != nil {
		return answer, err
	}
	for _, line := range page.Lines {
		answer.Events = append(answer.Events, eventOf(line, streams[line.Log].name))
	}
	switch {
	case page.More:
		at.Places = page.Places
		answer.NextToken = pagetoken.Encode(at)
	case at.To != nil:
		answer.NextToken = pagetoken.Encode(filterPlace{Of: at.Of, Until: at.Until, From: *at.To})
	}
	return answer, nil
}

// filter is what a request to filter asks for.
type filter struct {
	streams []attemptStream
	at      filterPlace
	limit   int
	passes  func(message string) bool
}

func (s *Service) filterOf(ctx context.Context, r store.Reader, q *FilterLogEventsRequest) (f filter, err error) {
	group, err := s.logGroup(ctx, r, q.GroupRef)
	if err != nil {
		return f, err
	}
	if f.limit, err = eventLimit(q.Limit); err != nil {
		return f, err
	}
	if !wire.Or(q.StartFromHead, true) {
		return f, invalid("startFromHead: given false; allowed is true: events are answered from the oldest on")
	}
	if f.passes, err = filterPattern(q.FilterPattern); err != nil {
		return f, err
	}
	f.at = filterPlace{Of: q.streams(group.Name), Until: time.Now().UnixMilli(), From: streamPlace{Index: -1}}
	if err := pagetoken.Decode(q.NextToken, &f.at); err != nil {
		return f, invalid("%v", err)
	}
	if f.at.Of != q.streams(group.Name) {
		return f, invalid("nextToken: given a token of other streams; allowed is the nextToken of the page before, unchanged")
	}
	f.streams, err = s.filteredStreams(ctx, r, q, group, &f.at)
	return f, err
}

func eventOf(line joblog.MergedLine, stream string) FilteredEvent {
	return FilteredEvent{
		// Lines of two streams may end at one place.
		EventID:       fmt.Sprintf("%s%020d", line.ID, hashOf(stream)),
		LogStreamName: stream, Timestamp: int64(line.At), IngestionTime: int64(line.At), Message: line.Text,
	}
}

func hashOf(parts ...string) uint64 {
	h := fnv.New64a()
	for _, part := range parts {
		_, _ = io.WriteString(h, part+"\n") // it does not fail
	}
	return h.Sum64()
}

// streams stands for the streams that are asked for.
func (q *FilterLogEventsRequest) streams(group string) uint64 {
	return hashOf(append([]string{group, q.LogStreamNamePrefix}, q.LogStreamNames...)...)
}

// settle waits until what running attempts have written so far can be read: a client that asks next for what is later than the last
// event misses nothing then.
func settle(ctx context.Context, streams []attemptStream) error {
	if !slices.ContainsFunc(streams, func(a attemptStream) bool { return a.Stopped == 0 }) {
		return nil
	}
	timer := time.NewTimer(joblog.MaxUnwritten)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// filteredStreams returns the streams that are looked at, and settles at which part of all that is.
func (s *Service) filteredStreams(ctx context.Context, r store.Reader, q *FilterLogEventsRequest, group batch.LogGroup, at *filterPlace) ([]attemptStream, error) {
	switch {
	case len(q.LogStreamNames) > maxStreamNames:
		return nil, invalid("logStreamNames: given %d names; allowed is 1 to %d", len(q.LogStreamNames), maxStreamNames)
	case len(q.LogStreamNames) > 0 && q.LogStreamNamePrefix != "":
		return nil, invalid("logStreamNamePrefix: given beside logStreamNames; allowed is only one of them")
	case len(q.LogStreamNames) > 0:
		return s.namedStreams(ctx, r, group.Name, q.LogStreamNames)
	}
	w := streamWalk{Service: s, rows: r, group: group, prefix: q.LogStreamNamePrefix, limit: math.MaxInt, most: maxStreamWalk, at: at.From, until: at.To}
	w.since = batch.Time(max(wire.Or(q.StartTime, 0)-joblog.MaxOutliving.Milliseconds(), 0))
	goesOn := len(at.Places) > 0
	if goesOn {
		w.most *= 2
	}
	if err := w.walk(ctx); err != nil {
		return nil, err
	}
	switch {
	case w.full && goesOn:
		return nil, invalid("nextToken: too many jobs have come to those of the page before; begin again with startTime")
	case w.full:
		at.To = &w.at
	}
	if at.From.Before == 0 && w.first > 0 { // later submissions are left to who asks anew
		at.From.Before = w.first + 1
	}
	if at.To != nil && at.To.Before == 0 {
		at.To.Before = at.From.Before
	}
	return w.found, nil
}

// namedStreams finds streams by their names; a name that is given twice is one stream.
func (s *Service) namedStreams(ctx context.Context, r store.Reader, group string, names []string) ([]attemptStream, error) {
	var streams []attemptStream
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			continue
		}
		log, err := s.stream(ctx, r, group, name)
		if err != nil {
			return nil, err
		}
		streams = append(streams, attemptStream{name: name, Log: log})
	}
	return streams, nil
}
