package sched

import (
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// The codes of explain. Those with a colon after a word in AWS's list are AWS Batch's own
// ("Jobs stuck in a RUNNABLE status"); the others are ours. docs/guides/explain.md is the table for people.
const (
	CodeDependency       Code = "DEPENDENCY"
	CodeSequential       Code = "DEPENDENCY:SEQUENTIAL"
	CodeNToN             Code = "DEPENDENCY:N_TO_N"
	CodeJoined           Code = "JOINED"
	CodeMaxConcurrency   Code = "MAX_CONCURRENCY"
	CodeQueueOrder       Code = "QUEUE_ORDER"
	CodePriority         Code = "PRIORITY"
	CodeFairShare        Code = "FAIR_SHARE"
	CodeShareReservation Code = "SHARE_RESERVATION"
	CodeConsumable       Code = "CONSUMABLE_RESOURCE"
	CodeBusy             Code = "BUSY"
	CodeNoHost           Code = "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY"
	CodeInvalid          Code = "ACTION_REQUIRED"
	CodeHostFault        Code = "HOST_FAULT"
	CodeMaxResource      Code = "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE"
	CodeRequirement      Code = "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT"
	CodeNextRound        Code = "NEXT_ROUND"
	CodeStarting         Code = "STARTING"
	CodeAhead            Code = "STARTING:AHEAD"
	CodeMainNode         Code = "STARTING:MAIN_NODE"
	CodeRunning          Code = "RUNNING"
	CodeStopping         Code = "STOPPING"
	CodeChildren         Code = "CHILDREN"
)

// Codes lists every code, in the order in which causes are looked for.
func Codes() []Code {
	return []Code{
		CodeDependency, CodeSequential, CodeNToN, CodeJoined, CodeMaxConcurrency, CodeMaxResource, CodeRequirement, CodeInvalid, CodeNoHost,
		CodeHostFault, CodeConsumable, CodeShareReservation, CodeQueueOrder, CodeFairShare, CodePriority, CodeBusy, CodeNextRound,
		CodeStarting, CodeAhead, CodeMainNode, CodeRunning, CodeStopping, CodeChildren,
	}
}

// remedies say what would help; nothing but time does where there is none.
var remedies = map[Code]string{
	CodeJoined:           "wait for it; to have it run again, submit with batchd.reuse false",
	CodeMaxConcurrency:   "submit with a larger batchd.maxConcurrency",
	CodeShareReservation: "lower computeReservation in the scheduling policy, or add capacity",
	CodeFairShare:        "lower the share's weightFactor in the scheduling policy, or add capacity",
	CodeConsumable:       "add units with UpdateConsumableResource, or wait until jobs that hold some end",
	CodeBusy:             "raise maxvCpus of a compute environment or the limit that is named, add an environment to the queue, or ask for less",
	CodeNoHost:           "make a host available: enable a LOCAL compute environment in the queue's order, or start the hosts of the others",
	CodeInvalid:          "enable a compute environment of the queue, or add a VALID one to its order",
	CodeHostFault:        "fix the cause that is named; the job then starts by itself within seconds, and no attempt of it is used up",
	CodeMaxResource:      "raise maxvCpus (and batchd.memoryMiB) of a compute environment of the queue, or ask for less",
	CodeRequirement:      "ask for less, or add hosts that are large enough to a compute environment of the queue",
	CodePriority:         "raise the queue's priority, or add capacity",
	CodeQueueOrder:       "raise maxvCpus, use a queue of its own, or in a fair-share queue raise schedulingPriorityOverride",
}

// words is what a statusReason says for a code: the code, then AWS's sentence where AWS has one.
var words = map[Code]string{
	CodeMaxResource:      reasonMaxResource,
	CodeRequirement:      reasonRequirement,
	CodeInvalid:          "ACTION_REQUIRED - CE(s) associated with the job queue are invalid.",
	CodeNoHost:           "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - Service cannot fulfill the capacity requested: no host of the queue's compute environments is ready",
	CodeHostFault:        "HOST_FAULT - The host cannot start the job",
	CodeJoined:           "JOINED - The job waits for the result of an identical job that runs",
	CodeBusy:             "BUSY - The job waits for room on the hosts of its compute environments",
	CodePriority:         "PRIORITY - The room is kept for a job of a queue of higher priority",
	CodeConsumable:       "CONSUMABLE_RESOURCE - The job waits for units of a consumable resource",
	CodeShareReservation: "SHARE_RESERVATION - The scheduling policy keeps the room that is left for shares that are not active",
}

// codeOf returns the code that a statusReason begins with; empty for one that says nothing about waiting.
func codeOf(reason string) Code {
	code, _, _ := strings.Cut(reason, " - ")
	if _, known := words[Code(code)]; known {
		return Code(code)
	}
	return ""
}

// statusCode is the code of a job that does not wait.
func statusCode(row *batch.Job) Code {
	run := row.Run
	switch {
	case run.Stop != batch.NotStopped && run.Stop != batch.StopRecalled:
		return CodeStopping
	case row.Status == batch.Running:
		return CodeRunning
	case run.Ahead:
		return CodeAhead
	case run.Held:
		return CodeMainNode
	default:
		return CodeStarting
	}
}
