//go:build linux || darwin

package holder

import (
	"bytes"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// TestResultsOfAnEarlierHolder unpacks what a holder of an earlier version sends, which outlives the upgrade of the runtime: it took
// what cannot be a result, and said in the reason of the container why it had not taken one.
func TestResultsOfAnEarlierHolder(t *testing.T) {
	for _, c := range []struct {
		exit                    batch.Exit
		result, problem, reason string
	}{
		{exit: batch.Exit{Result: []byte("[1]")}, result: "[1]"},
		{exit: batch.Exit{Result: []byte("\"\xfc\"")}, problem: "it is not UTF-8"},
		{exit: batch.Exit{Reason: "the result was not taken: it is not valid JSON"}, problem: "it is not valid JSON"},
		{
			exit: batch.Exit{Reason: "OutOfMemoryError: no more", Result: []byte(`"\ud800"`)}, reason: "OutOfMemoryError: no more",
			problem: `a string has half of a surrogate pair (\ud800 to \udfff) without the other half`,
		},
		{exit: batch.Exit{ResultError: "BATCH_RESULT_FILE is not a regular file"}, problem: "BATCH_RESULT_FILE is not a regular file"},
	} {
		got := (&Presence{Exit: packExit(c.exit)}).Unpack().Exit
		if !bytes.Equal(got.Result, []byte(c.result)) || got.ResultError != c.problem || got.Reason != c.reason {
			t.Errorf("%+v is unpacked to result %q, error %q, reason %q", c.exit, got.Result, got.ResultError, got.Reason)
		}
	}
}
