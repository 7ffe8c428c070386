package awsfake

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// SQSOptions say how SQS behaves.
type SQSOptions struct {
	// Duplicated is the share of messages, from 0 to 1, that are delivered once more although they were deleted: the guarantee is
	// at least once.
	Duplicated float64
}

type sqsState struct {
	w       *World
	options SQSOptions
	queues  map[string]*queue
}

// queue is a standard queue.
type queue struct {
	name       string
	arn, url   string
	created    time.Time
	attributes map[string]string
	tags       tags
	messages   []*message
	// news is closed and replaced when a message comes, so that receivers that wait look again.
	news chan struct{}
}

// queueDefaults are the attributes of a queue that was created without any.
var queueDefaults = map[string]string{
	"VisibilityTimeout": "30", "MessageRetentionPeriod": "345600", "DelaySeconds": "0", "ReceiveMessageWaitTimeSeconds": "0",
	"MaximumMessageSize": "1048576", "SqsManagedSseEnabled": "true",
}

// queueBounds are the least and the most of the attributes that are numbers.
var queueBounds = map[string][2]int{
	"VisibilityTimeout": {0, 43200}, "MessageRetentionPeriod": {60, 1209600}, "DelaySeconds": {0, 900}, "ReceiveMessageWaitTimeSeconds": {0, 20},
	"MaximumMessageSize": {1024, 1048576},
}

func (w *World) openSQS() *service {
	q := &sqsState{w: w, options: w.options.SQS, queues: map[string]*queue{}}
	w.sqs = q
	s := jsonService("sqs", "1.0")
	s.leftovers = q.leftovers
	register(s, q.create)
	register(s, q.url)
	register(s, q.list)
	register(s, q.get)
	register(s, q.set)
	register(s, q.tag)
	register(s, q.send)
	register(s, q.receive)
	register(s, q.delete)
	register(s, q.deleteBatch)
	register(s, q.remove)
	return s
}

var queueName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)

func (q *sqsState) create(_ *call, in *sqs.CreateQueueInput) (*sqs.CreateQueueOutput, error) {
	name := aws.ToString(in.QueueName)
	if !queueName.MatchString(name) { // FIFO queues, whose names end in .fifo, are not served here
		return nil, refuse("InvalidParameterValue", "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
	}
	if err := checkQueueAttributes(in.Attributes); err != nil {
		return nil, err
	}
	if existing := q.queues[name]; existing != nil {
		for key, value := range in.Attributes {
			if existing.attributes[key] != value {
				return nil, refuse("QueueNameExists", "A queue already exists with the same name and a different value for attribute %s", key)
			}
		}
		return &sqs.CreateQueueOutput{QueueUrl: &existing.url}, nil
	}
	made := &queue{
		name: name, arn: q.w.arn("sqs", name), url: "https://sqs." + q.w.options.Region + ".amazonaws.com/" + q.w.options.Account + "/" + name,
		created: time.Now(), attributes: maps.Clone(queueDefaults), tags: tags{}, news: make(chan struct{}),
	}
	maps.Copy(made.attributes, in.Attributes)
	maps.Copy(made.tags, in.Tags)
	q.queues[name] = made
	return &sqs.CreateQueueOutput{QueueUrl: &made.url}, nil
}

func checkQueueAttributes(attributes map[string]string) error {
	for _, key := range sorted(attributes) {
		bounds, isNumber := queueBounds[key]
		if !isNumber {
			if !slices.Contains([]string{"Policy", "SqsManagedSseEnabled", "KmsMasterKeyId", "RedrivePolicy"}, key) {
				return refuse("InvalidAttributeName", "Unknown Attribute %s.", key)
			}
			continue
		}
		if value, err := strconv.Atoi(attributes[key]); err != nil || value < bounds[0] || value > bounds[1] {
			return refuse("InvalidAttributeValue", "Invalid value for the parameter %s.", key)
		}
	}
	return nil
}

// queue finds a queue by its URL, of which the name alone counts.
func (q *sqsState) queue(url *string) (*queue, error) { return q.named(lastPart(aws.ToString(url))) }

func (q *sqsState) named(name string) (*queue, error) {
	if found := q.queues[name]; found != nil {
		return found, nil
	}
	failure := refuse("QueueDoesNotExist", "The specified queue does not exist.")
	failure.QueryCode = "AWS.SimpleQueueService.NonExistentQueue"
	return nil, failure
}

func (q *sqsState) url(_ *call, in *sqs.GetQueueUrlInput) (*sqs.GetQueueUrlOutput, error) {
	found, err := q.named(aws.ToString(in.QueueName))
	if err != nil {
		return nil, err
	}
	return &sqs.GetQueueUrlOutput{QueueUrl: &found.url}, nil
}

func (q *sqsState) list(_ *call, in *sqs.ListQueuesInput) (*sqs.ListQueuesOutput, error) {
	out := &sqs.ListQueuesOutput{}
	for _, name := range sorted(q.queues) {
		if matchesName(name, in.QueueNamePrefix, nil) {
			out.QueueUrls = append(out.QueueUrls, q.queues[name].url)
		}
	}
	return out, nil
}

func (q *sqsState) get(c *call, in *sqs.GetQueueAttributesInput) (*sqs.GetQueueAttributesOutput, error) {
	found, err := q.queue(in.QueueUrl)
	if err != nil {
		return nil, err
	}
	all := maps.Clone(found.attributes)
	all["QueueArn"] = found.arn
	all["CreatedTimestamp"] = strconv.FormatInt(found.created.Unix(), 10)
	waiting, flying := found.count(c.now)
	all["ApproximateNumberOfMessages"], all["ApproximateNumberOfMessagesNotVisible"] = strconv.Itoa(waiting), strconv.Itoa(flying)
	out := &sqs.GetQueueAttributesOutput{Attributes: map[string]string{}}
	for key, value := range all {
		if slices.Contains(in.AttributeNames, types.QueueAttributeNameAll) || slices.Contains(in.AttributeNames, types.QueueAttributeName(key)) {
			out.Attributes[key] = value
		}
	}
	return out, nil
}

func (q *sqsState) set(_ *call, in *sqs.SetQueueAttributesInput) (*sqs.SetQueueAttributesOutput, error) {
	found, err := q.queue(in.QueueUrl)
	if err != nil {
		return nil, err
	}
	if err := checkQueueAttributes(in.Attributes); err != nil {
		return nil, err
	}
	maps.Copy(found.attributes, in.Attributes)
	return &sqs.SetQueueAttributesOutput{}, nil
}

func (q *sqsState) tag(_ *call, in *sqs.TagQueueInput) (*sqs.TagQueueOutput, error) {
	found, err := q.queue(in.QueueUrl)
	if err != nil {
		return nil, err
	}
	maps.Copy(found.tags, in.Tags)
	return &sqs.TagQueueOutput{}, nil
}

func (q *sqsState) remove(_ *call, in *sqs.DeleteQueueInput) (*sqs.DeleteQueueOutput, error) {
	found, err := q.queue(in.QueueUrl)
	if err != nil {
		return nil, err
	}
	delete(q.queues, found.name)
	found.wake()
	return &sqs.DeleteQueueOutput{}, nil
}

func (q *sqsState) leftovers(installation string) (lines []string) {
	for _, name := range sorted(q.queues) {
		if q.queues[name].tags.of(installation) {
			lines = append(lines, "sqs queue "+name)
		}
	}
	return lines
}
