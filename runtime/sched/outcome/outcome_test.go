package outcome_test

import (
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched/outcome"
)

func code(n int32) *int32 { return &n }

// TestOutcome is the rules of the package comment, one by one.
func TestOutcome(t *testing.T) {
	const exited = "Essential container in task exited"
	failed := batch.Exit{Kind: batch.Exited, Code: code(3), StoppedAt: 100}
	well := batch.Exit{Kind: batch.Exited, Code: code(0), StoppedAt: 100}
	badResult := well
	badResult.ResultError = "it is not JSON"
	terminated := func(at batch.Time) *batch.Run {
		return &batch.Run{Stop: batch.StopTerminated, StopReason: "enough", StoppingAt: at}
	}
	for name, c := range map[string]struct {
		attempt outcome.Attempt
		want    outcome.Outcome
	}{
		"exit code 0":                         {outcome.Attempt{Exit: &well}, outcome.Outcome{batch.Succeeded, exited}},
		"a result that was not taken":         {outcome.Attempt{Exit: &badResult}, outcome.Outcome{batch.Succeeded, exited}},
		"a result that had to be taken":       {outcome.Attempt{Exit: &badResult, FailOnResultError: true}, outcome.Outcome{batch.Failed, "The result was not taken: it is not JSON"}},
		"it ended well before it was told to": {outcome.Attempt{Exit: &well, Run: terminated(101)}, outcome.Outcome{batch.Succeeded, exited}},
		"it ended well after it was told to":  {outcome.Attempt{Exit: &well, Run: terminated(100)}, outcome.Outcome{batch.Failed, "enough"}},
		"it failed before it was told to":     {outcome.Attempt{Exit: &failed, Run: terminated(101), Count: 1, Retry: batch.Retry{Attempts: 3}}, outcome.Outcome{batch.Failed, "enough"}},
		"it ran out of time":                  {outcome.Attempt{Exit: &failed, Run: &batch.Run{Stop: batch.StopTimeout, StopReason: "late"}}, outcome.Outcome{batch.Failed, "late"}},
		"a recall that came too late":         {outcome.Attempt{Exit: &well, Run: &batch.Run{Stop: batch.StopRecalled}}, outcome.Outcome{batch.Succeeded, exited}},
		"attempts are left":                   {outcome.Attempt{Exit: &failed, Count: 2, Retry: batch.Retry{Attempts: 3}}, outcome.Outcome{batch.Runnable, exited}},
		"no attempts are left":                {outcome.Attempt{Exit: &failed, Count: 3, Retry: batch.Retry{Attempts: 3}}, outcome.Outcome{batch.Failed, exited}},
		"its job was cancelled":               {outcome.Attempt{Exit: &failed, Count: 1, Retry: batch.Retry{Attempts: 3}, Ended: true}, outcome.Outcome{batch.Failed, exited}},
		"its host was lost":                   {outcome.Attempt{Exit: &batch.Exit{Kind: batch.Lost}, Instance: "i-1"}, outcome.Outcome{batch.Failed, "Host EC2 (instance i-1) terminated."}},
		"its service says how it ended":       {outcome.Attempt{Exit: &batch.Exit{Kind: batch.Lost, StatusReason: "Your Spot Task was interrupted."}}, outcome.Outcome{batch.Failed, "Your Spot Task was interrupted."}},
		"its host closes":                     {outcome.Attempt{Exit: &failed, Run: &batch.Run{Stop: batch.StopClosing, StopReason: "closing"}, Count: 1, Retry: batch.Retry{Attempts: 2}}, outcome.Outcome{batch.Runnable, "closing"}},
		"it could not be started":             {outcome.Attempt{Exit: &batch.Exit{Kind: batch.FailedToStart}}, outcome.Outcome{batch.Failed, "Task failed to start"}},
	} {
		t.Run(name, func(t *testing.T) {
			if c.attempt.Run == nil {
				c.attempt.Run = &batch.Run{}
			}
			if got := outcome.Of(c.attempt); got != c.want {
				t.Errorf("it is %+v, want %+v", got, c.want)
			}
		})
	}
}

// TestTheFirstRuleThatMatchesDecides: without one that matches, a failure is retried.
func TestTheFirstRuleThatMatchesDecides(t *testing.T) {
	lost := batch.Exit{Kind: batch.Lost}
	failed := batch.Exit{Kind: batch.Exited, Code: code(137), Reason: "OutOfMemoryError: killed"}
	for name, c := range map[string]struct {
		exit  batch.Exit
		rules []batch.RetryRule
		again bool
	}{
		"no rule":                       {failed, nil, true},
		"no rule that matches":          {failed, []batch.RetryRule{{OnExitCode: "1"}}, true},
		"an exit code":                  {failed, []batch.RetryRule{{OnExitCode: "137"}}, false},
		"the beginning of an exit code": {failed, []batch.RetryRule{{OnExitCode: "13*"}}, false},
		"no exit code":                  {lost, []batch.RetryRule{{OnExitCode: "1*"}}, true},
		"a reason":                      {failed, []batch.RetryRule{{OnReason: "OutOfMemoryError*"}}, false},
		"one condition of two":          {failed, []batch.RetryRule{{OnReason: "OutOfMemoryError*", OnExitCode: "1"}}, true},
		"a statusReason":                {lost, []batch.RetryRule{{OnStatusReason: "Host EC2*", Retry: true}, {OnReason: "*"}}, true},
		"the rule after it":             {failed, []batch.RetryRule{{OnStatusReason: "Host EC2*", Retry: true}, {OnReason: "*"}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			got := outcome.Of(outcome.Attempt{Run: &batch.Run{}, Exit: &c.exit, Count: 1, Retry: batch.Retry{Attempts: 2, Rules: c.rules}})
			if again := got.To == batch.Runnable; again != c.again {
				t.Errorf("it is tried again: %t, want %t", again, c.again)
			}
		})
	}
}
