package awsfake

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
)

// envelope is an event as it reaches a target.
type envelope struct {
	Version    string          `json:"version"`
	ID         string          `json:"id"`
	DetailType string          `json:"detail-type"`
	Source     string          `json:"source"`
	Account    string          `json:"account"`
	Time       string          `json:"time"`
	Region     string          `json:"region"`
	Resources  []string        `json:"resources"`
	Detail     json.RawMessage `json:"detail"`
}

// hear takes an event of a service.
func (b *busState) hear(e Event) {
	if !b.wanted(e) {
		return
	}
	detail, err := json.Marshal(e.Detail)
	if err != nil {
		panic("the detail of an event of " + e.Source + " cannot be encoded: " + err.Error()) // a mistake in this package
	}
	b.route(e, detail)
}

// wanted reports whether a rule may match an event of its source and type.
func (b *busState) wanted(e Event) bool {
	for _, r := range b.rules {
		if !r.pattern.Excludes("source", e.Source) && !r.pattern.Excludes("detail-type", e.DetailType) {
			return true
		}
	}
	return false
}

// route sends an event to the targets of the rules that it matches.
func (b *busState) route(e Event, detail []byte) (id string) {
	b.sent++
	id = b.w.uuid("event")
	body, err := json.Marshal(envelope{
		Version: "0", ID: id, DetailType: e.DetailType, Source: e.Source, Account: b.w.options.Account, Time: e.At.UTC().Format(time.RFC3339),
		Region: b.w.options.Region, Resources: append([]string{}, e.Resources...), Detail: detail,
	})
	var tree map[string]any
	if err == nil {
		err = json.Unmarshal(body, &tree)
	}
	if err != nil {
		panic("an event of " + e.Source + " cannot be encoded: " + err.Error()) // its detail was decoded before
	}
	for _, name := range sorted(b.rules) {
		r := b.rules[name]
		if r.State != types.RuleStateEnabled || !r.pattern.Matches(tree) {
			continue
		}
		for _, target := range r.targets {
			b.deliver(target, name+" "+strconv.Itoa(b.sent), string(body))
		}
	}
	return id
}

// deliver brings an event to a queue: once, twice or never, and late.
func (b *busState) deliver(target types.Target, luck, body string) {
	if b.w.chance(b.options.Lost, "event lost", luck) {
		return
	}
	copies := 1
	if b.w.chance(b.options.Duplicated, "event duplicated", luck) {
		copies++
	}
	for n := range copies {
		b.w.after(b.w.draw(b.options.Delay, "event delay "+strconv.Itoa(n), luck), func() {
			if q := b.w.sqs.byARN(aws.ToString(target.Arn)); q != nil { // what nobody takes is lost
				b.w.sqs.enqueue(q, body, 0)
			}
		})
	}
}

// byARN is the queue of an ARN; nil if there is none.
func (q *sqsState) byARN(arn string) *queue {
	found := q.queues[arn[strings.LastIndexByte(arn, ':')+1:]]
	if found == nil || found.arn != arn {
		return nil
	}
	return found
}

func (b *busState) putEvents(c *call, in *eventbridge.PutEventsInput) (*eventbridge.PutEventsOutput, error) {
	if len(in.Entries) == 0 || len(in.Entries) > maxPutEvents {
		return nil, refuse("ValidationException", "The number of entries must be between 1 and %d.", maxPutEvents)
	}
	out := &eventbridge.PutEventsOutput{}
	for _, entry := range in.Entries {
		detail := []byte(aws.ToString(entry.Detail))
		var object map[string]any
		switch {
		case b.onDefaultBus(entry.EventBusName) != nil, aws.ToString(entry.Source) == "", aws.ToString(entry.DetailType) == "":
			out.Entries = append(out.Entries, types.PutEventsResultEntry{ErrorCode: aws.String("InvalidArgument"), ErrorMessage: aws.String("Parameter Source, DetailType or EventBusName is not valid.")})
		case json.Unmarshal(detail, &object) != nil:
			out.Entries = append(out.Entries, types.PutEventsResultEntry{ErrorCode: aws.String("MalformedDetail"), ErrorMessage: aws.String("Detail is malformed.")})
		default:
			e := Event{At: c.now, Source: *entry.Source, DetailType: *entry.DetailType, Resources: entry.Resources}
			if entry.Time != nil {
				e.At = *entry.Time
			}
			out.Entries = append(out.Entries, types.PutEventsResultEntry{EventId: aws.String(b.route(e, detail))})
			continue
		}
		out.FailedEntryCount++
	}
	return out, nil
}
