package api_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/batch"
	awstypes "github.com/aws/aws-sdk-go-v2/service/batch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// streamOf is the log stream of the latest attempt of a job.
func (a *amazon) streamOf(id batch.JobID) string {
	a.Helper()
	return *a.describe(id).Container.LogStreamName
}

// filter answers one page of FilterLogEvents.
func (a *amazon) filter(logs *cloudwatchlogs.Client, in *cloudwatchlogs.FilterLogEventsInput) *cloudwatchlogs.FilterLogEventsOutput {
	a.Helper()
	in.LogGroupName = aws.String(group)
	page, err := logs.FilterLogEvents(a.Context(), in)
	a.must(err)
	return page
}

// TestSDKLogWindows bounds events by time: the end belongs to the window of FilterLogEvents and not to that of GetLogEvents.
func TestSDKLogWindows(t *testing.T) {
	a := newAmazon(t)
	logs := cloudwatchlogs.NewFromConfig(a.config)
	id := a.submit("job", "talk", nil)
	a.awaitStatus(id, batch.Succeeded)
	stream := a.streamOf(id)
	all, err := logs.GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{LogGroupName: aws.String(group), LogStreamName: &stream, StartFromHead: aws.Bool(true)})
	a.must(err)
	if len(all.Events) != 3 {
		t.Fatalf("%d events, want 3", len(all.Events))
	}
	at := *all.Events[1].Timestamp
	within := func(holds func(int64) bool) []string {
		var texts []string
		for _, e := range all.Events {
			if holds(*e.Timestamp) {
				texts = append(texts, *e.Message)
			}
		}
		return texts
	}
	for _, window := range []struct {
		start, end    *int64
		got, filtered func(int64) bool
	}{
		{start: &at, got: func(t int64) bool { return t >= at }, filtered: func(t int64) bool { return t >= at }},
		{end: &at, got: func(t int64) bool { return t < at }, filtered: func(t int64) bool { return t <= at }},
		{start: &at, end: &at, got: func(int64) bool { return false }, filtered: func(t int64) bool { return t == at }},
		{end: aws.Int64(at - 1_000_000), got: func(int64) bool { return false }, filtered: func(int64) bool { return false }},
		{start: aws.Int64(at + 1_000_000), got: func(int64) bool { return false }, filtered: func(int64) bool { return false }},
	} {
		for _, head := range []bool{true, false} {
			page, err := logs.GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{
				LogGroupName: aws.String(group), LogStreamName: &stream, StartTime: window.start, EndTime: window.end, StartFromHead: &head,
			})
			a.must(err)
			var texts []string
			for _, e := range page.Events {
				texts = append(texts, *e.Message)
			}
			if want := within(window.got); !slices.Equal(texts, want) {
				t.Errorf("events %v, want %v", texts, want)
			}
		}
		page := a.filter(logs, &cloudwatchlogs.FilterLogEventsInput{LogStreamNames: []string{stream}, StartTime: window.start, EndTime: window.end})
		var texts []string
		for _, e := range page.Events {
			texts = append(texts, *e.Message)
		}
		if want := within(window.filtered); !slices.Equal(texts, want) {
			t.Errorf("filtered events %v, want %v", texts, want)
		}
	}
}

