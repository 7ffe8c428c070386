package sched

import (
	"strconv"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// outcome is what an ended attempt makes of its job.
type outcome struct {
	to     batch.Status
	reason string
}

// outcome decides. An attempt that ended well before anyone told it to stop succeeded; one that was told to
// stop is not retried; any other failure is, if attempts are left and the rules allow it. A result that was not taken
// is such a failure if the submission wants it so.
func (m *Machine) outcome(j *job, run batch.Run, x batch.Exit) outcome {
	reason, ok := statusReason(x, run.Host), succeeded(x)
	if ok && x.ResultError != "" && j.submission().FailOnResultError {
		ok, reason = false, reasonResult+x.ResultError
	}
	stopped := run.Stop == batch.StopTerminated || run.Stop == batch.StopTimeout
	if stopped && x.StoppedAt < run.StoppingAt && ok {
		stopped = false
	}
	switch {
	case stopped:
		return outcome{batch.Failed, run.StopReason}
	case ok:
		return outcome{batch.Succeeded, reason}
	case !m.ended(j) && mayRetry(j.submission().Retry, j.row.Attempt-j.row.AttemptsBefore, x, reason):
		return outcome{batch.Runnable, reason}
	default:
		return outcome{batch.Failed, reason}
	}
}

func succeeded(x batch.Exit) bool { return x.Kind == batch.Exited && x.Code != nil && *x.Code == 0 }

func statusReason(x batch.Exit, host string) string {
	switch x.Kind {
	case batch.Lost:
		return reasonLost(host)
	case batch.FailedToStart:
		return reasonNotStarted
	default:
		return reasonExited
	}
}

// mayRetry applies retryStrategy: the first rule whose conditions all hold decides, and an exit
// that no rule matches is retried (AWS Batch user guide, "Automated job retries"). attempts is how many it has had.
func mayRetry(r batch.Retry, attempts int32, x batch.Exit, statusReason string) bool {
	if attempts >= r.Attempts {
		return false
	}
	code := ""
	if x.Code != nil {
		code = strconv.Itoa(int(*x.Code))
	}
	for _, rule := range r.Rules {
		if matches(rule.OnExitCode, code) && matches(rule.OnReason, x.Reason) && matches(rule.OnStatusReason, statusReason) {
			return rule.Retry
		}
	}
	return true
}

// matches compares a condition with a value: exactly, or as a prefix if it ends in "*". A condition that is not
// given holds.
func matches(pattern, value string) bool {
	if pattern == "" {
		return true
	}
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(value, prefix)
	}
	return pattern == value
}
