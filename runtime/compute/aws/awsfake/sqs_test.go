package awsfake

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// sqsBed is a world with one queue.
type sqsBed struct {
	*sqs.Client
	t   *testing.T
	w   *World
	url *string
}

func newSQSBed(t *testing.T, options Options, attributes map[string]string) *sqsBed {
	t.Helper()
	w := New(options)
	t.Cleanup(w.Close)
	b := &sqsBed{Client: sqs.NewFromConfig(w.Config()), t: t, w: w}
	b.url = must[*sqs.CreateQueueOutput](t)(b.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("q"), Attributes: attributes})).QueueUrl
	return b
}

func (b *sqsBed) send(body string) {
	b.t.Helper()
	must[*sqs.SendMessageOutput](b.t)(b.SendMessage(b.t.Context(), &sqs.SendMessageInput{QueueUrl: b.url, MessageBody: &body}))
}

// receive takes up to ten messages, waiting for up to that many seconds.
func (b *sqsBed) receive(wait int32) []types.Message {
	b.t.Helper()
	return must[*sqs.ReceiveMessageOutput](b.t)(b.ReceiveMessage(b.t.Context(), &sqs.ReceiveMessageInput{QueueUrl: b.url, MaxNumberOfMessages: 10, WaitTimeSeconds: wait})).Messages
}

func bodies(messages []types.Message) string {
	var list []string
	for _, m := range messages {
		list = append(list, *m.Body)
	}
	return strings.Join(list, " ")
}

func TestAMessageComesAgainUntilItIsDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newSQSBed(t, Options{}, map[string]string{"VisibilityTimeout": "60"})
		b.send("news")
		first := b.receive(0)
		if got := bodies(first) + "|" + bodies(b.receive(0)); got != "news|" {
			t.Fatalf("received %q", got)
		}
		time.Sleep(time.Minute)
		second := b.receive(0)
		if len(second) != 1 || *second[0].ReceiptHandle == *first[0].ReceiptHandle {
			t.Fatalf("received %v after the timeout", second)
		}
		must[*sqs.DeleteMessageBatchOutput](t)(b.DeleteMessageBatch(t.Context(), &sqs.DeleteMessageBatchInput{QueueUrl: b.url, Entries: []types.DeleteMessageBatchRequestEntry{
			{Id: aws.String("1"), ReceiptHandle: second[0].ReceiptHandle},
		}}))
		time.Sleep(time.Minute)
		if got := b.receive(0); len(got) != 0 {
			t.Errorf("received %v after it was deleted", got)
		}
	})
}

func TestAReceiverWaitsForMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newSQSBed(t, Options{}, nil)
		begun := time.Now()
		go func() {
			time.Sleep(7 * time.Second)
			b.send("late")
		}()
		if got := bodies(b.receive(20)); got != "late" || time.Since(begun) != 7*time.Second {
			t.Errorf("received %q after %v", got, time.Since(begun))
		}
		begun = time.Now()
		if got := b.receive(20); len(got) != 0 || time.Since(begun) != 20*time.Second {
			t.Errorf("received %v after %v", got, time.Since(begun))
		}
	})
}

func TestAReceiverThatGoesAwayWaitsNoLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newSQSBed(t, Options{}, nil)
		begun := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		_, err := b.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: b.url, WaitTimeSeconds: 20})
		if err == nil || time.Since(begun) != 3*time.Second {
			t.Errorf("got %v after %v", err, time.Since(begun))
		}
	})
}

func TestAMessageIsKeptForTheRetentionPeriod(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newSQSBed(t, Options{}, map[string]string{"MessageRetentionPeriod": "3600"})
		b.send("old")
		time.Sleep(time.Hour + time.Second)
		b.send("new")
		if got := bodies(b.receive(0)); got != "new" {
			t.Errorf("received %q", got)
		}
	})
}

func TestAMessageMayComeOnceMoreAfterItWasDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newSQSBed(t, Options{SQS: SQSOptions{Duplicated: 0.5}}, nil)
		received := 0
		for range 100 {
			b.send("news")
		}
		for {
			messages := b.receive(0)
			if len(messages) == 0 {
				break
			}
			for _, m := range messages {
				received++
				must[*sqs.DeleteMessageOutput](t)(b.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: b.url, ReceiptHandle: m.ReceiptHandle}))
			}
		}
		if received < 120 || received > 300 {
			t.Errorf("100 messages were received %d times", received)
		}
	})
}

func TestAQueueThatIsNotThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newSQSBed(t, Options{}, nil)
		must[*sqs.DeleteQueueOutput](t)(b.DeleteQueue(t.Context(), &sqs.DeleteQueueInput{QueueUrl: b.url}))
		_, err := b.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String("q")})
		wantCode(t, err, "AWS.SimpleQueueService.NonExistentQueue")
	})
}
