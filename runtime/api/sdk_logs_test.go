package api_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/batch"
	awstypes "github.com/aws/aws-sdk-go-v2/service/batch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

const group = "/aws/batch/job"

// TestSDKLogEvents reads a log that grows, in both directions, as clients of CloudWatch Logs do.
func TestSDKLogEvents(t *testing.T) {
	for where, definition := range map[string]string{"of this machine": "hold", "elsewhere": "elsewhere"} {
		t.Run(where, func(t *testing.T) { testLogEvents(t, definition) })
	}
}

func testLogEvents(t *testing.T, definition string) {
	a := newAmazon(t)
	a.registerElsewhere()
	logs := cloudwatchlogs.NewFromConfig(a.config)
	id := a.submit("job", definition, nil)
	running := a.awaitStatus(id, batch.Running)
	attempt := running.AttemptID()
	stream := *a.describe(id).Container.LogStreamName
	get := func(in cloudwatchlogs.GetLogEventsInput) ([]string, string, string) {
		t.Helper()
		in.LogGroupName, in.LogStreamName = aws.String(group), &stream
		out, err := logs.GetLogEvents(t.Context(), &in)
		a.must(err)
		var texts []string
		for _, e := range out.Events {
			if *e.Timestamp == 0 {
				t.Error("an event has no time")
			}
			texts = append(texts, *e.Message)
		}
		return texts, *out.NextForwardToken, *out.NextBackwardToken
	}
	if texts, _, _ := get(cloudwatchlogs.GetLogEventsInput{}); texts != nil {
		t.Errorf("before it says anything: %v", texts)
	}
	for i := range 5 {
		a.driver.Print(attempt, fmt.Sprintf("line %d\n", i))
	}
	texts, forward, backward := get(cloudwatchlogs.GetLogEventsInput{Limit: aws.Int32(2)})
	if !slices.Equal(texts, []string{"line 3", "line 4"}) {
		t.Fatalf("the last two: %v", texts)
	}
	texts, _, backward = get(cloudwatchlogs.GetLogEventsInput{Limit: aws.Int32(2), NextToken: &backward})
	if !slices.Equal(texts, []string{"line 1", "line 2"}) {
		t.Errorf("the two before: %v", texts)
	}
	texts, again, backward := get(cloudwatchlogs.GetLogEventsInput{Limit: aws.Int32(2), NextToken: &backward})
	if !slices.Equal(texts, []string{"line 0"}) {
		t.Errorf("the first: %v", texts)
	}
	if texts, _, at := get(cloudwatchlogs.GetLogEventsInput{NextToken: &backward}); texts != nil || at != backward {
		t.Errorf("before the beginning: %v, token %s after %s", texts, at, backward)
	}
	if texts, _, _ := get(cloudwatchlogs.GetLogEventsInput{NextToken: &again, Limit: aws.Int32(1)}); !slices.Equal(texts, []string{"line 1"}) {
		t.Errorf("turning round: %v", texts)
	}
	if texts, at, _ := get(cloudwatchlogs.GetLogEventsInput{NextToken: &forward}); texts != nil || at != forward {
		t.Errorf("at the end: %v, token %s after %s", texts, at, forward)
	}
	a.driver.Print(attempt, "last\n")
	if texts, _, _ := get(cloudwatchlogs.GetLogEventsInput{NextToken: &forward}); !slices.Equal(texts, []string{"last"}) {
		t.Errorf("what was said since: %v", texts)
	}
	a.finish(id, 0)
	a.awaitStatus(id, batch.Succeeded)
	var all []string
	pages := cloudwatchlogs.NewGetLogEventsPaginator(logs, &cloudwatchlogs.GetLogEventsInput{
		LogGroupName: aws.String(group), LogStreamName: &stream, StartFromHead: aws.Bool(true), Limit: aws.Int32(4),
	}, func(o *cloudwatchlogs.GetLogEventsPaginatorOptions) { o.StopOnDuplicateToken = true })
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		a.must(err)
		for _, e := range page.Events {
			all = append(all, *e.Message)
		}
	}
	if len(all) != 6 || all[0] != "line 0" || all[5] != "last" {
		t.Errorf("all of it: %v", all)
	}
	if texts, _, _ := get(cloudwatchlogs.GetLogEventsInput{StartFromHead: aws.Bool(true), EndTime: aws.Int64(1)}); texts != nil {
		t.Errorf("before time: %v", texts)
	}
}

