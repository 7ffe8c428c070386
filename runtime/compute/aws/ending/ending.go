package ending

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

const (
	// Container is the name of the container that a job runs in, as AWS Batch names it. Names of log streams contain it.
	Container = "default"
	// StopReason begins the reason of every StopTask that this driver calls.
	StopReason = "batchd: "
	// OutOfMemory begins the reason of a container that was ended because its memory ran out.
	OutOfMemory = "OutOfMemoryError"
	// failedToStart is the status reason of a task that did not start, whatever ECS says in its place.
	failedToStart = "Task failed to start"
	// codeKilled is the exit code of a process that SIGKILL ended.
	codeKilled = 128 + 9
)

// Of says how an attempt ended whose task has the last status STOPPED. The members Attempt, BaseKey, Log, Usage and Result are the
// caller's. notice is when the host of the task was told that it would be taken away; zero if it was not.
func Of(t *types.Task, notice time.Time) batch.Exit {
	x := batch.Exit{StartedAt: timeOf(t.StartedAt), StoppedAt: stoppedAt(t)}
	main := mainContainer(t.Containers)
	if main != nil {
		x.Code, x.Reason, x.ImageDigest = exitCode(main), aws.ToString(main.Reason), aws.ToString(main.ImageDigest)
	}
	text := aws.ToString(t.StoppedReason)
	switch causeOf(t.StopCode, text) {
	case exited:
		exitedBySelf(&x, text)
	case stopped:
		wasStopped(&x, text)
	case notStarted:
		x.Kind, x.StatusReason, x.Code = batch.FailedToStart, failedToStart, nil
		if x.Reason == "" && text != failedToStart {
			x.Reason = text
		}
	case notPlaced:
		x.Kind, x.Reason, x.StartedAt, x.Code = batch.Refused, text, 0, nil
	case lost, unknown:
		wasLost(&x, text)
	}
	if x.Kind == batch.Exited && x.Code != nil && *x.Code == 0 {
		keepNotice(&x, notice, t)
	}
	return x
}

// Missing is the end of an attempt whose task ECS does not know any more. ECS forgets a task about an hour after it has stopped.
func Missing(at time.Time) batch.Exit {
	return batch.Exit{Kind: batch.Lost, StoppedAt: batch.At(at), Reason: "Amazon ECS does not list the task any more, so how it ended is not known"}
}

// exitedBySelf is for a task whose essential container ended. Without an exit code its start failed, or nobody saw its end.
func exitedBySelf(x *batch.Exit, text string) {
	x.StatusReason = text
	if x.Code == nil && strings.HasPrefix(x.Reason, OutOfMemory) {
		code := int32(codeKilled)
		x.Code = &code
	}
	switch {
	case x.Code != nil:
		x.Kind = batch.Exited
	case isStartError(x.Reason):
		x.Kind, x.StatusReason = batch.FailedToStart, failedToStart
	default:
		x.Kind = batch.Lost
	}
}

// wasStopped is for a task that was ended by StopTask, by this driver or by somebody else.
func wasStopped(x *batch.Exit, text string) {
	ours := strings.HasPrefix(text, StopReason)
	x.StatusReason = text
	switch {
	case x.Code != nil:
		x.Kind = batch.Exited
	case x.StartedAt != 0:
		x.Kind = batch.Lost
	case ours:
		x.Kind = batch.Recalled
	default:
		x.Kind, x.StatusReason = batch.FailedToStart, failedToStart
		if x.Reason == "" {
			x.Reason = text
		}
	}
}

// wasLost is for a task that lost its machine. What exited with 0 before that has done its work.
func wasLost(x *batch.Exit, text string) {
	x.Kind, x.StatusReason = batch.Lost, text
	if x.Code != nil && *x.Code == 0 {
		x.Kind = batch.Exited
	}
}

// keepNotice says in the reason of an attempt that succeeded that its host was being taken away: a job that ends with 0 when it is told to
// end looks like one that has done its work.
func keepNotice(x *batch.Exit, notice time.Time, t *types.Task) {
	switch {
	case x.Reason != "":
	case !notice.IsZero() && batch.At(notice) <= x.StoppedAt:
		x.Reason = "SpotInterruption: the host had the notice of its interruption at " + notice.UTC().Format(time.RFC3339) + ", before the job ended"
	case codes[t.StopCode] == lost:
		x.Reason = string(t.StopCode) + ": " + aws.ToString(t.StoppedReason)
	}
}

// mainContainer is the container whose end is the end of the job: the one of that name, else, of a job of several containers, the first that
// failed, else the first.
func mainContainer(containers []types.Container) *types.Container {
	var failed *types.Container
	for i := range containers {
		c := &containers[i]
		if aws.ToString(c.Name) == Container {
			return c
		}
		if failed == nil && (c.ExitCode == nil && c.Reason != nil || aws.ToInt32(c.ExitCode) != 0) {
			failed = c
		}
	}
	if failed == nil && len(containers) > 0 {
		return &containers[0]
	}
	return failed
}

func exitCode(c *types.Container) *int32 {
	if c.ExitCode == nil {
		return nil
	}
	code := *c.ExitCode
	return &code
}

// stoppedAt is when the containers of t had ended; the task itself is stopped a little later.
func stoppedAt(t *types.Task) batch.Time {
	at := timeOf(t.ExecutionStoppedAt)
	for _, later := range []*time.Time{t.StoppedAt, t.StoppingAt} {
		if at == 0 {
			at = timeOf(later)
		}
	}
	return max(at, timeOf(t.StartedAt))
}

func timeOf(t *time.Time) batch.Time {
	if t == nil {
		return 0
	}
	return batch.At(*t)
}