// TestSDKLogTokens stays at either end of a stream for as long as nothing is added there.
func TestSDKLogTokens(t *testing.T) {
	a := newAmazon(t)
	logs := cloudwatchlogs.NewFromConfig(a.config)
	id := a.submit("job", "talk", nil)
	a.awaitStatus(id, batch.Succeeded)
	stream := a.streamOf(id)
	get := func(token *string, head bool) *cloudwatchlogs.GetLogEventsOutput {
		t.Helper()
		page, err := logs.GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{
			LogGroupName: aws.String(group), LogStreamName: &stream, NextToken: token, StartFromHead: &head, Limit: aws.Int32(2),
		})
		a.must(err)
		return page
	}
	head, tail := get(nil, true), get(nil, false)
	if len(head.Events) != 2 || *head.Events[0].Message != "one" || len(tail.Events) != 2 || *tail.Events[1].Message != "three" {
		t.Fatalf("from the head %d events, from the tail %d", len(head.Events), len(tail.Events))
	}
	last := get(head.NextForwardToken, true)
	if len(last.Events) != 1 || *last.Events[0].Message != "three" {
		t.Errorf("the second page has %d events", len(last.Events))
	}
	first := get(tail.NextBackwardToken, false)
	if len(first.Events) != 1 || *first.Events[0].Message != "one" {
		t.Errorf("the page before the last has %d events", len(first.Events))
	}
	for range 3 { // the token of an empty page is the one that was given
		after := get(last.NextForwardToken, true)
		if len(after.Events) != 0 || *after.NextForwardToken != *last.NextForwardToken {
			t.Errorf("behind the end: %d events, token %s after %s", len(after.Events), *after.NextForwardToken, *last.NextForwardToken)
		}
		before := get(first.NextBackwardToken, false)
		if len(before.Events) != 0 || *before.NextBackwardToken != *first.NextBackwardToken {
			t.Errorf("before the beginning: %d events, token %s after %s", len(before.Events), *before.NextBackwardToken, *first.NextBackwardToken)
		}
		last.NextForwardToken, first.NextBackwardToken = after.NextForwardToken, before.NextBackwardToken
	}
	// The direction is the token's, whatever startFromHead says, and either end leads back.
	if page := get(last.NextBackwardToken, true); len(page.Events) != 2 || *page.Events[1].Message != "two" {
		t.Errorf("back from the last page: %d events", len(page.Events))
	}
	if page := get(first.NextForwardToken, false); len(page.Events) != 2 || *page.Events[0].Message != "two" {
		t.Errorf("on from the first page: %d events", len(page.Events))
	}
}

// TestSDKFilterWhileJobsStart pages through the streams of a prefix while new ones come before those that are listed.
func TestSDKFilterWhileJobsStart(t *testing.T) {
	a := newAmazon(t)
	logs := cloudwatchlogs.NewFromConfig(a.config)
	var ids []string
	for i := range 3 {
		id := a.submit(fmt.Sprint("old", i), "talk", nil)
		a.awaitStatus(id, batch.Succeeded)
		ids = append(ids, a.streamOf(id))
	}
	seen := map[string]int{}
	in := &cloudwatchlogs.FilterLogEventsInput{LogStreamNamePrefix: aws.String("talk/"), Limit: aws.Int32(2)}
	for pages := 0; ; pages++ {
		page := a.filter(logs, in)
		for _, e := range page.Events {
			seen[*e.LogStreamName+" "+*e.Message]++
		}
		if page.NextToken == nil {
			break
		}
		in.NextToken = page.NextToken
		if pages < 3 { // so many streams that those listed first are listed on the next page
			id := a.submit("new", "talk", func(in *sdk.SubmitJobInput) { in.ArrayProperties = &awstypes.ArrayProperties{Size: aws.Int32(30)} })
			a.awaitStatus(id, batch.Succeeded)
		}
		if pages > 1000 {
			t.Fatal("the pages do not end")
		}
	}
	for _, stream := range ids {
		for _, text := range []string{"one", "two", "three"} {
			if n := seen[stream+" "+text]; n != 1 {
				t.Errorf("%q of %s was answered %d times", text, stream, n)
			}
		}
	}
}

