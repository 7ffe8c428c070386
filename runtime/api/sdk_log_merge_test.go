package api_test

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/batch"
	awstypes "github.com/aws/aws-sdk-go-v2/service/batch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/batchd/terraform-provider-batch/internal/long"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// follower reads a group as `aws logs tail --follow` does: page by page, and then again from the time of the newest event on, without
// the events of that time that it has seen.
type follower struct {
	a     *amazon
	logs  *cloudwatchlogs.Client
	start *int64
	seen  map[string]bool
	lines []string
}

func (f *follower) poll(limit int32) {
	f.a.Helper()
	in := &cloudwatchlogs.FilterLogEventsInput{Interleaved: aws.Bool(true), StartTime: f.start, Limit: &limit} //nolint:staticcheck // the CLI sends it
	for {
		page := f.a.filter(f.logs, in)
		for _, e := range page.Events {
			if f.start != nil && *e.Timestamp < *f.start {
				f.a.Errorf("%q of %d comes after %d", *e.Message, *e.Timestamp, *f.start)
			}
			if f.start == nil || *e.Timestamp > *f.start {
				f.start, f.seen = e.Timestamp, map[string]bool{}
			}
			if !f.seen[*e.EventId] {
				f.seen[*e.EventId] = true
				f.lines = append(f.lines, *e.Message)
			}
		}
		if in.NextToken = page.NextToken; in.NextToken == nil {
			return
		}
	}
}

