package logs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/smithy-go"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/wrapper"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
)

const (
	// maxCalls bounds how many calls one page costs. The service answers empty pages, too, and the wrapper's lines are not shown.
	maxCalls = 20
	// callTimeout bounds one call.
	callTimeout = 20 * time.Second
	// settled is how long after the end of an attempt its output is all there.
	settled = time.Minute
	// leastEvents and mostEvents bound how many events a call asks for (CloudWatch Logs API reference, GetLogEvents).
	leastEvents = 100
	mostEvents  = 10_000
)

// Reader reads streams of CloudWatch Logs. It implements [joblog.Reader].
type Reader struct {
	// client returns the client of an account; see [batch.LogStream].
	client func(ctx context.Context, account string) (*cloudwatchlogs.Client, error)
}

var _ joblog.Reader = (*Reader)(nil)

// New returns a reader that calls the accounts which logs are kept in.
func New(client func(ctx context.Context, account string) (*cloudwatchlogs.Client, error)) *Reader {
	return &Reader{client}
}

// Page implements [joblog.Reader].
func (r *Reader) Page(ctx context.Context, q joblog.PageQuery) (joblog.Page, error) {
	at, given, err := positionOf(q.At)
	if err != nil {
		return joblog.Page{}, err
	}
	client, err := r.client(ctx, q.Log.Ref.Stream.Account)
	if err != nil {
		return joblog.Page{}, batch.Errorf(batch.Unavailable, "the account that the log is kept in cannot be used: %v", err)
	}
	s := &stream{client: client, query: q, at: at, given: given}
	if q.Backward {
		return s.backward(ctx)
	}
	return s.forward(ctx)
}

// Unfinished implements [joblog.Reader]: an event is a whole line.
func (r *Reader) Unfinished(context.Context, joblog.Log, joblog.Position) (joblog.Line, error) {
	return joblog.Line{}, nil
}

// Merge implements [joblog.Reader].
func (r *Reader) Merge(ctx context.Context, q joblog.MergeQuery) (joblog.Merged, error) {
	return joblog.MergePages(ctx, r.Page, q)
}

// stream is a stream that one page is read from.
type stream struct {
	client *cloudwatchlogs.Client
	query  joblog.PageQuery
	at     position // where to read, if given is set
	given  bool
	token  *string // of the next call
}

// input is the first call for events of the window from a time on, and before another.
func (s *stream) input(from, to batch.Time) *cloudwatchlogs.GetLogEventsInput {
	ref := s.query.Log.Ref.Stream
	in := &cloudwatchlogs.GetLogEventsInput{
		LogGroupName: aws.String(ref.Group), LogStreamName: aws.String(ref.Name), StartFromHead: aws.Bool(!s.query.Backward),
		Limit: aws.Int32(int32(min(max(s.query.Limit, leastEvents), mostEvents))),
	}
	if from = max(from, s.query.Window.From); from > 0 {
		in.StartTime = aws.Int64(int64(from))
	}
	if to = min(to, s.query.Window.To); to < joblog.Always.To {
		in.EndTime = aws.Int64(max(int64(to), 0))
	}
	return in
}

// call reads the next events; last is set if there are no more in that direction. A stream that does not exist has none.
func (s *stream) call(ctx context.Context, in *cloudwatchlogs.GetLogEventsInput) (events []types.OutputLogEvent, last bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	in.NextToken = s.token
	out, err := s.client.GetLogEvents(ctx, in)
	var missing *types.ResourceNotFoundException
	if errors.As(err, &missing) {
		return nil, true, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("reading the log stream %s: %w", aws.ToString(in.LogStreamName), plain(err))
	}
	next := out.NextForwardToken
	if s.query.Backward {
		next = out.NextBackwardToken
	}
	last = next == nil || s.token != nil && *s.token == *next
	s.token = next
	return out.Events, last, nil
}

// plain makes an error of the service one that clients may see.
func plain(err error) error {
	var api smithy.APIError
	if errors.As(err, &api) {
		return batch.Errorf(batch.Unavailable, "CloudWatch Logs answers %s: %s", api.ErrorCode(), api.ErrorMessage())
	}
	return batch.Errorf(batch.Unavailable, "CloudWatch Logs cannot be reached: %v", err)
}

// line is what of an event is output; shown is false if nothing is.
func (s *stream) line(e types.OutputLogEvent) (line joblog.Line, shown bool) {
	text, shown := wrapper.Strip(s.query.Log.Attempt, aws.ToString(e.Message))
	return joblog.Line{At: timeOf(e), Text: text}, shown
}

func timeOf(e types.OutputLogEvent) batch.Time { return batch.Time(aws.ToInt64(e.Timestamp)) }

// ended reports whether nothing is to come of the attempt.
func (s *stream) ended() bool {
	stopped := s.query.Log.Stopped
	return stopped != 0 && stopped.Add(settled) < batch.At(time.Now())
}
