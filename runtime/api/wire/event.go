package wire

import (
	"slices"
	"strconv"
)

// The kinds of event, in their DetailType.
const (
	EventStateChange  = "Batch Job State Change"
	EventQueueBlocked = "Batch Job Queue Blocked"
)

// EventSource is the source of every event.
const EventSource = "aws.batch"

// Event is what happened to a job, in the envelope of EventBridge.
type Event struct {
	Version    string          `json:"version"` // "0"
	ID         string          `json:"id"`      // the same whenever the event is told again
	DetailType string          `json:"detail-type"`
	Source     string          `json:"source"`
	Account    string          `json:"account"`
	Time       string          `json:"time"` // RFC 3339, in seconds
	Region     string          `json:"region"`
	Resources  []string        `json:"resources"` // the job's ARN, then that of a blocked queue
	Detail     JobDetail       `json:"detail"`
	Batchd     *EventExtension `json:"batchd,omitempty"`
}

// EventExtension is what an event has that AWS's do not.
type EventExtension struct {
	// Sequence is the number of the event's line in the log of all transitions; reading goes on after it. The events of
	// children that one line stands for share its number.
	Sequence int64 `json:"sequence"`
	// Time is that of the event in milliseconds.
	Time int64 `json:"time"`
	// PreviousStatus is the status before.
	PreviousStatus string `json:"previousStatus"`
	// Children is set when the event is about all children of an array to which nothing had happened alone: the
	// status they came into. The status of the detail is the array's.
	Children string `json:"children,omitempty"`
}

// EventFilter says which events are wanted. Its zero value wants all.
type EventFilter struct {
	// Queues are names of job queues, or prefixes if they end in "*".
	Queues []string
	// Job is the id of a job, of a child or a node, or of an array or multi-node job with all of its parts.
	Job string
	// Statuses are those that events report.
	Statuses []string
	// Children adds, to an event about children of an array, one for each of them, up to MaxEventChildren.
	Children bool
}

// Limits of [EventFilter].
const (
	// MaxEventFilters is how many queues a filter names.
	MaxEventFilters = 100
	// MaxEventChildren is how many children of an array are told of one by one when all come into a status at once.
	MaxEventChildren = 1000
)

// Validate checks the fields of f.
func (f *EventFilter) Validate() error {
	if n := len(f.Queues); n > MaxEventFilters {
		return &FieldError{Field: "queue", Given: strconv.Itoa(n) + " names", Allowed: "at most " + strconv.Itoa(MaxEventFilters)}
	}
	for _, status := range f.Statuses {
		if !slices.Contains(JobStatuses(), status) {
			return &FieldError{Field: "status", Given: quoted(status), Allowed: "SUBMITTED, PENDING, RUNNABLE, STARTING, RUNNING, SUCCEEDED or FAILED"}
		}
	}
	return nil
}

// EventPage is some events that follow one another.
type EventPage struct {
	Events []Event
	// Next is the sequence number to go on after. It grows even if no event was wanted.
	Next int64
	// Lost is how many lines of the log before these are not kept any more.
	Lost int64
}

// EventNameGap is the name of the event that holds an [EventGap]; other events have no name.
const EventNameGap = "gap"

// EventGap is what a stream of events tells a reader that came too late, as an event named "gap".
type EventGap struct {
	After int64 `json:"after"` // the last sequence number that the reader has seen
	Lost  int64 `json:"lost"`  // how many lines after it are not kept any more
}