// TestSDKFollowsAGroup interleaves what running jobs write, and follows it while others begin and end.
func TestSDKFollowsAGroup(t *testing.T) {
	t.Run("of this machine", func(t *testing.T) {
		got, want := followGroup(t, []string{"hold"})
		if !slices.Equal(got, want) {
			t.Errorf("followed\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
	t.Run("of several kinds", func(t *testing.T) { // lines of one millisecond come in any order
		got, want := followGroup(t, []string{"hold", "elsewhere"})
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("followed\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

// followGroup returns what is followed, and what was written, of jobs of these definitions in turn.
func followGroup(t *testing.T, definitions []string) (got, want []string) {
	t.Helper()
	a := newAmazon(t)
	a.registerElsewhere()
	f := &follower{a: a, logs: cloudwatchlogs.NewFromConfig(a.config)}
	var ids []batch.JobID
	var attempts []batch.AttemptID
	for round := range 12 {
		if round%3 == 0 {
			id := a.submit(fmt.Sprint("job", round), definitions[round/3%len(definitions)], nil)
			running := a.awaitStatus(id, batch.Running)
			ids, attempts = append(ids, id), append(attempts, running.AttemptID())
		}
		for i := range 7 {
			line := fmt.Sprintf("round %d line %d", round, i)
			a.driver.Print(attempts[i%len(attempts)], line+"\n")
			want = append(want, line)
		}
		if round == 7 {
			a.finish(ids[0], 0)
			a.awaitStatus(ids[0], batch.Succeeded)
			attempts = attempts[1:]
		}
		f.poll([]int32{1, 2, 5, 1000}[round%4])
	}
	f.poll(3)
	return f.lines, want
}

// TestSDKStreamOrders lists streams in the orders that may be asked for.
func TestSDKStreamOrders(t *testing.T) {
	a := newAmazon(t)
	logs := cloudwatchlogs.NewFromConfig(a.config)
	var ended []string
	for range 4 {
		id := a.submit("single", "talk", nil)
		a.awaitStatus(id, batch.Succeeded)
		ended = append(ended, a.streamOf(id))
		for then := time.Now().UnixMilli(); time.Now().UnixMilli() == then; { // the next one ends later
			runtime.Gosched()
		}
	}
	array := a.submit("array", "talk", func(in *sdk.SubmitJobInput) { in.ArrayProperties = &awstypes.ArrayProperties{Size: aws.Int32(12)} })
	a.awaitStatus(array, batch.Succeeded)
	prefix := "talk/default/" + strings.ReplaceAll(string(array), "-", "")
	list := func(in cloudwatchlogs.DescribeLogStreamsInput, limit int32) []string {
		t.Helper()
		var names []string
		in.LogGroupName, in.Limit = aws.String(group), &limit
		for pages := cloudwatchlogs.NewDescribeLogStreamsPaginator(logs, &in); pages.HasMorePages(); {
			page, err := pages.NextPage(t.Context())
			a.must(err)
			for _, s := range page.LogStreams {
				names = append(names, *s.LogStreamName)
			}
		}
		return names
	}
	reversed := func(names []string) []string {
		names = slices.Clone(names)
		slices.Reverse(names)
		return names
	}
	for _, limit := range []int32{1, 5, 50} {
		all := list(cloudwatchlogs.DescribeLogStreamsInput{}, limit)
		if len(all) != 16 || !slices.IsSorted(all) {
			t.Errorf("by %d: %d streams, sorted %t", limit, len(all), slices.IsSorted(all))
		}
		if got := list(cloudwatchlogs.DescribeLogStreamsInput{OrderBy: types.OrderByLogStreamName, Descending: aws.Bool(true)}, limit); !slices.Equal(got, reversed(all)) {
			t.Errorf("by %d: descending: %v", limit, got)
		}
		children := list(cloudwatchlogs.DescribeLogStreamsInput{LogStreamNamePrefix: &prefix}, limit)
		if len(children) != 12 || !slices.IsSorted(children) {
			t.Errorf("by %d: the children: %v", limit, children)
		}
		if got := list(cloudwatchlogs.DescribeLogStreamsInput{LogStreamNamePrefix: &prefix, Descending: aws.Bool(true)}, limit); !slices.Equal(got, reversed(children)) {
			t.Errorf("by %d: the children, descending: %v", limit, got)
		}
		if got := list(cloudwatchlogs.DescribeLogStreamsInput{OrderBy: types.OrderByLastEventTime}, limit); len(got) != 16 || !slices.Equal(got[:4], ended) {
			t.Errorf("by %d: the oldest first: %v", limit, got)
		}
		if got := list(cloudwatchlogs.DescribeLogStreamsInput{OrderBy: types.OrderByLastEventTime, Descending: aws.Bool(true)}, limit); len(got) != 16 || !slices.Equal(got[12:], reversed(ended)) {
			t.Errorf("by %d: the newest first: %v", limit, got)
		}
	}
}

// TestSDKLogPageIsBounded reads a megabyte at most, in either direction.
func TestSDKLogPageIsBounded(t *testing.T) {
	a := newAmazon(t)
	logs := cloudwatchlogs.NewFromConfig(a.config)
	id := a.submit("job", "hold", nil)
	running := a.awaitStatus(id, batch.Running)
	attempt := running.AttemptID()
	for range 40 {
		a.driver.Print(attempt, strings.Repeat("x", 60_000)+"\n")
	}
	stream := a.streamOf(id)
	for _, head := range []bool{true, false} {
		in := &cloudwatchlogs.GetLogEventsInput{LogGroupName: aws.String(group), LogStreamName: &stream, StartFromHead: &head}
		for events := 0; ; {
			page, err := logs.GetLogEvents(t.Context(), in)
			a.must(err)
			size := 0
			for _, e := range page.Events {
				size += len(*e.Message)
			}
			if size > 1<<20 {
				t.Errorf("a page has %d bytes", size)
			}
			if events += len(page.Events); len(page.Events) == 0 {
				if events != 40 {
					t.Errorf("from the head %t: %d events, want 40", head, events)
				}
				break
			}
			if in.NextToken = page.NextForwardToken; !head {
				in.NextToken = page.NextBackwardToken
			}
		}
	}
}

// TestSDKManyStreams reads, and lists, the streams of more jobs than are looked at at once.
func TestSDKManyStreams(t *testing.T) {
	long.Only(t, "reads the logs of 6000 children")
	a := newAmazon(t)
	logs := cloudwatchlogs.NewFromConfig(a.config)
	const early, size = 3, 6000
	for i := range early {
		a.awaitStatus(a.submit(fmt.Sprint("early", i), "talk", nil), batch.Succeeded)
	}
	array := a.submit("array", "talk", func(in *sdk.SubmitJobInput) { in.ArrayProperties = &awstypes.ArrayProperties{Size: aws.Int32(size)} })
	a.awaitStatus(array, batch.Succeeded)
	seen := map[string]int{}
	in := &cloudwatchlogs.FilterLogEventsInput{Limit: aws.Int32(4000)}
	for page := 0; ; page++ {
		answer := a.filter(logs, in)
		for _, e := range answer.Events {
			seen[*e.EventId]++
		}
		if in.NextToken = answer.NextToken; in.NextToken == nil {
			break
		}
		a.awaitStatus(a.submit(fmt.Sprint("late", page), "talk", nil), batch.Succeeded)
	}
	twice := 0
	for _, n := range seen {
		twice += n - 1
	}
	if len(seen) != 3*(size+early) || twice > 0 {
		t.Errorf("%d events, %d of them twice; want %d", len(seen), twice, 3*(size+early))
	}
	names := map[string]int{}
	for pages := cloudwatchlogs.NewDescribeLogStreamsPaginator(logs, &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: aws.String(group)}); pages.HasMorePages(); {
		page, err := pages.NextPage(t.Context())
		a.must(err)
		for _, s := range page.LogStreams {
			names[*s.LogStreamName]++
		}
	}
	if len(names) < size+early {
		t.Errorf("%d streams, want %d at least", len(names), size+early)
	}
	_, err := logs.DescribeLogStreams(t.Context(), &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: aws.String(group), OrderBy: types.OrderByLogStreamName})
	if !errors.As(err, new(*types.InvalidParameterException)) {
		t.Errorf("sorting too many: %v", err)
	}
}