func TestSDKLogStreams(t *testing.T) {
	a := newAmazon(t)
	logs := cloudwatchlogs.NewFromConfig(a.config)
	_, err := logs.GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{LogGroupName: aws.String(group), LogStreamName: aws.String("talk/default/x")})
	var missing *types.ResourceNotFoundException
	if !errors.As(err, &missing) {
		t.Errorf("an unknown stream: %v", err)
	}
	groups, err := logs.DescribeLogGroups(t.Context(), &cloudwatchlogs.DescribeLogGroupsInput{})
	if err != nil || len(groups.LogGroups) != 1 || *groups.LogGroups[0].LogGroupName != group {
		t.Errorf("groups %v, %v", groups, err)
	}
	single := a.submit("single", "talk", nil)
	array := a.submit("array", "talk", func(in *sdk.SubmitJobInput) {
		in.ArrayProperties = &awstypes.ArrayProperties{Size: aws.Int32(60)}
	})
	a.awaitStatus(single, batch.Succeeded)
	a.awaitStatus(array, batch.Succeeded)
	for prefix, want := range map[string]int{
		"": 61, "ta": 61, "talk/default/": 61, "hold/": 0, *a.describe(single).Container.LogStreamName: 1,
		"talk/default/" + strings.ReplaceAll(string(array), "-", ""): 60,
	} {
		var names []string
		in := &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: aws.String(group), OrderBy: types.OrderByLastEventTime}
		if prefix != "" {
			in.LogStreamNamePrefix, in.OrderBy = &prefix, types.OrderByLogStreamName
		}
		pages := cloudwatchlogs.NewDescribeLogStreamsPaginator(logs, in)
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			a.must(err)
			if len(page.LogStreams) > 50 {
				t.Errorf("a page has %d streams", len(page.LogStreams))
			}
			for _, s := range page.LogStreams {
				names = append(names, *s.LogStreamName)
			}
		}
		if slices.Sort(names); len(slices.Compact(names)) != want {
			t.Errorf("%d streams begin with %q, want %d", len(names), prefix, want)
		}
	}
	found := 0
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(logs, &cloudwatchlogs.FilterLogEventsInput{
		LogGroupName: aws.String(group), LogStreamNamePrefix: aws.String("talk/"), FilterPattern: aws.String(`"tw"`), Limit: aws.Int32(7),
	})
	ids := map[string]bool{}
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		a.must(err)
		for _, e := range page.Events {
			found++
			ids[*e.EventId] = true
			if *e.Message != "two" {
				t.Errorf("event %q", *e.Message)
			}
		}
	}
	if found != 61 || len(ids) != 61 {
		t.Errorf("found %d events with %d ids, want 61", found, len(ids))
	}
}

func TestSDKCallerIdentity(t *testing.T) {
	a := newAmazon(t)
	who, err := sts.NewFromConfig(a.config).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	if err != nil || *who.Account != "123456789012" || !strings.HasSuffix(*who.Arn, ":user/"+keyID) || *who.UserId != keyID {
		t.Errorf("%+v, %v", who, err)
	}
	stranger := sts.NewFromConfig(a.config, func(o *sts.Options) {
		o.Credentials = credentials.NewStaticCredentialsProvider("AKIDSTRANGER", secret, "")
	})
	_, err = stranger.GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	var coded smithy.APIError
	if !errors.As(err, &coded) || coded.ErrorCode() != "InvalidClientTokenId" {
		t.Errorf("an unknown key: %v", err)
	}
}
