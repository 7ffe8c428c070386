package awsfake

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// rule lets a rule send what matches a pattern to the queue of the bed.
func (b *sqsBed) rule(pattern string) *eventbridge.Client {
	b.t.Helper()
	events := eventbridge.NewFromConfig(b.w.Config())
	must[*eventbridge.PutRuleOutput](b.t)(events.PutRule(b.t.Context(), &eventbridge.PutRuleInput{Name: aws.String("r"), EventPattern: &pattern}))
	arn := must[*sqs.GetQueueAttributesOutput](b.t)(b.GetQueueAttributes(b.t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: b.url, AttributeNames: []sqstypes.QueueAttributeName{"QueueArn"}})).Attributes["QueueArn"]
	must[*eventbridge.PutTargetsOutput](b.t)(events.PutTargets(b.t.Context(), &eventbridge.PutTargetsInput{Rule: aws.String("r"), Targets: []types.Target{{Id: aws.String("1"), Arn: &arn}}}))
	return events
}

// versions reads the queue to its end: of each event the version and the status.
func (b *sqsBed) versions() (list []string) {
	b.t.Helper()
	for {
		messages := b.receive(0)
		if len(messages) == 0 {
			return list
		}
		for _, m := range messages {
			var event struct {
				Source string `json:"source"`
				Detail struct {
					Version    int    `json:"version"`
					LastStatus string `json:"lastStatus"`
				} `json:"detail"`
			}
			if err := json.Unmarshal([]byte(*m.Body), &event); err != nil || event.Source != "aws.ecs" {
				b.t.Fatalf("%v: %s", err, *m.Body)
			}
			list = append(list, fmt.Sprint(event.Detail.Version, " ", event.Detail.LastStatus))
		}
	}
}

const taskEvents = `{"source": ["aws.ecs"], "detail-type": ["ECS Task State Change"]}`

// story runs one task beside a queue that hears of it.
func story(t *testing.T, options Options) (heard []string) {
	t.Helper()
	options.ECS.Script = func(Container) Play { return Play{Pull: time.Second, Runs: time.Second} }
	synctest.Test(t, func(t *testing.T) {
		q := newSQSBed(t, options, nil)
		q.rule(taskEvents)
		b := bedOf(t, q.w)
		b.boot("i-1", joinsC)
		time.Sleep(5 * time.Minute) // an agent takes its time to register
		b.start(request(b.define(container("main"))))
		time.Sleep(time.Minute)
		heard = q.versions()
	})
	return heard
}

func TestTheChangesOfATaskReachAQueueInOrder(t *testing.T) {
	got := story(t, Options{})
	if len(got) < 3 || got[0] != "1 PENDING" || got[len(got)-1][2:] != "STOPPED" || !slices.IsSorted(got) {
		t.Errorf("heard %q", got)
	}
}

func TestEventsOvertakeEachOtherAndComeTwice(t *testing.T) {
	calm := story(t, Options{})
	got := story(t, Options{Seed: 1, Events: EventOptions{Delay: Span{0, 10 * time.Second}, Duplicated: 0.5}})
	if slices.IsSorted(got) {
		t.Errorf("no event overtook another: %q", got)
	}
	if len(got) <= len(calm) {
		t.Errorf("none came twice: %q", got)
	}
	slices.Sort(got)
	if once := slices.Compact(got); !slices.Equal(once, calm) {
		t.Errorf("heard %q, want %q", once, calm)
	}
}

func TestEventsMayBeLost(t *testing.T) {
	if got := story(t, Options{Events: EventOptions{Lost: 1}}); len(got) != 0 {
		t.Errorf("heard %q", got)
	}
}

func TestASpotWarningReachesAQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newSQSBed(t, Options{}, nil)
		q.rule(`{"source": ["aws.ec2"], "detail-type": ["EC2 Spot Instance Interruption Warning"]}`)
		b := bedOf(t, q.w)
		id := b.launch(joinsC, "hosts")
		time.Sleep(time.Second)
		b.w.Interrupt(id, true)
		got := q.receive(1)
		if len(got) != 1 || !strings.Contains(*got[0].Body, `"detail":{"instance-action":"terminate","instance-id":"`+id+`"}`) {
			t.Errorf("received %q", bodies(got))
		}
	})
}

func TestOneSeedIsOneStoryOfTasksAndEvents(t *testing.T) {
	options := func(seed uint64) Options {
		o := Realistic(seed)
		o.Events.Duplicated, o.Events.Lost = 0.2, 0.2
		return o
	}
	first, again := story(t, options(1)), story(t, options(1))
	if !slices.Equal(first, again) {
		t.Errorf("seed 1 tells %q, and then %q", first, again)
	}
}

func TestEventsOfCallersAreRouted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newSQSBed(t, Options{}, nil)
		events := b.rule(`{"source": ["batchd"], "detail": {"status": ["SUCCEEDED"]}}`)
		entry := func(status string) types.PutEventsRequestEntry {
			return types.PutEventsRequestEntry{Source: aws.String("batchd"), DetailType: aws.String("Batch Job State Change"), Detail: aws.String(`{"status": "` + status + `"}`)}
		}
		out := must[*eventbridge.PutEventsOutput](t)(events.PutEvents(t.Context(), &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{entry("FAILED"), entry("SUCCEEDED"), {Source: aws.String("batchd")}}}))
		if out.FailedEntryCount != 1 || out.Entries[2].ErrorCode == nil {
			t.Errorf("%d entries failed, want that without a detail", out.FailedEntryCount)
		}
		if got := b.receive(1); len(got) != 1 {
			t.Errorf("received %v", got)
		}
	})
}

func TestARuleWithTargetsIsNotDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newSQSBed(t, Options{}, nil)
		events := b.rule(taskEvents)
		_, err := events.DeleteRule(t.Context(), &eventbridge.DeleteRuleInput{Name: aws.String("r")})
		wantCode(t, err, "ValidationException")
		must[*eventbridge.RemoveTargetsOutput](t)(events.RemoveTargets(t.Context(), &eventbridge.RemoveTargetsInput{Rule: aws.String("r"), Ids: []string{"1"}}))
		must[*eventbridge.DeleteRuleOutput](t)(events.DeleteRule(t.Context(), &eventbridge.DeleteRuleInput{Name: aws.String("r")}))
		if left := must[*eventbridge.ListRulesOutput](t)(events.ListRules(t.Context(), &eventbridge.ListRulesInput{})).Rules; len(left) != 0 {
			t.Errorf("left %v", left)
		}
		_, err = events.PutRule(t.Context(), &eventbridge.PutRuleInput{Name: aws.String("r"), EventPattern: aws.String(`{"source": "aws.ecs"}`)})
		wantCode(t, err, "InvalidEventPatternException")
	})
}
