package awsfake

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// logsBed is a world with the log group "g" and the log stream "s" in it.
type logsBed struct {
	*cloudwatchlogs.Client
	t *testing.T
}

func newLogsBed(t *testing.T) *logsBed {
	t.Helper()
	w := New(Options{})
	t.Cleanup(w.Close)
	b := &logsBed{cloudwatchlogs.NewFromConfig(w.Config()), t}
	must[*cloudwatchlogs.CreateLogGroupOutput](t)(b.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("g")}))
	must[*cloudwatchlogs.CreateLogStreamOutput](t)(b.CreateLogStream(t.Context(), &cloudwatchlogs.CreateLogStreamInput{LogGroupName: aws.String("g"), LogStreamName: aws.String("s")}))
	return b
}

// put writes events, a millisecond apart.
func (b *logsBed) put(from time.Time, messages ...string) error {
	in := &cloudwatchlogs.PutLogEventsInput{LogGroupName: aws.String("g"), LogStreamName: aws.String("s")}
	for i, m := range messages {
		at := from.Add(time.Duration(i) * time.Millisecond).UnixMilli()
		in.LogEvents = append(in.LogEvents, types.InputLogEvent{Timestamp: &at, Message: aws.String(m)})
	}
	_, err := b.PutLogEvents(b.t.Context(), in)
	return err
}

func (b *logsBed) get(in cloudwatchlogs.GetLogEventsInput) (messages []string, forward, backward *string) {
	b.t.Helper()
	in.LogGroupName, in.LogStreamName = aws.String("g"), aws.String("s")
	out := must[*cloudwatchlogs.GetLogEventsOutput](b.t)(b.GetLogEvents(b.t.Context(), &in))
	for _, e := range out.Events {
		messages = append(messages, *e.Message)
	}
	return messages, out.NextForwardToken, out.NextBackwardToken
}

func TestALogIsReadFromItsHead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newLogsBed(t)
		if err := b.put(time.Now(), "a", "b", "c"); err != nil {
			t.Fatal(err)
		}
		first, token, _ := b.get(cloudwatchlogs.GetLogEventsInput{StartFromHead: aws.Bool(true), Limit: aws.Int32(2)})
		second, token, _ := b.get(cloudwatchlogs.GetLogEventsInput{NextToken: token, StartFromHead: aws.Bool(true), Limit: aws.Int32(2)})
		third, again, _ := b.get(cloudwatchlogs.GetLogEventsInput{NextToken: token, StartFromHead: aws.Bool(true)})
		if got := fmt.Sprint(first, second, third); got != "[a b] [c] []" || *again != *token {
			t.Errorf("read %s, and at the end the token %s becomes %s", got, *token, *again)
		}
		if err := b.put(time.Now().Add(time.Second), "d"); err != nil {
			t.Fatal(err)
		}
		if rest, _, _ := b.get(cloudwatchlogs.GetLogEventsInput{NextToken: again, StartFromHead: aws.Bool(true)}); !slices.Equal(rest, []string{"d"}) {
			t.Errorf("read %v with the token of the end", rest)
		}
	})
}

func TestALogIsReadFromItsTail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newLogsBed(t)
		if err := b.put(time.Now(), "a", "b", "c"); err != nil {
			t.Fatal(err)
		}
		last, forward, backward := b.get(cloudwatchlogs.GetLogEventsInput{Limit: aws.Int32(2)})
		before, _, _ := b.get(cloudwatchlogs.GetLogEventsInput{Limit: aws.Int32(2), NextToken: backward})
		after, _, _ := b.get(cloudwatchlogs.GetLogEventsInput{NextToken: forward})
		if got := fmt.Sprint(last, before, after); got != "[b c] [a] []" {
			t.Errorf("read %s", got)
		}
	})
}

func TestEventsAreInTheOrderOfTheirTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newLogsBed(t)
		now := time.Now()
		for at, text := range map[time.Duration]string{0: "third", -time.Second: "second", -2 * time.Second: "first"} {
			if err := b.put(now.Add(at), text); err != nil {
				t.Fatal(err)
			}
		}
		all, _, _ := b.get(cloudwatchlogs.GetLogEventsInput{})
		since, _, _ := b.get(cloudwatchlogs.GetLogEventsInput{StartTime: aws.Int64(now.Add(-time.Second).UnixMilli()), EndTime: aws.Int64(now.UnixMilli())})
		if got := fmt.Sprint(all, since); got != "[first second third] [second]" {
			t.Errorf("read %s", got)
		}
	})
}

func TestAPageOfALogIsAMebibyteAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newLogsBed(t)
		for i := range 5 {
			if err := b.put(time.Now(), strings.Repeat(fmt.Sprint(i), 300_000)); err != nil {
				t.Fatal(err)
			}
		}
		first, token, _ := b.get(cloudwatchlogs.GetLogEventsInput{StartFromHead: aws.Bool(true)})
		second, _, _ := b.get(cloudwatchlogs.GetLogEventsInput{NextToken: token})
		if len(first) != 3 || len(second) != 2 {
			t.Errorf("pages of %d and %d events", len(first), len(second))
		}
	})
}

func TestWhatCloudWatchLogsRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newLogsBed(t)
		wantCode(t, b.put(time.Now(), strings.Repeat("x", 600_000), strings.Repeat("y", 600_000)), "InvalidParameterException")
		_, err := b.GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{LogGroupName: aws.String("g"), LogStreamName: aws.String("none")})
		wantCode(t, err, "ResourceNotFoundException")
		_, err = b.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("g")})
		wantCode(t, err, "ResourceAlreadyExistsException")
		_, err = b.PutRetentionPolicy(t.Context(), &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: aws.String("g"), RetentionInDays: aws.Int32(2)})
		wantCode(t, err, "InvalidParameterException")
		if err := b.put(time.Now().Add(-15*24*time.Hour), "old"); err != nil {
			t.Fatal(err)
		}
		if all, _, _ := b.get(cloudwatchlogs.GetLogEventsInput{}); len(all) != 0 {
			t.Errorf("an event of two weeks ago was kept: %v", all)
		}
	})
}

func TestEventsOfSeveralStreamsAreFilteredByTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newLogsBed(t)
		must[*cloudwatchlogs.CreateLogStreamOutput](t)(b.CreateLogStream(t.Context(), &cloudwatchlogs.CreateLogStreamInput{LogGroupName: aws.String("g"), LogStreamName: aws.String("r")}))
		if err := b.put(time.Now(), "one fish", "two birds", "three fish"); err != nil {
			t.Fatal(err)
		}
		must[*cloudwatchlogs.PutLogEventsOutput](t)(b.PutLogEvents(t.Context(), &cloudwatchlogs.PutLogEventsInput{
			LogGroupName: aws.String("g"), LogStreamName: aws.String("r"),
			LogEvents: []types.InputLogEvent{{Timestamp: aws.Int64(time.Now().UnixMilli() + 1), Message: aws.String("another fish")}},
		}))
		var found []string
		pages := cloudwatchlogs.NewFilterLogEventsPaginator(b, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String("g"), FilterPattern: aws.String("fish"), Limit: aws.Int32(2)})
		for pages.HasMorePages() {
			for _, e := range must[*cloudwatchlogs.FilterLogEventsOutput](t)(pages.NextPage(t.Context())).Events {
				found = append(found, *e.LogStreamName+": "+*e.Message)
			}
		}
		if got := strings.Join(found, ", "); got != "s: one fish, r: another fish, s: three fish" {
			t.Errorf("found %s", got)
		}
	})
}

func TestATaskWritesItsLinesToItsLogStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		options := plays(Play{Runs: time.Minute, Lines: []Line{{0, "begin"}, {time.Second, strings.Repeat("x", 20_000)}, {time.Minute, "end"}}})
		options.Logs.Delay = Span{time.Second, 5 * time.Second}
		b := newECSBed(t, options)
		b.boot("i-1", joinsC)
		arn := b.start(request(b.define(container("main", func(d *ecstypes.ContainerDefinition) {
			d.LogConfiguration = &ecstypes.LogConfiguration{LogDriver: ecstypes.LogDriverAwslogs, Options: map[string]string{
				"awslogs-group": "/jobs", "awslogs-stream-prefix": "f", "awslogs-create-group": "true",
			}}
		}))))
		logs := cloudwatchlogs.NewFromConfig(b.w.Config())
		read := func() (lengths []int) {
			out := must[*cloudwatchlogs.GetLogEventsOutput](t)(logs.GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{
				LogGroupName: aws.String("/jobs"), LogStreamName: aws.String("f/main/" + lastPart(arn)), StartFromHead: aws.Bool(true),
			}))
			for _, e := range out.Events {
				lengths = append(lengths, len(*e.Message))
			}
			return lengths
		}
		if got := read(); len(got) != 0 {
			t.Errorf("at once there are lines of %v bytes", got)
		}
		time.Sleep(time.Minute + time.Second)
		if got := b.status(arn); got != "STOPPED" {
			t.Fatal(got)
		}
		time.Sleep(5 * time.Second) // the last line may come after the end of its task
		if got := fmt.Sprint(read()); got != "[5 16384 3616 3]" {
			t.Errorf("lines of %s bytes", got)
		}
	})
}

func TestATaskWhoseLogGroupIsMissingDoesNotStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newECSBed(t, Options{})
		b.boot("i-1", joinsC)
		arn := b.start(request(b.define(container("main", func(d *ecstypes.ContainerDefinition) {
			d.LogConfiguration = &ecstypes.LogConfiguration{LogDriver: ecstypes.LogDriverAwslogs, Options: map[string]string{"awslogs-group": "/none"}}
		}))))
		time.Sleep(time.Second)
		if got := ending(b.task(arn)); !strings.HasPrefix(got, "TaskFailedToStart: Task failed to start; main (CannotStartContainerError: ") || !strings.Contains(got, "log group does not exist") {
			t.Error(got)
		}
	})
}
