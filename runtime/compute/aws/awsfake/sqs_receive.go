package awsfake

import (
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// expire forgets messages that are older than the retention period.
func (q *queue) expire(now time.Time) {
	oldest := now.Add(-q.seconds("MessageRetentionPeriod"))
	q.messages = slices.DeleteFunc(q.messages, func(m *message) bool { return m.sent.Before(oldest) })
}

func (q *queue) count(now time.Time) (waiting, flying int) {
	q.expire(now)
	for _, m := range q.messages {
		switch {
		case !m.visible.After(now):
			waiting++
		case m.received > 0:
			flying++
		}
	}
	return waiting, flying
}

// receive gives messages out, and waits for some if there are none and the caller or the queue says for how long.
func (q *sqsState) receive(c *call, in *sqs.ReceiveMessageInput) (*sqs.ReceiveMessageOutput, error) {
	most := max(in.MaxNumberOfMessages, 1)
	from, err := q.queue(in.QueueUrl)
	switch {
	case err != nil:
		return nil, err
	case most > maxReceived:
		return nil, refuse("InvalidParameterValue", "Value %d for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and %d, if provided.", most, maxReceived)
	case in.WaitTimeSeconds < 0 || in.WaitTimeSeconds > maxReceiveWait:
		return nil, refuse("InvalidParameterValue", "Value %d for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= %d, if provided.", in.WaitTimeSeconds, maxReceiveWait)
	}
	patience := time.Duration(in.WaitTimeSeconds) * time.Second
	if patience == 0 {
		patience = from.seconds("ReceiveMessageWaitTimeSeconds")
	}
	deadline := c.now.Add(patience)
	for {
		found := from.take(q, int(most), time.Duration(in.VisibilityTimeout)*time.Second)
		rest := time.Until(deadline)
		if len(found) > 0 || rest <= 0 || q.queues[from.name] != from {
			return &sqs.ReceiveMessageOutput{Messages: found}, nil
		}
		if !c.wait(min(rest, from.nextVisible()), from.news) {
			return &sqs.ReceiveMessageOutput{}, nil
		}
	}
}

// nextVisible is the time until a message that is not visible becomes visible.
func (q *queue) nextVisible() time.Duration {
	next := time.Duration(1<<63 - 1)
	for _, m := range q.messages {
		next = min(next, max(time.Until(m.visible), time.Millisecond))
	}
	return next
}

// take gives up to most visible messages out, and hides them for a while.
func (q *queue) take(s *sqsState, most int, hidden time.Duration) (taken []types.Message) {
	now := time.Now()
	q.expire(now)
	if hidden == 0 {
		hidden = q.seconds("VisibilityTimeout")
	}
	for _, m := range q.messages {
		if len(taken) == most {
			break
		}
		if m.visible.After(now) {
			continue
		}
		if m.received++; m.received == 1 {
			m.first = now
		}
		m.visible, m.receipt = now.Add(hidden), m.id+"/"+s.w.hex("receipt", 32)
		taken = append(taken, types.Message{
			MessageId: aws.String(m.id), Body: aws.String(m.body), MD5OfBody: aws.String(checksum(m.body)), ReceiptHandle: aws.String(m.receipt),
			Attributes: map[string]string{
				"SentTimestamp": strconv.FormatInt(m.sent.UnixMilli(), 10), "ApproximateReceiveCount": strconv.Itoa(m.received),
				"ApproximateFirstReceiveTimestamp": strconv.FormatInt(m.first.UnixMilli(), 10),
			},
		})
	}
	return taken
}
