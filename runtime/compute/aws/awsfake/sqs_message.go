package awsfake

import (
	"crypto/md5" //nolint:gosec // what the protocol of SQS asks for, as a checksum
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// message is a message of a queue.
type message struct {
	id       string
	body     string
	sent     time.Time
	visible  time.Time // from when on it can be received
	received int
	first    time.Time
	receipt  string // of the last time that it was received
}

func (q *sqsState) send(c *call, in *sqs.SendMessageInput) (*sqs.SendMessageOutput, error) {
	to, err := q.queue(in.QueueUrl)
	if err != nil {
		return nil, err
	}
	body := aws.ToString(in.MessageBody)
	switch limit, _ := strconv.Atoi(to.attributes["MaximumMessageSize"]); { // it was checked to be a number
	case body == "":
		return nil, refuse("MissingParameter", "The request must contain the parameter MessageBody.")
	case len(body) > limit:
		return nil, refuse("InvalidParameterValue", "One or more parameters are invalid. Reason: Message must be shorter than %d bytes.", limit)
	case len(in.MessageAttributes) > 0:
		return nil, refuse("UnsupportedOperation", "Message attributes are not served here.")
	}
	delay := time.Duration(in.DelaySeconds) * time.Second
	if delay == 0 {
		delay = to.seconds("DelaySeconds")
	}
	m := q.enqueue(to, body, delay)
	return &sqs.SendMessageOutput{MessageId: &m.id, MD5OfMessageBody: aws.String(checksum(body))}, nil
}

// enqueue adds a message that becomes visible after a delay.
func (q *sqsState) enqueue(to *queue, body string, delay time.Duration) *message {
	m := &message{id: q.w.uuid("message"), body: body, sent: time.Now(), visible: time.Now().Add(delay)}
	to.messages = append(to.messages, m)
	q.w.after(delay, to.wake)
	return m
}

// wake lets receivers that wait look again.
func (q *queue) wake() {
	close(q.news)
	q.news = make(chan struct{})
}

func (q *queue) seconds(attribute string) time.Duration {
	value, _ := strconv.Atoi(q.attributes[attribute]) // it was checked to be a number
	return time.Duration(value) * time.Second
}

func checksum(body string) string {
	sum := md5.Sum([]byte(body)) //nolint:gosec // see above
	return hex.EncodeToString(sum[:])
}

func (q *sqsState) delete(_ *call, in *sqs.DeleteMessageInput) (*sqs.DeleteMessageOutput, error) {
	from, err := q.queue(in.QueueUrl)
	if err != nil {
		return nil, err
	}
	return &sqs.DeleteMessageOutput{}, q.discard(from, aws.ToString(in.ReceiptHandle))
}

// discard deletes the message of a receipt. One that is gone, or that was received again meanwhile, is no error.
func (q *sqsState) discard(from *queue, receipt string) error {
	id, _, isReceipt := strings.Cut(receipt, "/")
	if !isReceipt {
		return refuse("ReceiptHandleIsInvalid", "The input receipt handle %q is not a valid receipt handle.", receipt)
	}
	at := slices.IndexFunc(from.messages, func(m *message) bool { return m.id == id && m.receipt == receipt })
	if at < 0 {
		return nil
	}
	m := from.messages[at]
	from.messages = slices.Delete(from.messages, at, at+1)
	if q.w.chance(q.options.Duplicated, "duplicate", m.id) {
		q.enqueue(from, m.body, 0)
	}
	return nil
}

func (q *sqsState) deleteBatch(_ *call, in *sqs.DeleteMessageBatchInput) (*sqs.DeleteMessageBatchOutput, error) {
	from, err := q.queue(in.QueueUrl)
	switch {
	case err != nil:
		return nil, err
	case len(in.Entries) == 0:
		return nil, refuse("EmptyBatchRequest", "There should be at least one DeleteMessageBatchRequestEntry in the request.")
	case len(in.Entries) > maxReceived:
		return nil, refuse("TooManyEntriesInBatchRequest", "Maximum number of entries per request are %d. You have sent %d.", maxReceived, len(in.Entries))
	}
	out := &sqs.DeleteMessageBatchOutput{}
	for _, entry := range in.Entries {
		if err := q.discard(from, aws.ToString(entry.ReceiptHandle)); err != nil {
			out.Failed = append(out.Failed, types.BatchResultErrorEntry{Id: entry.Id, Code: aws.String("ReceiptHandleIsInvalid"), SenderFault: true})
			continue
		}
		out.Successful = append(out.Successful, types.DeleteMessageBatchResultEntry{Id: entry.Id})
	}
	return out, nil
}
