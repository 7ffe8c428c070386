package cli

import (
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// TestWhyAJobFailedIsSaidByEveryCommand is of a job that was never started: its log is empty, so nothing points there.
func TestWhyAJobFailedIsSaidByEveryCommand(t *testing.T) {
	alone(t)
	dir := serve(t)
	const reason = `CannotStartContainerError: exec "nosuchprog": not found in PATH (/bin)`
	code, stdout, stderr := batchd(t, "submit", "--wait", "--state-dir", dir, "--", "nosuchprog")
	id, _, _ := strings.Cut(stdout, "\n")
	if code != exitFailed || !strings.Contains(stdout, "FAILED  Task failed to start: "+reason) || strings.Contains(stderr, "batchd logs") {
		t.Errorf("submit --wait: exit code %d, stdout %q, stderr %q", code, stdout, stderr)
	}
	for _, command := range []string{"wait", "explain", "describe"} {
		_, stdout, stderr := batchd(t, command, "--state-dir", dir, id)
		if !strings.Contains(stdout, reason) || strings.Contains(stdout+stderr, "batchd logs") {
			t.Errorf("%s: stdout %q, stderr %q", command, stdout, stderr)
		}
	}
	for _, command := range []string{"jobs", "events"} {
		if _, stdout, _ := batchd(t, command, "--state-dir", dir); !strings.Contains(stdout, reason) {
			t.Errorf("%s: %q", command, stdout)
		}
	}
	code, stdout, stderr = batchd(t, "submit", "--wait", "--state-dir", dir, "--matrix", "x=1,2,3,4,5,6,7", "--", "nosuchprog")
	array, _, _ := strings.Cut(stdout, "\n")
	for _, want := range []string{
		"batchd: 7 children failed: Task failed to start: " + reason + "; points 0 (x=1), 1 (x=2), 2 (x=3), 3 (x=4), 4 (x=5) and 2 more\n",
		"batchd: 'batchd jobs --array " + array + " --status FAILED' lists all\n",
	} {
		if !strings.Contains(stderr, want) {
			t.Errorf("array: exit code %d, stderr %q; want %q in it", code, stderr, want)
		}
	}
}

// TestEqualReasonsOfChildrenAreSaidOnce is of an array without parameters, and of a sweep with one reason more than are said.
func TestEqualReasonsOfChildrenAreSaidOnce(t *testing.T) {
	alone(t)
	dir := serve(t)
	_, _, stderr := batchd(t, "submit", "--wait", "--state-dir", dir, "--array", "30", "--", "nosuchprog")
	if strings.Count(stderr, "not found in PATH") != 1 || !strings.Contains(stderr, "; points 0, 1, 2, 3, 4 and 25 more\n") {
		t.Errorf("an array: %q", stderr)
	}
	_, stdout, stderr := batchd(t, "submit", "--wait", "--state-dir", dir, "--matrix", "code=1,2,3,4,5,6", "--matrix", "n=1,2", "--", "exit", "Ref::code")
	id, _, _ := strings.Cut(stdout, "\n")
	for _, want := range []string{
		"2 children failed: Essential container in task exited (exit code 1); points 0 (code=1 n=1) and 1 (code=1 n=2)\n",
		"2 children failed: Essential container in task exited (exit code 5); points 8 (code=5 n=1) and 9 (code=5 n=2)\n",
		"batchd: and 2 more; 'batchd jobs --array " + id + " --status FAILED' lists all\n",
	} {
		if !strings.Contains(stderr, want) {
			t.Errorf("a sweep: %q; want %q in it", stderr, want)
		}
	}
}

// TestAResultThatWasNotTakenIsSaidByEveryCommand follows such a point to its retry.
func TestAResultThatWasNotTakenIsSaidByEveryCommand(t *testing.T) {
	alone(t)
	dir := serve(t)
	const problem = "it is not valid JSON"
	code, stdout, stderr := batchd(t, "submit", "--wait", "--state-dir", dir, "--", "leave", "NaN")
	id, _, _ := strings.Cut(stdout, "\n")
	if code != exitOK || !strings.Contains(stdout, "SUCCEEDED") || !strings.Contains(stdout, "the result was not taken: "+problem) || !strings.Contains(stderr, "batchd retry "+id) {
		t.Errorf("submit --wait: exit code %d, stdout %q, stderr %q", code, stdout, stderr)
	}
	for _, args := range [][]string{{"wait", id}, {"describe", id}, {"describe", "--results", id}, {"describe", "--results", "-o", "json", id}, {"explain", id}, {"jobs"}, {"events"}, {"events", "-o", "json"}} {
		if _, stdout, _ := batchd(t, append(args, "--state-dir", dir)...); !strings.Contains(stdout, problem) {
			t.Errorf("%s: %q", args, stdout)
		}
	}
	// Another one does not take it for a result.
	_, stdout, _ = batchd(t, "submit", "--wait", "--reuse", "--state-dir", dir, "--", "leave", "NaN")
	again, _, _ := strings.Cut(stdout, "\n")
	if _, stdout, _ := batchd(t, "describe", "--state-dir", dir, again); strings.Contains(stdout, "Reused") {
		t.Errorf("reuse: %q", stdout)
	}
	if code, stdout, stderr := batchd(t, "retry", "--wait", "--state-dir", dir, id); code != exitOK || !strings.Contains(stdout, "1 to run again") {
		t.Errorf("retry: exit code %d, stdout %q, stderr %q", code, stdout, stderr)
	}
	code, stdout, _ = batchd(t, "submit", "--wait", "--on-result-error", "fail", "--state-dir", dir, "--", "leave", "NaN")
	if code != exitFailed || !strings.Contains(stdout, "FAILED  The result was not taken: "+problem) {
		t.Errorf("--on-result-error fail: exit code %d, stdout %q", code, stdout)
	}
}

func TestOfManyResultsThatWereNotTakenTheReasonIsSaidOnce(t *testing.T) {
	alone(t)
	dir := serve(t)
	code, stdout, stderr := batchd(t, "submit", "--wait", "--state-dir", dir, "--matrix", "x=a,1,b,c,d,e,f,g,h,i,k,l,m", "--", "leave", "Ref::x")
	id, _, _ := strings.Cut(stdout, "\n")
	for _, want := range []string{"batchd: 12 results were not taken\n", "batchd: the results of 12 children were not taken: it is not valid JSON (NaN and Infinity are not JSON, and there must be one value alone); points 0 (x=a), 2 (x=b), 3 (x=c), 4 (x=d), 5 (x=e) and 7 more\n", "batchd: 'batchd describe --results " + id + "' lists all\n", "batchd retry " + id} {
		if code != exitOK || !strings.Contains(stderr, want) {
			t.Errorf("exit code %d, stderr %q; want %q in it", code, stderr, want)
		}
	}
	if n := strings.Count(stderr, "it is not valid JSON"); n != 1 {
		t.Errorf("the reason is said %d times: %s", n, stderr)
	}
	for _, args := range [][]string{{"jobs"}, {"describe", id}, {"explain", id}} {
		if _, stdout, _ := batchd(t, append(args, "--state-dir", dir)...); !strings.Contains(stdout, "12") {
			t.Errorf("%s: %q; want the count", args, stdout)
		}
	}
	if code, stdout, _ := batchd(t, "retry", "--wait", "--state-dir", dir, id); code != exitOK || !strings.Contains(stdout, "12 to run again") {
		t.Errorf("retry: exit code %d, stdout %q", code, stdout)
	}
}

// TestAResultThatWasNotTakenIsSaidBesideFailures is of an array that failed for another reason.
func TestAResultThatWasNotTakenIsSaidBesideFailures(t *testing.T) {
	alone(t)
	dir := serve(t)
	code, stdout, stderr := batchd(t, "submit", "--wait", "--state-dir", dir, "--matrix", "x=false,leave", "--", "Ref::x", "NaN")
	id, _, _ := strings.Cut(stdout, "\n")
	for _, want := range []string{"child " + id + ":0 (x=false) failed", "batchd: 1 result was not taken\n", "the result of child " + id + ":1 (x=leave) was not taken", "' runs it again\n"} {
		if code != exitFailed || !strings.Contains(stderr, want) {
			t.Errorf("exit code %d, %q; want %q", code, stderr, want)
		}
	}
	if _, stdout, _ := batchd(t, "retry", "--wait", "--state-dir", dir, id); !strings.Contains(stdout, "2 to run again") {
		t.Errorf("retry: %q", stdout)
	}
}

// TestOfAMillionFailuresTheFirstAreLookedAt has a runtime whose pages never end.
func TestOfAMillionFailuresTheFirstAreLookedAt(t *testing.T) {
	alone(t)
	children := make([]map[string]any, 1000)
	for i := range children {
		children[i] = map[string]any{"jobId": "j:0", "status": "FAILED", "statusReason": "Host terminated", "arrayProperties": map[string]any{"index": i}}
	}
	answering(t, map[string]any{
		wire.PathListJobs: map[string]any{"jobSummaryList": children, "nextToken": "next"},
		wire.PathDescribeJobs: map[string]any{"jobs": []any{map[string]any{
			"jobId": "j", "status": "FAILED", "arrayProperties": map[string]any{"size": 1_000_000, "statusSummary": map[string]int{"FAILED": 1_000_000}},
		}}},
	})
	_, _, stderr := batchd(t, "wait", "j")
	for _, want := range []string{"10000 children failed: Host terminated; points 0, 1, 2, 3, 4 and 9995 more\n", "batchd: and 990000 more; "} {
		if !strings.Contains(stderr, want) {
			t.Errorf("%q; want %q in it", stderr, want)
		}
	}
}
