// Package outcome decides what an attempt that has ended makes of its job: whether the job has succeeded, has failed or is tried again,
// and the statusReason that says so.
//
// The rules, of which the first that applies decides:
//
//   - An attempt that was told to stop fails, unless it had ended well before that, or was told because its host closes.
//   - An attempt that ended with exit code 0 succeeds. If the submission wants it so, a result that was not taken makes it a failure.
//   - A failed attempt of a job that was not cancelled or terminated is tried again if attempts are left and the rules of the
//     retryStrategy allow it (AWS Batch user guide, "Automated job retries").
//   - Any other attempt fails.
//
// For example, with the rules {onReason: "Host EC2*", action: RETRY} and {onReason: "*", action: EXIT} only the loss of a host is
// tried again.
package outcome

import (
	"strconv"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Attempt is what has to be known of an attempt that has ended. It ran, or was tried to be started: what was recalled or refused has no
// outcome.
type Attempt struct {
	Run  *batch.Run
	Exit *batch.Exit
	// Instance is what the host of the attempt is called when it is lost.
	Instance string
	// Retry is the retryStrategy of its submission, and Count how many attempts that counts, this one included.
	Retry batch.Retry
	Count int32
	// Ended reports whether its job was cancelled or terminated.
	Ended bool
	// FailOnResultError reports whether a result that was not taken is a failure.
	FailOnResultError bool
}

// Outcome is what becomes of the job.
type Outcome struct {
	To     batch.Status // SUCCEEDED, FAILED, or RUNNABLE if it is tried again
	Reason string       // the statusReason of the attempt and of the job
}

// Words of statusReason, which are AWS's.
const (
	exited     = "Essential container in task exited"
	notStarted = "Task failed to start"
	notTaken   = "The result was not taken: " // batchd's own
)

// HostLost is the statusReason of an attempt whose host ended, in the words that retry rules match.
func HostLost(instance string) string { return "Host EC2 (instance " + instance + ") terminated." }

// Of decides.
func Of(a Attempt) Outcome {
	reason, ok := reasonOf(a.Exit, a.Instance), a.Exit.Kind == batch.Exited && a.Exit.Code != nil && *a.Exit.Code == 0
	if ok && a.Exit.ResultError != "" && a.FailOnResultError {
		ok, reason = false, notTaken+a.Exit.ResultError
	}
	stopped := a.Run.Stop == batch.StopTerminated || a.Run.Stop == batch.StopTimeout
	endedBefore := ok && a.Exit.StoppedAt < a.Run.StoppingAt
	switch {
	case stopped && !endedBefore:
		return Outcome{batch.Failed, a.Run.StopReason}
	case ok:
		return Outcome{batch.Succeeded, reason}
	}
	if a.Run.Stop == batch.StopClosing {
		reason = a.Run.StopReason
	}
	if !a.Ended && mayRetry(&a, reason) {
		return Outcome{batch.Runnable, reason}
	}
	return Outcome{batch.Failed, reason}
}

// reasonOf is the statusReason of an exit: in the words of the service that ran the attempt, if it has given any.
func reasonOf(x *batch.Exit, instance string) string {
	switch {
	case x.StatusReason != "":
		return x.StatusReason
	case x.Kind == batch.Lost:
		return HostLost(instance)
	case x.Kind == batch.FailedToStart:
		return notStarted
	default:
		return exited
	}
}

// mayRetry applies the retryStrategy: the first rule whose conditions all hold decides, and an exit that no rule matches is retried.
func mayRetry(a *Attempt, statusReason string) bool {
	if a.Count >= a.Retry.Attempts {
		return false
	}
	code := ""
	if a.Exit.Code != nil {
		code = strconv.Itoa(int(*a.Exit.Code))
	}
	for _, rule := range a.Retry.Rules {
		if matches(rule.OnExitCode, code) && matches(rule.OnReason, a.Exit.Reason) && matches(rule.OnStatusReason, statusReason) {
			return rule.Retry
		}
	}
	return true
}

// matches compares a condition with a value: exactly, or as a prefix if it ends in "*". A condition that is not given holds.
func matches(pattern, value string) bool {
	if pattern == "" {
		return true
	}
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(value, prefix)
	}
	return pattern == value
}
