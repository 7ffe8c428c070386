package api_test

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/batch"
	awstypes "github.com/aws/aws-sdk-go-v2/service/batch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// registerElsewhere declares the definition elsewhere: hold, with its output in the streams of another service.
func (a *amazon) registerElsewhere() {
	a.Helper()
	_, err := a.RegisterJobDefinition(a.Context(), &sdk.RegisterJobDefinitionInput{
		JobDefinitionName: aws.String("elsewhere"), Type: awstypes.JobDefinitionTypeContainer,
		ContainerProperties: &awstypes.ContainerProperties{Command: []string{"elsewhere", "hold"}},
	})
	a.must(err)
}

// logs asks for a page of a job's output as the command line does.
func (a *amazon) logs(q wire.LogsRequest) (texts []string, page *wire.LogsResponse) {
	a.Helper()
	c, err := client.New(client.Config{Endpoint: *a.config.BaseEndpoint, Credentials: keys, RetryFor: -1})
	a.must(err)
	page, err = c.Logs(a.Context(), &q)
	a.must(err)
	for _, e := range page.Events {
		texts = append(texts, e.Message)
	}
	return texts, page
}

// TestLogsElsewhere reads the output of an attempt that another service keeps by the calls that read that of this machine: from
// the beginning, from the end, while it runs and when it has ended.
func TestLogsElsewhere(t *testing.T) {
	a := newAmazon(t)
	a.registerElsewhere()
	id := a.submit("job", "elsewhere", nil)
	running := a.awaitStatus(id, batch.Running)
	attempt := running.AttemptID()
	a.driver.Print(attempt, "one\ntwo\nthree\nfour\nfive\n")
	q := wire.LogsRequest{JobID: string(id)}
	var got []string
	follow := func() (ended bool) {
		for {
			texts, page := a.logs(q)
			got, q.NextToken = append(got, texts...), page.NextToken
			if page.Ended || len(texts) == 0 {
				return page.Ended
			}
		}
	}
	if follow() {
		t.Error("the attempt runs, and nothing follows")
	}
	tail, _ := a.logs(wire.LogsRequest{JobID: string(id), Tail: true, Limit: aws.Int32(2)})
	if !slices.Equal(tail, []string{"four", "five"}) {
		t.Errorf("the tail is %q", tail)
	}
	a.driver.Print(attempt, "six\n")
	a.finish(id, 0)
	a.awaitStatus(id, batch.Succeeded)
	if ended := follow(); !ended || strings.Join(got, " ") != "one two three four five six" {
		t.Errorf("followed %q, to the end: %t", got, ended)
	}
	job, logs := a.describe(id), cloudwatchlogs.NewFromConfig(a.config)
	guessed := "f/" + base64.RawURLEncoding.EncodeToString([]byte(`{"segment":0,"offset":0,"token":"guessed"}`))
	_, err := logs.GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{LogGroupName: aws.String(group), LogStreamName: job.Container.LogStreamName, NextToken: &guessed})
	if invalid := (*types.InvalidParameterException)(nil); !errors.As(err, &invalid) {
		t.Errorf("a token that the service does not know: %v", err)
	}
	streams, err := logs.DescribeLogStreams(t.Context(), &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: aws.String(group)})
	if err != nil || len(streams.LogStreams) != 1 || *streams.LogStreams[0].LogStreamName != *job.Container.LogStreamName {
		t.Errorf("the streams are %+v, %v; the job has %s", streams, err, *job.Container.LogStreamName)
	}
}
