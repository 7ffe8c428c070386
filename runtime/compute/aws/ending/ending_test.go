package ending_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/ending"
)

var (
	started = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	stopped = started.Add(time.Minute)
)

const none = int32(-1) // no exit code

func task(code types.TaskStopCode, text string, exit int32, reason string) *types.Task {
	t := &types.Task{StopCode: code, StartedAt: &started, StoppedAt: &stopped}
	if text != "" {
		t.StoppedReason = &text
	}
	t.Containers = []types.Container{container(ending.Container, exit, reason)}
	return t
}

func container(name string, exit int32, reason string) types.Container {
	c := types.Container{Name: &name, ImageDigest: aws.String("sha256:abc")}
	if exit != none {
		c.ExitCode = &exit
	}
	if reason != "" {
		c.Reason = &reason
	}
	return c
}

func TestATaskBecomesTheExitThatAWSBatchShows(t *testing.T) {
	const essential, spot, host = "Essential container in task exited", "Your Spot Task was interrupted.", "Host EC2 (instance i-0878) terminated."
	const oom, pull = "OutOfMemoryError: Container killed due to memory usage", "CannotPullContainerError: manifest unknown"
	for _, c := range []struct {
		name   string
		code   types.TaskStopCode
		text   string
		exit   int32
		reason string

		kind         batch.ExitKind
		statusReason string
		wantExit     int32
		wantReason   string
	}{
		{"success", "EssentialContainerExited", essential, 0, "", batch.Exited, essential, 0, ""},
		{"failure", "EssentialContainerExited", essential, 3, "", batch.Exited, essential, 3, ""},
		{"memory ran out", "EssentialContainerExited", essential, 137, oom, batch.Exited, essential, 137, oom},
		{"memory ran out, no code", "EssentialContainerExited", essential, none, oom, batch.Exited, essential, 137, oom},
		{"nobody saw the end", "EssentialContainerExited", essential, none, "", batch.Lost, essential, none, ""},
		{"image, by the container", "EssentialContainerExited", essential, none, pull, batch.FailedToStart, "Task failed to start", none, pull},
		{"image", "TaskFailedToStart", "Task failed to start", none, pull, batch.FailedToStart, "Task failed to start", none, pull},
		{"image, by the task", "TaskFailedToStart", pull, none, "", batch.FailedToStart, "Task failed to start", none, pull},
		{"secrets", "TaskFailedToStart", "ResourceInitializationError: unable to pull secrets", none, "", batch.FailedToStart, "Task failed to start", none, "ResourceInitializationError: unable to pull secrets"},
		{"no room", "TaskFailedToStart", "TaskFailedToStart: RESOURCE:MEMORY", none, "", batch.Refused, "", none, "TaskFailedToStart: RESOURCE:MEMORY"},
		{"no agent", "TaskFailedToStart", "TaskFailedToStart: AGENT", none, "", batch.Refused, "", none, "TaskFailedToStart: AGENT"},
		{"host is gone", "TaskFailedToStart", "TaskFailedToStart: MemberOf placement constraint unsatisfied.", none, "", batch.Refused, "", none, "TaskFailedToStart: MemberOf placement constraint unsatisfied."},
		{"Fargate has no room", "TaskFailedToStart", "Capacity is unavailable at this time. Please try again later or in a different availability zone", none, "", batch.Refused, "", none, "Capacity is unavailable at this time. Please try again later or in a different availability zone"},
		{"instance lost", "TerminationNotice", host, none, "", batch.Lost, host, none, ""},
		{"instance lost, another code", "EssentialContainerExited", host, none, "", batch.Lost, host, none, ""},
		{"instance lost, no code", "", host, none, "", batch.Lost, host, none, ""},
		{"Fargate Spot", "SpotInterruption", spot, none, "", batch.Lost, spot, none, ""},
		{"Fargate Spot, SIGTERM", "SpotInterruption", spot, 143, "", batch.Lost, spot, 143, ""},
		{"Fargate Spot, exit 0", "SpotInterruption", spot, 0, "", batch.Exited, spot, 0, "SpotInterruption: " + spot},
		{"hardware", "InfrastructureHealth", "", none, "", batch.Lost, "", none, ""},
		{"stopped by us", "UserInitiated", "batchd: terminated", 143, "", batch.Exited, "batchd: terminated", 143, ""},
		{"stopped by another", "UserInitiated", "Task stopped by user", 137, "", batch.Exited, "Task stopped by user", 137, ""},
		{"a code of tomorrow", "SomethingNew", "new words", none, "", batch.Lost, "new words", none, ""},
		{"a code of tomorrow with an exit code", "SomethingNew", "new words", 1, "", batch.Lost, "new words", 1, ""},
		{"no code, exited", "", essential, 2, "", batch.Exited, essential, 2, ""},
		{"no code, image", "", pull, none, "", batch.FailedToStart, "Task failed to start", none, pull},
		{"nothing is said", "", "", none, "", batch.Lost, "", none, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := ending.Of(task(c.code, c.text, c.exit, c.reason), time.Time{})
			if x.Kind != c.kind || x.StatusReason != c.statusReason || x.Reason != c.wantReason || code(x) != c.wantExit {
				t.Errorf("kind %d, status reason %q, exit code %d, reason %q", x.Kind, x.StatusReason, code(x), x.Reason)
			}
			if x.StoppedAt != batch.At(stopped) {
				t.Errorf("stopped at %v", x.StoppedAt)
			}
		})
	}
}

