package awsfake

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// getEvents reads a stream, a page at a time. The tokens are f/N and b/N: the page that begins with, or ends before, the event of number N.
// Reading on at the end gives no events and the same token. A page has fewer events than its limit if they would be more than a mebibyte.
func (l *logsState) getEvents(c *call, in *cloudwatchlogs.GetLogEventsInput) (*cloudwatchlogs.GetLogEventsOutput, error) {
	g, err := l.group(in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	s, err := g.found(in.LogStreamName)
	if err != nil {
		return nil, err
	}
	limit, err := eventLimit(in.Limit)
	if err != nil {
		return nil, err
	}
	events := s.seen(c)
	from, to := page(events, limit, !aws.ToBool(in.StartFromHead))
	if in.NextToken != nil {
		if from, to, err = pageAt(events, limit, *in.NextToken); err != nil {
			return nil, err
		}
	}
	out := &cloudwatchlogs.GetLogEventsOutput{NextForwardToken: logToken('f', to), NextBackwardToken: logToken('b', from)}
	for _, e := range events[from:to] {
		if within(e.at, in.StartTime, in.EndTime) {
			out.Events = append(out.Events, types.OutputLogEvent{Timestamp: aws.Int64(e.at), IngestionTime: aws.Int64(e.ingested), Message: aws.String(e.message)})
		}
	}
	return out, nil
}

// seen are the events that the call sees.
func (s *logStream) seen(c *call) []logEvent {
	moment := c.seen.UnixMilli()
	if n := len(s.events); n > 0 && s.events[n-1].ingested <= moment {
		return s.events
	}
	return slices.DeleteFunc(slices.Clone(s.events), func(e logEvent) bool { return e.ingested > moment })
}

// page is the first page of events, or the last.
func page(events []logEvent, limit int, fromTail bool) (from, to int) {
	if fromTail {
		from, to, _ = pageAt(events, limit, *logToken('b', len(events)))
		return from, to
	}
	from, to, _ = pageAt(events, limit, *logToken('f', 0))
	return from, to
}

func pageAt(events []logEvent, limit int, token string) (from, to int, err error) {
	direction, number, _ := strings.Cut(token, "/")
	at, err := strconv.Atoi(number)
	if err != nil || (direction != "f" && direction != "b") {
		return 0, 0, refuse(invalidParameter, "The specified nextToken is invalid.")
	}
	at = min(at, len(events))
	bytes := 0
	fits := func(e logEvent) bool {
		bytes += len(e.message) + eventOverhead
		return bytes <= maxLogPageBytes
	}
	from, to = at, at
	if direction == "f" {
		for to < len(events) && to-from < limit && fits(events[to]) {
			to++
		}
		return from, to, nil
	}
	for from > 0 && to-from < limit && fits(events[from-1]) {
		from--
	}
	return from, to, nil
}

func logToken(direction byte, number int) *string {
	return aws.String(fmt.Sprintf("%c/%020d", direction, number))
}

func eventLimit(asked *int32) (int, error) {
	switch {
	case asked == nil:
		return maxLogPage, nil
	case *asked < 1 || *asked > maxLogPage:
		return 0, refuse(invalidParameter, "1 validation error detected: Value '%d' at 'limit' failed to satisfy constraint: Member must be between 1 and %d", *asked, maxLogPage)
	}
	return int(*asked), nil
}

func within(at int64, start, end *int64) bool {
	return (start == nil || at >= *start) && (end == nil || at < *end)
}
