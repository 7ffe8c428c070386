package api_test

import (
	"errors"
	"maps"
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

// awslogs is a log configuration; what is empty is left out.
func awslogs(group, prefix string) *awstypes.LogConfiguration {
	options := map[string]string{"awslogs-region": region}
	if group != "" {
		options["awslogs-group"] = group
	}
	if prefix != "" {
		options["awslogs-stream-prefix"] = prefix
	}
	return &awstypes.LogConfiguration{LogDriver: awstypes.LogDriverAwslogs, Options: options}
}

// TestSDKLogsOfNamedGroups finds output under every combination of group and prefix that a definition may name, through
// every call that reads logs, and nowhere else.
func TestSDKLogsOfNamedGroups(t *testing.T) {
	a := newAmazon(t)
	logs := cloudwatchlogs.NewFromConfig(a.config)
	streams := map[string][]string{group: nil, "/my/group": nil}
	for name, c := range map[string]struct{ group, prefix string }{
		"plain": {}, "grouped": {group: "/my/group"}, "prefixed": {prefix: "team/a"}, "both": {"/my/group", "pfx/default"},
	} {
		_, err := a.RegisterJobDefinition(t.Context(), &sdk.RegisterJobDefinitionInput{
			JobDefinitionName: &name, Type: awstypes.JobDefinitionTypeContainer,
			ContainerProperties: &awstypes.ContainerProperties{Command: []string{"say", name}, LogConfiguration: awslogs(c.group, c.prefix)},
		})
		a.must(err)
		id := a.submit("job", name, nil)
		a.awaitStatus(id, batch.Succeeded)
		j := a.describe(id)
		in, prefix := group, name
		if c.group != "" {
			in = c.group
		}
		if c.prefix != "" {
			prefix = c.prefix
		}
		stream := *j.Container.LogStreamName
		if !strings.HasPrefix(stream, prefix+"/default/") || *j.Attempts[0].Container.LogStreamName != stream {
			t.Errorf("%s: stream %s, of its attempt %s; want one of %s", name, stream, *j.Attempts[0].Container.LogStreamName, prefix)
		}
		streams[in] = append(streams[in], stream)
		for each := range streams {
			out, err := logs.GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{LogGroupName: &each, LogStreamName: &stream})
			var missing *types.ResourceNotFoundException
			switch {
			case each == in && (err != nil || len(out.Events) != 1 || *out.Events[0].Message != name):
				t.Errorf("%s: the output in %s: %+v, %v", name, each, out, err)
			case each != in && !errors.As(err, &missing):
				t.Errorf("%s: the output is in %s, too", name, each)
			}
		}
	}
	for each, want := range streams {
		slices.Sort(want)
		for _, prefix := range []string{"", "p", "pfx", "pfx/default/", "team/", "grouped/", "plain/default/", want[0], want[0][:len(want[0])-3]} {
			with := slices.DeleteFunc(slices.Clone(want), func(s string) bool { return !strings.HasPrefix(s, prefix) })
			out, err := logs.DescribeLogStreams(t.Context(), &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: &each, LogStreamNamePrefix: some(prefix)})
			a.must(err)
			found := []string{}
			for _, s := range out.LogStreams {
				found = append(found, *s.LogStreamName)
				if !strings.Contains(*s.Arn, ":log-group:"+each+":log-stream:") {
					t.Errorf("stream %s has ARN %s", *s.LogStreamName, *s.Arn)
				}
			}
			if !slices.Equal(found, with) {
				t.Errorf("streams of %s that begin with %q: %q, want %q", each, prefix, found, with)
			}
			events, err := logs.FilterLogEvents(t.Context(), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: &each, LogStreamNamePrefix: some(prefix)})
			a.must(err)
			in := map[string]bool{}
			for _, e := range events.Events {
				in[*e.LogStreamName] = true
			}
			if found := slices.Sorted(maps.Keys(in)); !slices.Equal(found, with) && len(with) > 0 {
				t.Errorf("events of %s in streams that begin with %q: %q, want %q", each, prefix, found, with)
			}
		}
	}
	var missing *types.ResourceNotFoundException
	if _, err := logs.FilterLogEvents(t.Context(), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String("/nobody/named")}); !errors.As(err, &missing) {
		t.Errorf("a group that nobody named: %v", err)
	}
}