func code(x batch.Exit) int32 {
	if x.Code == nil {
		return none
	}
	return *x.Code
}

func TestWhatWasStoppedBeforeItStartedIsRecalledOrFailed(t *testing.T) {
	for text, kind := range map[string]batch.ExitKind{"batchd: recalled": batch.Recalled, "Task stopped by user": batch.FailedToStart} {
		task := task(types.TaskStopCodeUserInitiated, text, none, "")
		task.StartedAt = nil
		if x := ending.Of(task, time.Time{}); x.Kind != kind || x.StartedAt != 0 {
			t.Errorf("%q: %+v", text, x)
		}
	}
}

func TestASpotNoticeBeforeACleanExitIsKept(t *testing.T) {
	clean := task(types.TaskStopCodeEssentialContainerExited, "Essential container in task exited", 0, "")
	x := ending.Of(clean, started.Add(30*time.Second))
	if x.Kind != batch.Exited || x.Reason != "SpotInterruption: the host had the notice of its interruption at 2026-11-27T12:00:30Z, before the job ended" {
		t.Errorf("%+v", x)
	}
	if x := ending.Of(clean, stopped.Add(time.Second)); x.Reason != "" {
		t.Errorf("a notice after the end: %q", x.Reason)
	}
}

func TestTheEndOfTheContainersIsTheEndOfTheAttempt(t *testing.T) {
	over := task(types.TaskStopCodeEssentialContainerExited, "Essential container in task exited", 0, "")
	executed := stopped.Add(-10 * time.Second)
	over.ExecutionStoppedAt = &executed
	if x := ending.Of(over, time.Time{}); x.StoppedAt != batch.At(executed) || x.StartedAt != batch.At(started) || x.ImageDigest != "sha256:abc" {
		t.Errorf("%+v", x)
	}
	before := started.Add(-time.Second)
	over.ExecutionStoppedAt = &before
	if x := ending.Of(over, time.Time{}); x.StoppedAt != x.StartedAt {
		t.Errorf("stopped at %v, before its start at %v", x.StoppedAt, x.StartedAt)
	}
}

func TestOfSeveralContainersTheOneThatFailedCounts(t *testing.T) {
	several := task(types.TaskStopCodeEssentialContainerExited, "Essential container in task exited", 0, "")
	several.Containers = []types.Container{container("proxy", 0, ""), container("work", 4, ""), container("log", 5, "")}
	if x := ending.Of(several, time.Time{}); code(x) != 4 {
		t.Errorf("exit code %d", code(x))
	}
	several.Containers = []types.Container{container("proxy", 5, ""), container(ending.Container, 0, "")}
	if x := ending.Of(several, time.Time{}); code(x) != 0 {
		t.Errorf("exit code %d, want that of the container of the job", code(x))
	}
	several.Containers = nil
	if x := ending.Of(several, time.Time{}); x.Kind != batch.Lost {
		t.Errorf("a task without containers: %+v", x)
	}
}

func TestATaskThatIsForgottenIsLost(t *testing.T) {
	if x := ending.Missing(stopped); x.Kind != batch.Lost || x.Reason == "" || x.StoppedAt != batch.At(stopped) {
		t.Errorf("%+v", x)
	}
}
