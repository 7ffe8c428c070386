package why

import "strings"

// Code names a reason why a job is not running. It is stable: it does not change while the cause stays.
type Code string

// The codes. Those with a colon after a word in AWS's list are AWS Batch's own
// ("Jobs stuck in a RUNNABLE status"); the others are ours. docs/guides/explain.md is the table for people.
const (
	Dependency       Code = "DEPENDENCY"
	Sequential       Code = "DEPENDENCY:SEQUENTIAL"
	NToN             Code = "DEPENDENCY:N_TO_N"
	Joined           Code = "JOINED"
	MaxConcurrency   Code = "MAX_CONCURRENCY"
	QueueOrder       Code = "QUEUE_ORDER"
	Priority         Code = "PRIORITY"
	FairShare        Code = "FAIR_SHARE"
	ShareReservation Code = "SHARE_RESERVATION"
	Consumable       Code = "CONSUMABLE_RESOURCE"
	Busy             Code = "BUSY"
	NoHost           Code = "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY"
	Launching        Code = "CAPACITY:INSTANCE_LAUNCHING"
	Protected        Code = "CAPACITY:PROTECTED"
	Invalid          Code = "ACTION_REQUIRED"
	HostFault        Code = "HOST_FAULT"
	MaxResource      Code = "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE"
	Requirement      Code = "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT"
	NeedsImage       Code = "MISCONFIGURATION:JOB_NEEDS_IMAGE"
	NextRound        Code = "NEXT_ROUND"
	Starting         Code = "STARTING"
	Ahead            Code = "STARTING:AHEAD"
	MainNode         Code = "STARTING:MAIN_NODE"
	Running          Code = "RUNNING"
	Stopping         Code = "STOPPING"
	Children         Code = "CHILDREN"
)

// Codes lists every code, in the order in which causes are looked for.
func Codes() []Code {
	return []Code{
		Dependency, Sequential, NToN, Joined, MaxConcurrency, MaxResource, Requirement, NeedsImage, Invalid, Launching, NoHost, Protected,
		HostFault, Consumable, ShareReservation, QueueOrder, FairShare, Priority, Busy, NextRound,
		Starting, Ahead, MainNode, Running, Stopping, Children,
	}
}

// remedies say what would help; nothing but time does where there is none.
var remedies = map[Code]string{
	Joined:           "wait for it; to have it run again, submit with batchd.reuse false",
	MaxConcurrency:   "submit with a larger batchd.maxConcurrency",
	ShareReservation: "lower computeReservation in the scheduling policy, or add capacity",
	FairShare:        "lower the share's weightFactor in the scheduling policy, or add capacity",
	Consumable:       "add units with UpdateConsumableResource, or wait until jobs that hold some end",
	Busy:             "raise maxvCpus of a compute environment or the limit that is named, add an environment to the queue, or ask for less",
	NoHost:           "make a host available: enable a LOCAL compute environment in the queue's order, or start the hosts of the others",
	Protected:        "find out why instances do not join the cluster (image, subnets, security groups, instance profile), and update the compute environment",
	Invalid:          "enable a compute environment of the queue, or add a VALID one to its order",
	HostFault:        "fix the cause that is named; the job then starts by itself within seconds, and no attempt of it is used up",
	MaxResource:      "raise maxvCpus (and batchd.memoryMiB) of a compute environment of the queue, or ask for less",
	Requirement:      "ask for less, or add hosts that are large enough to a compute environment of the queue",
	NeedsImage:       "name an image in the job definition, add a LOCAL compute environment to the queue, or set batchd.defaultImage of one of those that it has",
	Priority:         "raise the queue's priority, or add capacity",
	QueueOrder:       "raise maxvCpus, use a queue of its own, or in a fair-share queue raise schedulingPriorityOverride",
}

// Remedy is what would help; empty if only time does.
func (c Code) Remedy() string { return remedies[c] }

// StatusReason is what a statusReason says for c: the code, then AWS's sentence where AWS has one; empty if it says nothing.
func (c Code) StatusReason() string { return words[c] }

// words is what a statusReason says for a code: the code, then AWS's sentence where AWS has one.
var words = map[Code]string{
	MaxResource:      "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE - The job asks for more than any compute environment of its queue may hold",
	Requirement:      "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - The job asks for more than any host of its queue's compute environments has",
	NeedsImage:       "MISCONFIGURATION:JOB_NEEDS_IMAGE - The job has no image, and the compute environments of its queue run containers only",
	Invalid:          "ACTION_REQUIRED - CE(s) associated with the job queue are invalid.",
	NoHost:           "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - Service cannot fulfill the capacity requested: no host of the queue's compute environments is ready",
	Protected:        "CAPACITY:PROTECTED - Instances of the compute environment do not join it, so one at a time is launched",
	HostFault:        "HOST_FAULT - The host cannot start the job",
	Joined:           "JOINED - The job waits for the result of an identical job that runs",
	Busy:             "BUSY - The job waits for room on the hosts of its compute environments",
	Priority:         "PRIORITY - The room is kept for a job of a queue of higher priority",
	Consumable:       "CONSUMABLE_RESOURCE - The job waits for units of a consumable resource",
	ShareReservation: "SHARE_RESERVATION - The scheduling policy keeps the room that is left for shares that are not active",
}

// CodeOf returns the code that a statusReason begins with; empty for one that says nothing about waiting.
func CodeOf(reason string) Code {
	code, _, _ := strings.Cut(reason, " - ")
	if _, known := words[Code(code)]; known {
		return Code(code)
	}
	return ""
}
