package wire_test

import (
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

func TestHowAnAttemptEndedIsSaidInFull(t *testing.T) {
	zero, three, killed := int32(0), int32(3), int32(137)
	for want, e := range map[string]wire.Ending{
		"for no reason that is known":                                          {},
		"Essential container in task exited":                                   {StatusReason: "Essential container in task exited", ExitCode: &zero},
		"Essential container in task exited (exit code 3)":                     {StatusReason: "Essential container in task exited", ExitCode: &three},
		`Task failed to start: CannotStartContainerError: exec "x": no`:        {StatusReason: "Task failed to start", Reason: `CannotStartContainerError: exec "x": no`},
		"Essential container in task exited: OutOfMemoryError (exit code 137)": {StatusReason: "Essential container in task exited", Reason: "OutOfMemoryError", ExitCode: &killed},
		"Essential container in task exited; the result was not taken: it is not UTF-8": {
			StatusReason: "Essential container in task exited", ExitCode: &zero, ResultError: "it is not UTF-8",
		},
		"The result was not taken: it is not UTF-8": {
			StatusReason: "The result was not taken: it is not UTF-8", ExitCode: &zero, ResultError: "it is not UTF-8",
		},
		"Host EC2 (instance local) terminated: its outcome is unknown": {
			StatusReason: "Host EC2 (instance local) terminated.", Reason: "its outcome is unknown",
		},
		"Host EC2 (instance local) terminated.": {StatusReason: "Host EC2 (instance local) terminated."},
		"OutOfMemoryError":                      {Reason: "OutOfMemoryError"},
	} {
		if got := e.String(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