// TestSDKStreamsOfAttempts lists the streams of a job that had several attempts one by one.
func TestSDKStreamsOfAttempts(t *testing.T) {
	a := newAmazon(t)
	logs := cloudwatchlogs.NewFromConfig(a.config)
	_, err := a.RegisterJobDefinition(t.Context(), &sdk.RegisterJobDefinitionInput{
		JobDefinitionName: aws.String("again"), Type: awstypes.JobDefinitionTypeContainer,
		ContainerProperties: &awstypes.ContainerProperties{Command: []string{"fail-until", "3"}},
		RetryStrategy:       &awstypes.RetryStrategy{Attempts: aws.Int32(3)},
	})
	a.must(err)
	single := a.submit("single", "again", nil)
	array := a.submit("array", "again", func(in *sdk.SubmitJobInput) { in.ArrayProperties = &awstypes.ArrayProperties{Size: aws.Int32(2)} })
	a.awaitStatus(single, batch.Succeeded)
	a.awaitStatus(array, batch.Succeeded)
	for prefix, want := range map[string]int{"again/": 9, strings.TrimSuffix(a.streamOf(single), "-3"): 3, a.streamOf(single): 1} {
		for limit := int32(1); limit <= 4; limit++ {
			seen := map[string]int{}
			pages := cloudwatchlogs.NewDescribeLogStreamsPaginator(logs, &cloudwatchlogs.DescribeLogStreamsInput{
				LogGroupName: aws.String(group), LogStreamNamePrefix: &prefix, Limit: &limit,
			})
			for pages.HasMorePages() {
				page, err := pages.NextPage(t.Context())
				a.must(err)
				if len(page.LogStreams) > int(limit) {
					t.Errorf("a page of at most %d has %d streams", limit, len(page.LogStreams))
				}
				for _, s := range page.LogStreams {
					seen[*s.LogStreamName]++
				}
			}
			if len(seen) != want {
				t.Errorf("by %d: %d streams begin with %s, want %d", limit, len(seen), prefix, want)
			}
			for name, n := range seen {
				if n != 1 {
					t.Errorf("by %d: %s was listed %d times", limit, name, n)
				}
			}
		}
	}
	for number := 1; number <= 3; number++ { // each attempt has its own
		stream := fmt.Sprintf("%s-%d", strings.TrimSuffix(a.streamOf(single), "-3"), number)
		out, err := logs.GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{LogGroupName: aws.String(group), LogStreamName: &stream})
		a.must(err)
		if len(out.Events) != 1 || *out.Events[0].Message != fmt.Sprint("attempt ", number) {
			t.Errorf("the stream %s has %d events", stream, len(out.Events))
		}
	}
	stream := strings.TrimSuffix(a.streamOf(single), "-3") + "-4"
	var missing *types.ResourceNotFoundException
	if _, err := logs.GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{LogGroupName: aws.String(group), LogStreamName: &stream}); !errors.As(err, &missing) {
		t.Errorf("an attempt that never was: %v", err)
	}
}

// TestSDKFilteredPageIsBounded reads much text in pages of about a megabyte.
func TestSDKFilteredPageIsBounded(t *testing.T) {
	a := newAmazon(t)
	logs := cloudwatchlogs.NewFromConfig(a.config)
	const long, jobs = 300_000, 8
	for i := range jobs {
		id := a.submit(fmt.Sprint("job", i), "hold", nil)
		j := a.awaitStatus(id, batch.Running)
		a.driver.Print(j.AttemptID(), strings.Repeat("x", long)+"\n")
		a.finish(id, 0)
		a.awaitStatus(id, batch.Succeeded)
	}
	in, events := &cloudwatchlogs.FilterLogEventsInput{}, 0
	for {
		page := a.filter(logs, in)
		size := 0
		for _, e := range page.Events {
			size += len(*e.Message)
		}
		if events += len(page.Events); size > 1<<20+long {
			t.Errorf("a page has %d bytes", size)
		}
		if page.NextToken == nil {
			break
		}
		in.NextToken = page.NextToken
	}
	if events != jobs {
		t.Errorf("%d events, want %d", events, jobs)
	}
}

// TestSDKStreamsOfQueues lists the streams of several queues, the newest submission first.
func TestSDKStreamsOfQueues(t *testing.T) {
	a := newAmazon(t)
	logs := cloudwatchlogs.NewFromConfig(a.config)
	queues := []string{"work"}
	for _, name := range []string{"after", "zone"} {
		_, err := a.CreateJobQueue(t.Context(), &sdk.CreateJobQueueInput{
			JobQueueName: &name, Priority: aws.Int32(1),
			ComputeEnvironmentOrder: []awstypes.ComputeEnvironmentOrder{{Order: aws.Int32(1), ComputeEnvironment: aws.String("here")}},
		})
		a.must(err)
		queues = append(queues, name)
	}
	var want []string
	submit := func(queue string) {
		id := a.submit("job", "talk", func(in *sdk.SubmitJobInput) { in.JobQueue = &queue })
		a.awaitStatus(id, batch.Succeeded)
		want = append([]string{a.streamOf(id)}, want...)
	}
	for i := range 30 {
		submit(queues[i%len(queues)])
	}
	for range 40 { // more than one page of one queue, and no more of the others
		submit("work")
	}
	for _, limit := range []int32{1, 7, 50} {
		var got []string
		pages := cloudwatchlogs.NewDescribeLogStreamsPaginator(logs, &cloudwatchlogs.DescribeLogStreamsInput{
			LogGroupName: aws.String(group), OrderBy: types.OrderByLastEventTime, Descending: aws.Bool(true), Limit: &limit,
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			a.must(err)
			for _, s := range page.LogStreams {
				got = append(got, *s.LogStreamName)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("by %d: streams in another order than the newest first: %d, want %d", limit, len(got), len(want))
		}
	}
}