func some(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// TestSDKLogGroups prepares log groups as scripts and Terraform do.
func TestSDKLogGroups(t *testing.T) {
	a := newAmazon(t)
	logs := cloudwatchlogs.NewFromConfig(a.config)
	names := func(in *cloudwatchlogs.DescribeLogGroupsInput) []string {
		t.Helper()
		var all []string
		pages := cloudwatchlogs.NewDescribeLogGroupsPaginator(logs, in)
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			a.must(err)
			for _, g := range page.LogGroups {
				all = append(all, *g.LogGroupName)
			}
		}
		return all
	}
	create := func(name string) error {
		_, err := logs.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &name, Tags: map[string]string{"a": "b"}})
		return err
	}
	retain := func(name string, days int32) error {
		_, err := logs.PutRetentionPolicy(t.Context(), &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: &name, RetentionInDays: &days})
		return err
	}
	_, err := a.RegisterJobDefinition(t.Context(), &sdk.RegisterJobDefinitionInput{
		JobDefinitionName: aws.String("d"), Type: awstypes.JobDefinitionTypeContainer,
		ContainerProperties: &awstypes.ContainerProperties{Command: []string{}, LogConfiguration: awslogs("/named", "")},
	})
	a.must(err)
	var missing *types.ResourceNotFoundException
	var exists *types.ResourceAlreadyExistsException
	var invalid *types.InvalidParameterException
	if err := retain("/made", 7); !errors.As(err, &missing) {
		t.Errorf("retention of a group that is not there: %v", err)
	}
	for _, name := range []string{"/made", "/named", group} {
		a.must(create(name))
		if err := create(name); !errors.As(err, &exists) {
			t.Errorf("creating %s twice: %v", name, err)
		}
		a.must(retain(name, 14))
		_, err := logs.CreateLogStream(t.Context(), &cloudwatchlogs.CreateLogStreamInput{LogGroupName: &name, LogStreamName: aws.String("s")})
		a.must(err)
	}
	if err := retain("/made", 2); !errors.As(err, &invalid) {
		t.Errorf("a retention that AWS does not know: %v", err)
	}
	if err := create("a group"); !errors.As(err, &invalid) {
		t.Errorf("a name with a blank: %v", err)
	}
	if _, err := logs.CreateLogStream(t.Context(), &cloudwatchlogs.CreateLogStreamInput{LogGroupName: aws.String("/made"), LogStreamName: aws.String("a:b")}); !errors.As(err, &invalid) {
		t.Errorf("a stream with a colon: %v", err)
	}
	if all := names(&cloudwatchlogs.DescribeLogGroupsInput{Limit: aws.Int32(2)}); !slices.Equal(all, []string{group, "/made", "/named"}) {
		t.Errorf("groups %q", all)
	}
	if some := names(&cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("/ma")}); !slices.Equal(some, []string{"/made"}) {
		t.Errorf("groups that begin with /ma: %q", some)
	}
	one, err := logs.DescribeLogGroups(t.Context(), &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePattern: aws.String("made")})
	a.must(err)
	made := one.LogGroups[0]
	if *made.RetentionInDays != 14 || *made.CreationTime == 0 {
		t.Errorf("a group that was made: %+v", made)
	}
	_, err = logs.TagResource(t.Context(), &cloudwatchlogs.TagResourceInput{ResourceArn: made.LogGroupArn, Tags: map[string]string{"c": "d"}})
	a.must(err)
	_, err = logs.UntagResource(t.Context(), &cloudwatchlogs.UntagResourceInput{ResourceArn: made.LogGroupArn, TagKeys: []string{"a"}})
	a.must(err)
	tags, err := logs.ListTagsForResource(t.Context(), &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: made.LogGroupArn})
	if err != nil || !maps.Equal(tags.Tags, map[string]string{"c": "d"}) {
		t.Errorf("tags %v, %v", tags, err)
	}
	for _, name := range []string{"/made", "/named"} {
		_, err := logs.DeleteLogGroup(t.Context(), &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: &name})
		a.must(err)
	}
	if all := names(&cloudwatchlogs.DescribeLogGroupsInput{}); !slices.Equal(all, []string{group, "/named"}) {
		t.Errorf("groups after two were deleted, one of which a definition names: %q", all)
	}
}
