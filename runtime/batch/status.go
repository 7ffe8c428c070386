package batch

import "fmt"

// Status is where a job is in its life (AWS Batch user guide, "Job states").
type Status uint8

// The seven states of a job, in the order in which a job passes them.
const (
	Submitted Status = iota
	Pending
	Runnable
	Starting
	Running
	Succeeded
	Failed
	statusCount
)

// StatusCount is how many statuses there are; arrays of counters use it.
const StatusCount = int(statusCount)

var statusNames = [StatusCount]string{"SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED", "FAILED"}

// String returns the name the wire uses.
func (s Status) String() string {
	if int(s) < StatusCount {
		return statusNames[s]
	}
	return fmt.Sprintf("Status(%d)", uint8(s))
}

// Terminal reports whether a job in s has ended. It stays so, unless it FAILED and is retried.
func (s Status) Terminal() bool { return s == Succeeded || s == Failed }

// Live reports whether an attempt of a job in s holds, or is about to hold, a host.
func (s Status) Live() bool { return s == Starting || s == Running }

// ParseStatus is the inverse of [Status.String].
func ParseStatus(name string) (Status, bool) {
	for i, n := range statusNames {
		if n == name {
			return Status(i), true
		}
	}
	return 0, false
}

// Statuses lists all statuses in order.
func Statuses() []Status {
	return []Status{Submitted, Pending, Runnable, Starting, Running, Succeeded, Failed}
}

// State is whether users may send work to a queue or an environment.
type State string

// The two states of a queue or an environment.
const (
	Enabled  State = "ENABLED"
	Disabled State = "DISABLED"
)

// Health is the life-cycle status of a queue or an environment.
type Health string

// The healths a queue or an environment passes through.
const (
	Creating Health = "CREATING"
	Updating Health = "UPDATING"
	Valid    Health = "VALID"
	Invalid  Health = "INVALID"
	Deleting Health = "DELETING"
	Deleted  Health = "DELETED"
)

// Kind is what an environment runs on.
type Kind string

// The kinds of environment. Unmanaged has no computeResources on the wire.
const (
	Local       Kind = "LOCAL"
	EC2         Kind = "EC2"
	Spot        Kind = "SPOT"
	Fargate     Kind = "FARGATE"
	FargateSpot Kind = "FARGATE_SPOT"
	Unmanaged   Kind = "UNMANAGED"
)
