package cli

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// hostile is a reason that would clear a terminal, begin a new row and a new column.
const hostile = "over\x1b[2J\nthe\ttop"

// TestWhatOthersWroteStaysInItsPlace wants no reason, command or parameter to steer the terminal, or to look like a row.
func TestWhatOthersWroteStaysInItsPlace(t *testing.T) {
	alone(t)
	container := map[string]any{"command": []string{"sh", "-c", hostile}, "reason": hostile}
	job := map[string]any{"jobId": "j", "jobName": "n", "status": "FAILED", "statusReason": hostile, "container": container, "parameters": map[string]string{"p": hostile}}
	answering(t, map[string]any{
		wire.PathListJobs:     map[string]any{"jobSummaryList": []any{job}},
		wire.PathDescribeJobs: map[string]any{"jobs": []any{job}},
	})
	for _, args := range [][]string{{"jobs", "--status", "failed"}, {"describe", "j"}, {"wait", "j"}} {
		_, stdout, stderr := batchd(t, args...)
		if !strings.Contains(stdout, `over\x1b[2J\nthe\ttop`) || strings.ContainsAny(stdout+stderr, "\x1b\t") || strings.Contains(stdout, "\nthe") {
			t.Errorf("%s prints %q and %q", args[0], stdout, stderr)
		}
	}
}

// TestAJobThatWaitsAgainDoesNotRun wants no time to be counted for a job that waits for its next attempt.
func TestAJobThatWaitsAgainDoesNotRun(t *testing.T) {
	alone(t)
	job := map[string]any{"jobId": "j", "jobName": "n", "status": "RUNNABLE", "createdAt": 1, "startedAt": 1}
	answering(t, map[string]any{
		wire.PathListJobs:     map[string]any{"jobSummaryList": []any{job}},
		wire.PathDescribeJobs: map[string]any{"jobs": []any{job}},
	})
	if _, stdout, _ := batchd(t, "jobs", "--status", "runnable"); !strings.Contains(stdout, "  -    -     -\n") {
		t.Errorf("jobs prints %q, want no time, exit code and reason", stdout)
	}
	if _, stdout, _ := batchd(t, "describe", "j"); !strings.Contains(stdout, "Ran         -\n") {
		t.Errorf("describe prints %q, want no time", stdout)
	}
}

// TestFollowingLogsIsInterrupted ends it as Ctrl-C does: nothing went wrong, and the job has not ended.
func TestFollowingLogsIsInterrupted(t *testing.T) {
	alone(t)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { interrupt() }))
	defer server.Close()
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "example")
	var stdout, stderr bytes.Buffer
	code := run(ctx, &root{stdout: &stdout, stderr: &stderr}, []string{"logs", "-f", "j", "--endpoint", server.URL})
	if code != exitFailed || stdout.Len()+stderr.Len() > 0 {
		t.Errorf("exit code %d, %q, %q; want a failure and nothing said", code, stdout.String(), stderr.String())
	}
}
