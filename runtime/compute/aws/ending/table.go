package ending

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// cause is why a task stopped.
type cause uint8

const (
	// unknown: neither the code nor the text is known. The attempt is lost.
	unknown cause = iota
	// exited: a container that the task cannot be without has ended.
	exited
	// notStarted: a container could not be made or started, for a cause of the job's.
	notStarted
	// notPlaced: there was no room or no agent for the task. Nothing of it was started.
	notPlaced
	// lost: the machine below the task is gone or fails.
	lost
	// stopped: somebody called StopTask.
	stopped
)

// codes says what the stopCode of a task means (Amazon ECS API reference, Task). A code that is not here is unknown.
var codes = map[types.TaskStopCode]cause{
	types.TaskStopCodeEssentialContainerExited: exited,
	types.TaskStopCodeTaskFailedToStart:        notStarted,
	types.TaskStopCodeUserInitiated:            stopped,
	types.TaskStopCodeSpotInterruption:         lost,
	types.TaskStopCodeTerminationNotice:        lost,
	types.TaskStopCodeInfrastructureHealth:     lost,
}

// texts says what the beginning of a stoppedReason means. It goes before the code where exact is set; else it is looked at only if the code
// is missing or says that the task failed to start.
var texts = []struct {
	begins string
	cause  cause
	exact  bool
}{
	{"Host EC2 (instance", lost, true},
	{"Your Spot Task was interrupted", lost, true},

	// Why a task could not be placed (Amazon ECS developer guide, "API failure reasons"), as stoppedReason has it.
	{"TaskFailedToStart: RESOURCE", notPlaced, false},
	{"TaskFailedToStart: AGENT", notPlaced, false},
	{"TaskFailedToStart: ATTRIBUTE", notPlaced, false},
	{"TaskFailedToStart: LOCATION", notPlaced, false},
	{"TaskFailedToStart: MISSING", notPlaced, false},
	{"TaskFailedToStart: INACTIVE", notPlaced, false},
	{"TaskFailedToStart: MemberOf placement constraint unsatisfied", notPlaced, false},
	{"TaskFailedToStart: NO ACTIVE INSTANCES", notPlaced, false},
	{"TaskFailedToStart: EMPTY CAPACITY PROVIDER", notPlaced, false},
	{"Capacity is unavailable at this time", notPlaced, false},
	{"Timeout waiting for network interface provisioning to complete", notPlaced, false},
	{"Timeout waiting for EphemeralStorage provisioning to complete", notPlaced, false},

	{"Essential container in task exited", exited, false},
	{"Task failed to start", notStarted, false},
}

// startErrors begin the reasons of containers that could not be made or started (names of errors of the ECS agent).
var startErrors = []string{
	"CannotPullContainerError", "CannotPullImageManifestError", "CannotPullECRContainerError", "CannotCreateContainerError", "CannotStartContainerError",
	"CannotCreateVolumeError", "CannotInspectContainerError", "ResourceInitializationError", "DockerTimeoutError", "TaskFailedToStart",
}

func isStartError(reason string) bool {
	for _, name := range startErrors {
		if strings.HasPrefix(reason, name) {
			return true
		}
	}
	return false
}

// causeOf looks a task up in the tables.
func causeOf(code types.TaskStopCode, reason string) cause {
	byCode, known := codes[code]
	for _, t := range texts {
		if strings.HasPrefix(reason, t.begins) && (t.exact || code == "" || byCode == notStarted) {
			return t.cause
		}
	}
	if !known && code == "" && isStartError(reason) {
		return notStarted
	}
	return byCode
}
