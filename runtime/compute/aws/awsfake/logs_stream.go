package awsfake

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// logStream is a log stream: events by time, those of one time in the order in which they came.
type logStream struct {
	name    string
	created time.Time
	events  []logEvent
	bytes   int64
}

// logEvent is an event. Times are in milliseconds since 1970.
type logEvent struct {
	at       int64
	ingested int64
	message  string
}

func (l *logsState) createStream(_ *call, in *cloudwatchlogs.CreateLogStreamInput) (*cloudwatchlogs.CreateLogStreamOutput, error) {
	g, err := l.group(in.LogGroupName, nil)
	if err != nil {
		return nil, err
	}
	name := aws.ToString(in.LogStreamName)
	if name == "" || len(name) > maxLogName || strings.ContainsAny(name, ":*") {
		return nil, refuse(invalidParameter, "A log stream name has between 1 and %d characters, none of them ':' or '*'.", maxLogName)
	}
	if g.streams[name] != nil {
		return nil, refuse("ResourceAlreadyExistsException", "The specified log stream already exists")
	}
	g.stream(name)
	return &cloudwatchlogs.CreateLogStreamOutput{}, nil
}

// stream is the stream of that name, which is made if it does not exist.
func (g *logGroup) stream(name string) *logStream {
	s := g.streams[name]
	if s == nil {
		s = &logStream{name: name, created: time.Now()}
		g.streams[name] = s
	}
	return s
}

// found is the stream of that name.
func (g *logGroup) found(name *string) (*logStream, error) {
	if s := g.streams[aws.ToString(name)]; s != nil {
		return s, nil
	}
	return nil, refuse("ResourceNotFoundException", "The specified log stream does not exist.")
}

// add adds events. Those of one time keep the order in which they are added.
func (s *logStream) add(events ...logEvent) {
	sorted := true
	for _, e := range events {
		sorted = sorted && (len(s.events) == 0 || s.events[len(s.events)-1].at <= e.at)
		s.events = append(s.events, e)
		s.bytes += int64(len(e.message)) + eventOverhead
	}
	if !sorted {
		slices.SortStableFunc(s.events, func(a, b logEvent) int { return cmp.Compare(a.at, b.at) })
	}
}

func (l *logsState) putEvents(c *call, in *cloudwatchlogs.PutLogEventsInput) (*cloudwatchlogs.PutLogEventsOutput, error) {
	g, err := l.group(in.LogGroupName, nil)
	if err != nil {
		return nil, err
	}
	s, err := g.found(in.LogStreamName)
	if err != nil {
		return nil, err
	}
	size, last := 0, int64(0)
	for _, e := range in.LogEvents {
		size += len(aws.ToString(e.Message)) + eventOverhead
		if aws.ToInt64(e.Timestamp) < last {
			return nil, refuse(invalidParameter, "Log events in a single PutLogEvents request must be in chronological order.")
		}
		last = aws.ToInt64(e.Timestamp)
	}
	switch {
	case len(in.LogEvents) == 0 || len(in.LogEvents) > maxLogBatch:
		return nil, refuse(invalidParameter, "1 validation error detected: Value at 'logEvents' failed to satisfy constraint: Member must have length between 1 and %d", maxLogBatch)
	case size > maxLogBatchBytes:
		return nil, refuse(invalidParameter, "Upload too large: %d bytes exceeds limit of %d", size, maxLogBatchBytes)
	case last-aws.ToInt64(in.LogEvents[0].Timestamp) > (24 * time.Hour).Milliseconds():
		return nil, refuse(invalidParameter, "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.")
	}
	out := &cloudwatchlogs.PutLogEventsOutput{NextSequenceToken: aws.String(c.world.hex("sequence token", 56))}
	for i, e := range in.LogEvents {
		at := time.UnixMilli(aws.ToInt64(e.Timestamp))
		switch {
		case at.Before(c.now.Add(-oldestEvent)):
			out.RejectedLogEventsInfo = &types.RejectedLogEventsInfo{TooOldLogEventEndIndex: aws.Int32(int32(i + 1))}
		case at.After(c.now.Add(newestEvent)):
			out.RejectedLogEventsInfo = &types.RejectedLogEventsInfo{TooNewLogEventStartIndex: aws.Int32(int32(i))}
			return out, nil
		default:
			s.add(logEvent{at.UnixMilli(), c.now.UnixMilli(), aws.ToString(e.Message)})
		}
	}
	return out, nil
}

func (l *logsState) describeStreams(_ *call, in *cloudwatchlogs.DescribeLogStreamsInput) (*cloudwatchlogs.DescribeLogStreamsOutput, error) {
	g, err := l.group(in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	if in.OrderBy == types.OrderByLastEventTime && in.LogStreamNamePrefix != nil {
		return nil, refuse(invalidParameter, "Cannot order by LastEventTime with a logStreamNamePrefix.")
	}
	var found []types.LogStream
	for _, name := range sorted(g.streams) {
		if matchesName(name, in.LogStreamNamePrefix, nil) {
			found = append(found, g.streams[name].describe(l.w.arn("logs", "log-group:"+g.name+":log-stream:"+name)))
		}
	}
	if in.OrderBy == types.OrderByLastEventTime {
		slices.SortStableFunc(found, func(a, b types.LogStream) int {
			return cmp.Compare(aws.ToInt64(a.LastEventTimestamp), aws.ToInt64(b.LastEventTimestamp))
		})
	}
	if aws.ToBool(in.Descending) {
		slices.Reverse(found)
	}
	page, next, err := logPage(found, in.Limit, in.NextToken)
	return &cloudwatchlogs.DescribeLogStreamsOutput{LogStreams: page, NextToken: next}, err
}

func (s *logStream) describe(arn string) types.LogStream {
	described := types.LogStream{LogStreamName: &s.name, Arn: &arn, CreationTime: aws.Int64(s.created.UnixMilli())}
	if n := len(s.events); n > 0 {
		described.FirstEventTimestamp, described.LastEventTimestamp = aws.Int64(s.events[0].at), aws.Int64(s.events[n-1].at)
		described.LastIngestionTime = aws.Int64(s.events[n-1].ingested)
	}
	return described
}
