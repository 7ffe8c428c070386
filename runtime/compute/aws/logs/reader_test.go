package logs_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/awsfake"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/logs"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
	"github.com/batchd/terraform-provider-batch/runtime/joblog/logtest"
)

const group = "/aws/batch/job"

// bed is a reader over a service that is not real.
type bed struct {
	t      *testing.T
	client *cloudwatchlogs.Client
	reader *logs.Reader
}

func newBed(t *testing.T) *bed {
	t.Helper()
	w := awsfake.New(awsfake.Options{Unthrottled: true})
	t.Cleanup(w.Close)
	b := &bed{t: t, client: cloudwatchlogs.NewFromConfig(w.Config())}
	b.reader = logs.New(func(_ context.Context, account string) (*cloudwatchlogs.Client, error) {
		if account != "profile@region" {
			return nil, errors.New("there is no such profile")
		}
		return b.client, nil
	})
	if _, err := b.client.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String(group)}); err != nil {
		t.Fatal(err)
	}
	return b
}

// write adds an event to the stream of an attempt.
func (b *bed) write(attempt batch.AttemptID, at batch.Time, text string) {
	b.t.Helper()
	stream := ref(attempt).Stream.Name
	_, err := b.client.CreateLogStream(b.t.Context(), &cloudwatchlogs.CreateLogStreamInput{LogGroupName: aws.String(group), LogStreamName: aws.String(stream)})
	var exists *types.ResourceAlreadyExistsException
	if err != nil && !errors.As(err, &exists) {
		b.t.Fatal(err)
	}
	out, err := b.client.PutLogEvents(b.t.Context(), &cloudwatchlogs.PutLogEventsInput{
		LogGroupName: aws.String(group), LogStreamName: aws.String(stream),
		LogEvents: []types.InputLogEvent{{Timestamp: aws.Int64(int64(at)), Message: aws.String(text)}},
	})
	if err != nil || out.RejectedLogEventsInfo != nil {
		b.t.Fatal(out, err)
	}
}

func ref(attempt batch.AttemptID) batch.LogRef {
	return batch.LogRef{Kind: "cloudwatch", Stream: batch.LogStream{Account: "profile@region", Group: group, Name: "definition/default/" + string(attempt.Job)}}
}

// shifted is a reader whose times begin at from: the suite counts from 1970, and the service refuses what is old.
type shifted struct {
	*logs.Reader
	from batch.Time
}

func (s shifted) Page(ctx context.Context, q joblog.PageQuery) (joblog.Page, error) {
	if q.Window.From > 0 {
		q.Window.From += s.from
	}
	if q.Window.To < joblog.Always.To {
		q.Window.To += s.from
	}
	page, err := s.Reader.Page(ctx, q)
	for i := range page.Lines {
		page.Lines[i].At -= s.from
	}
	return page, err
}

func (s shifted) Merge(ctx context.Context, q joblog.MergeQuery) (joblog.Merged, error) {
	return joblog.MergePages(ctx, s.Page, q)
}

func TestConformance(t *testing.T) {
	logtest.Run(t, func(t *testing.T) logtest.Subject {
		b, from := newBed(t), batch.At(time.Now().Add(-time.Hour))
		return logtest.Subject{
			Reader: shifted{b.reader, from},
			Write:  func(attempt batch.AttemptID, at batch.Time, text string) { b.write(attempt, from+at, text) },
			Log: func(attempt batch.AttemptID, stopped batch.Time) joblog.Log {
				return joblog.Log{Attempt: attempt, Ref: ref(attempt), Stopped: stopped}
			},
		}
	})
}

var attempt = batch.AttemptID{Job: "j", Number: 1}

func textsOf(lines []joblog.Line) (texts []string) {
	for _, l := range lines {
		texts = append(texts, l.Text)
	}
	return texts
}

func TestWhatTheWrapperPrintedIsNotShown(t *testing.T) {
	b, now := newBed(t), batch.At(time.Now().Add(-time.Minute))
	for i, text := range []string{"one", "::batchd:j/1:usage size 0 x", "two::batchd:j/1:result size 1 y", "::batchd:j/1:result 0 31", "three", "::batchd:j/1:end 0"} {
		b.write(attempt, now+batch.Time(i/2), text)
	}
	want := []string{"one", "two", "three"}
	log := joblog.Log{Attempt: attempt, Ref: ref(attempt)}
	if all, err := joblog.All(t.Context(), b.reader, log); err != nil || !slices.Equal(textsOf(all), want) {
		t.Errorf("%q, %v", textsOf(all), err)
	}
	tail, err := b.reader.Page(t.Context(), joblog.PageQuery{Log: log, Window: joblog.Always, Backward: true, Limit: 2})
	if err != nil || !slices.Equal(textsOf(tail.Lines), want[1:]) {
		t.Errorf("%q, %v", textsOf(tail.Lines), err)
	}
}

// Many events of one millisecond, as a burst of output has, are read in pages smaller than that.
func TestPagesWithinOneMoment(t *testing.T) {
	b, now := newBed(t), batch.At(time.Now().Add(-time.Minute))
	var want []string
	for i := range 40 {
		text := string(rune('A' + i))
		b.write(attempt, now+batch.Time(i/20), text)
		want = append(want, text)
	}
	for _, limit := range []int{1, 3, 20, 21} {
		q := joblog.PageQuery{Log: joblog.Log{Attempt: attempt, Ref: ref(attempt)}, Window: joblog.Always, Limit: limit}
		var forward, backward []string
		for {
			page, err := b.reader.Page(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			if page.Empty() {
				break
			}
			forward, q.At = append(forward, textsOf(page.Lines)...), page.Next
		}
		q.Backward = true
		for {
			page, err := b.reader.Page(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			if page.Empty() {
				break
			}
			backward, q.At = append(textsOf(page.Lines), backward...), page.Start
		}
		if !slices.Equal(forward, want) || !slices.Equal(backward, want) {
			t.Errorf("by %d: forward %q, backward %q", limit, forward, backward)
		}
	}
}

func TestALogThatIsNotThereYetIsEmpty(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		q := joblog.PageQuery{Log: joblog.Log{Attempt: attempt, Ref: ref(attempt)}, Window: joblog.Always, Limit: 10}
		if page, err := b.reader.Page(t.Context(), q); err != nil || !page.Empty() || page.Ended {
			t.Errorf("%+v, %v", page, err)
		}
		q.Log.Stopped = batch.At(time.Now())
		if page, err := b.reader.Page(t.Context(), q); err != nil || page.Ended {
			t.Errorf("right after its end: %+v, %v", page, err)
		}
		time.Sleep(2 * time.Minute)
		if page, err := b.reader.Page(t.Context(), q); err != nil || !page.Ended {
			t.Errorf("long after its end: %+v, %v", page, err)
		}
		q.Log.Ref.Stream.Account = "gone"
		if _, err := b.reader.Page(t.Context(), q); err == nil {
			t.Error("a log of an account that is not configured is read")
		}
	})
}
