package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

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

// TestAResultIsShownAsItWasWritten wants a result on one line with the digits, names and order that the job wrote: a number beyond
// 2^53, as seeds and identifiers are, would be another one as a float64.
func TestAResultIsShownAsItWasWritten(t *testing.T) {
	alone(t)
	const written = "{\n \"seed\": 9007199254740993, \"p\": 1.0, \"tiny\": 1e-999,\n \"a\": 12345678901234567890 }"
	const shown = `{"seed":9007199254740993,"p":1.0,"tiny":1e-999,"a":12345678901234567890}`
	job := fmt.Sprintf(`{"jobs": [{"jobId": "j", "jobName": "n", "status": "SUCCEEDED", "batchd": {"result": %s}}]}`, written)
	results := fmt.Sprintf(`{"results": [{"index": 0, "jobId": "j", "status": "SUCCEEDED", "result": %s}]}`, written)
	answering(t, map[string]any{wire.PathDescribeJobs: json.RawMessage(job), wire.PathResults: json.RawMessage(results)})
	for _, args := range [][]string{{"describe", "j"}, {"describe", "--results", "j"}} {
		if _, stdout, stderr := batchd(t, args...); !strings.Contains(stdout, shown) {
			t.Errorf("%s prints %q and %q; want %s in it", args, stdout, stderr, shown)
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

// TestTheListFitsTheTerminal wants no line to be wider than the terminal, ids to be whole, and what is piped to be whole.
func TestTheListFitsTheTerminal(t *testing.T) {
	id := strings.Repeat("0", 36)
	rows := func(name, reason string) [][]string {
		return [][]string{
			{"JOB", "NAME", "STATUS", "CREATED", "RAN", "EXIT", "REASON"},
			{id, name, "SUCCEEDED", "2026-01-01 00:00:00", "1m30s", "0", reason},
		}
	}
	for _, c := range []struct {
		width              int
		name, reason, want string
	}{
		{0, "train", strings.Repeat("r", 300), "JOB NAME STATUS CREATED RAN EXIT REASON"},
		{120, "train", "short", "JOB NAME STATUS CREATED RAN EXIT REASON"},
		{80, "train", "-", "JOB NAME STATUS RAN EXIT REASON"},
		{80, "train", strings.Repeat("r\n", 300), "JOB NAME STATUS RAN REASON"},
		{80, "a-longname", "-", "JOB NAME STATUS RAN EXIT REASON"},
		{80, "a-name-that-is-long", "Essential", "JOB NAME STATUS REASON"},
		{80, "a-name-that-is-longer-than-most", "Essential", "JOB NAME STATUS"},
		{80, strings.Repeat("n", 62), "Essential", "JOB NAME STATUS"},
		{60, strings.Repeat("n", 128), "Essential", "JOB NAME STATUS"},
	} {
		var out strings.Builder
		if err := table(&out, fitted(rows(c.name, c.reason), c.width, "CREATED", "EXIT", "RAN", "REASON")); err != nil {
			t.Fatal(err)
		}
		head, _, _ := strings.Cut(out.String(), "\n")
		if have := strings.Join(strings.Fields(head), " "); have != c.want {
			t.Errorf("%+v: the columns are %q", c, have)
		}
		for line := range strings.Lines(out.String()) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); c.width > 0 && n > c.width {
				t.Errorf("%+v: a line of %d: %s", c, n, line)
			}
		}
		if !strings.Contains(out.String(), id) || c.width == 0 && !strings.Contains(out.String(), c.reason) {
			t.Errorf("%+v: it is not whole: %s", c, out.String())
		}
	}
}

// TestTheSecondInterruptionEndsTheProcess runs a process that is slow to end after the first.
func TestTheSecondInterruptionEndsTheProcess(t *testing.T) {
	if os.Getenv("BATCHD_TEST_SLOW_TO_END") != "" {
		ctx, end := interruptible(os.Stdout)
		defer end()
		fmt.Println("ready")
		<-ctx.Done()
		<-time.After(time.Minute)
		return
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	slow := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestTheSecondInterruptionEndsTheProcess$")
	slow.Env = append(os.Environ(), "BATCHD_TEST_SLOW_TO_END=yes")
	said, err := slow.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := slow.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(said)
	for _, word := range []string{"ready", "interrupt it again"} {
		if !lines.Scan() || !strings.Contains(lines.Text(), word) {
			t.Errorf("it says %q, want %q", lines.Text(), word)
		}
		if err := slow.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
	}
	err = slow.Wait()
	if ctx.Err() != nil || err == nil || !strings.Contains(err.Error(), "interrupt") {
		t.Errorf("it ended with %v", err)
	}
}

func TestStopSaysWhatGoesOn(t *testing.T) {
	for jobs, want := range map[int64][]string{0: {"Nothing"}, 1: {"1 job goes on"}, 3: {"3 jobs go on", "'batchd serve --state-dir /d'", "'batchd jobs --state-dir /d'"}} {
		have := (&root{stateDir: "/d"}).goingOn(jobs)
		for _, word := range want {
			if !strings.Contains(have, word) {
				t.Errorf("%d: %s", jobs, have)
			}
		}
	}
}

// TestFollowingIsInterrupted ends what follows as Ctrl-C does: nothing went wrong, and what it followed goes on.
func TestFollowingIsInterrupted(t *testing.T) {
	alone(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "example")
	for _, args := range [][]string{{"logs", "-f", "j"}, {"events", "-f"}} {
		ctx, interrupt := context.WithCancel(t.Context())
		server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { interrupt() }))
		var stdout, stderr bytes.Buffer
		code := run(ctx, &root{stdout: &stdout, stderr: &stderr}, append(args, "--endpoint", server.URL))
		if code != exitInterrupted || stdout.Len()+stderr.Len() > 0 {
			t.Errorf("%v: exit code %d, %q, %q; want that of an interruption and nothing said", args, code, stdout.String(), stderr.String())
		}
		server.Close()
		interrupt()
	}
}
