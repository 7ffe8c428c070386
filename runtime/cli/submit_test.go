package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

func TestFlagsAfterTheFirstWordAreTheCommands(t *testing.T) {
	alone(t)
	dir := serve(t)
	_, stdout, _ := batchd(t, "submit", "--state-dir", dir, "--name", "mine", "python3", "train.py", "--name", "x", "-la", "--wait")
	id, _, _ := strings.Cut(stdout, "\n")
	_, stdout, _ = batchd(t, "describe", "--state-dir", dir, "-o", "json", id)
	var j wire.JobDetail
	if err := json.Unmarshal([]byte(stdout), &j); err != nil || j.JobName != "mine" || strings.Join(j.Container.Command, " ") != "python3 train.py --name x -la --wait" {
		t.Errorf("%v, name %q, container %+v", err, j.JobName, j.Container)
	}
}

func TestTextThatIsNotUTF8IsRefused(t *testing.T) {
	alone(t)
	for what, args := range map[string][]string{
		`the command: "/tmp/f\xe9.txt" is not UTF-8`: {"--", "cat", "/tmp/f\xe9.txt"},
		`--matrix: "x=\xff,b" is not UTF-8`:          {"--matrix", "x=\xff,b", "--", "true"},
		`--env: "A=\xff" is not UTF-8`:               {"--env", "A=\xff", "--", "true"},
		`--param: "a=\xff" is not UTF-8`:             {"--param", "a=\xff", "--", "true"},
		`--name: "\xff" is not UTF-8`:                {"--name", "\xff", "--", "true"},
	} {
		for _, verb := range []string{"submit", "plan"} {
			if code, _, stderr := batchd(t, append([]string{verb}, args...)...); code != exitUsage || !strings.Contains(stderr, what) {
				t.Errorf("%s %q: exit code %d, %q; want %q", verb, args, code, stderr, what)
			}
		}
	}
}

func TestACommandForAShellGetsAHint(t *testing.T) {
	alone(t)
	dir := serve(t)
	for hint, command := range map[string][]string{"echo a | wc": {"echo a | wc"}, "": {"echo", "a | wc"}} {
		_, _, stderr := batchd(t, append([]string{"submit", "--state-dir", dir, "--"}, command...)...)
		if strings.Contains(stderr, "'sh -c'") != (hint != "") || !strings.Contains(stderr, hint) {
			t.Errorf("%q: %s", command, stderr)
		}
	}
}

// TestARelativePathGetsAHint is of the first that people try: a job does not run in the directory that it is submitted in.
func TestARelativePathGetsAHint(t *testing.T) {
	alone(t)
	dir := serve(t)
	t.Chdir(t.TempDir())
	for _, name := range []string{"train.py", "run.sh"} {
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	absolute, err := filepath.Abs("train.py")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		command []string
		hint    string
	}{
		{[]string{"python3", "train.py"}, "batchd: train.py is a file in this directory"},
		{[]string{"./run.sh", "train.py"}, "batchd: ./run.sh is a file in this directory"},
		{[]string{"python3", absolute, "other.py", "."}, ""},
	} {
		_, _, stderr := batchd(t, append([]string{"submit", "--state-dir", dir, "--"}, c.command...)...)
		if !strings.Contains(stderr, c.hint) || strings.Contains(stderr, "absolute path") != (c.hint != "") {
			t.Errorf("%q: %q; want %q", c.command, stderr, c.hint)
		}
	}
}

func TestWaitingPrintsOneDocument(t *testing.T) {
	alone(t)
	dir := serve(t)
	_, stdout, _ := batchd(t, "submit", "--wait", "-o", "json", "--state-dir", dir, "--", "false")
	var j wire.JobDetail
	if err := json.Unmarshal([]byte(stdout), &j); err != nil || j.Status != wire.StatusFailed {
		t.Fatalf("submit: %v: %s", err, stdout)
	}
	_, stdout, _ = batchd(t, "retry", "--wait", "-o", "json", "--state-dir", dir, j.JobID)
	if err := json.Unmarshal([]byte(stdout), &j); err != nil || j.Status != wire.StatusFailed {
		t.Errorf("retry: %v: %s", err, stdout)
	}
}

func TestVersionIsAFlagToo(t *testing.T) {
	_, command, _ := batchd(t, "version")
	if code, flag, _ := batchd(t, "--version"); code != exitOK || flag != command || !strings.HasPrefix(flag, "batchd ") {
		t.Errorf("exit code %d, %q; the command says %q", code, flag, command)
	}
}

// TestAnInterruptedWaitIsNoFailedJob looks at the exit code that a shell gives to what SIGINT ended.
func TestAnInterruptedWaitIsNoFailedJob(t *testing.T) {
	alone(t)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"jobs": [{"jobId": "j", "status": "RUNNING"}]}`))
		interrupt()
	}))
	defer server.Close()
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "example")
	var stdout, stderr bytes.Buffer
	code := run(ctx, &root{stdout: &stdout, stderr: &stderr}, []string{"wait", "j", "--endpoint", server.URL})
	if code != exitInterrupted || !strings.Contains(stderr.String(), "the job goes on") {
		t.Errorf("exit code %d, %q", code, stderr.String())
	}
}

// TestWaitingSaysWhyAJobIsStuck answers with the changes that a job goes through which nothing can run.
func TestWaitingSaysWhyAJobIsStuck(t *testing.T) {
	alone(t)
	looks := []string{"", "MISCONFIGURATION:A - too large", "MISCONFIGURATION:A - too large", "MISCONFIGURATION:B - no room"}
	look, explained := 0, 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		answer := any(map[string]any{"jobId": "j", "remedy": "ask for less"})
		if q.URL.Path == wire.PathExplainJob {
			explained++
		} else {
			j := map[string]any{"jobId": "j", "status": "SUCCEEDED"}
			if look < len(looks) {
				j["status"], j["statusReason"] = "RUNNABLE", looks[look]
			}
			look++
			answer = map[string]any{"jobs": []any{j}}
		}
		_ = json.NewEncoder(w).Encode(answer)
	}))
	defer server.Close()
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "example")
	_, _, stderr := batchd(t, "wait", "j", "--endpoint", server.URL)
	want := "j RUNNABLE\nj RUNNABLE  MISCONFIGURATION:A - too large\nbatchd: what would help: ask for less\nj RUNNABLE  MISCONFIGURATION:B - no room\n"
	if stderr != want || explained != 1 {
		t.Errorf("it says\n%s\nwant\n%s\nand explains %d times", stderr, want, explained)
	}
}

// TestAJoinedJobNeedsNoHelp is of a job that waits for the result of one that runs.
func TestAJoinedJobNeedsNoHelp(t *testing.T) {
	alone(t)
	looks := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if q.URL.Path != wire.PathDescribeJobs {
			t.Errorf("%s is asked", q.URL.Path)
		}
		j := map[string]any{"jobId": "j", "status": "RUNNABLE", "statusReason": "JOINED - it waits", "batchd": map[string]any{"joined": "i", "contentKey": "00ab"}}
		if looks++; looks > 2 {
			j["status"] = "SUCCEEDED"
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"jobs": []any{j}})
	}))
	defer server.Close()
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "example")
	_, stdout, _ := batchd(t, "describe", "j", "--endpoint", server.URL)
	for _, want := range []string{"Joined       i,", "Content key  00ab\n"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("describe: %s\nwithout %q", stdout, want)
		}
	}
	if _, _, stderr := batchd(t, "wait", "j", "--endpoint", server.URL); stderr != "j RUNNABLE  JOINED - it waits\n" {
		t.Errorf("wait: %q", stderr)
	}
}

func TestWhatCancelAndTerminateLeaveIsSaid(t *testing.T) {
	alone(t)
	s := answering(t, map[string]any{wire.PathCancelJob: map[string]any{}, wire.PathTerminateJob: map[string]any{}})
	for _, c := range []struct {
		verb string
		job  map[string]any
		want string
	}{
		{"cancel", map[string]any{"jobId": "j", "status": "RUNNING"}, "batchd: job j is RUNNING and goes on; 'batchd terminate j' ends it\n"},
		{"cancel", map[string]any{"jobId": "j", "status": "SUCCEEDED"}, "batchd: job j has ended already: it is SUCCEEDED\n"},
		{"cancel", map[string]any{"jobId": "j", "status": "FAILED", "isCancelled": true, "statusReason": "ended by batchd cancel"}, ""},
		{
			"cancel",
			map[string]any{"jobId": "j", "status": "PENDING", "arrayProperties": map[string]any{"size": 3, "statusSummary": map[string]any{"RUNNING": 2, "FAILED": 1}}},
			"batchd: children of job j run and go on: 2; 'batchd terminate j' ends them\n",
		},
		{"terminate", map[string]any{"jobId": "j", "status": "FAILED"}, "batchd: job j has ended already: it is FAILED\n"},
		{"terminate", map[string]any{"jobId": "j", "status": "RUNNING"}, ""},
	} {
		s.answers[wire.PathDescribeJobs] = map[string]any{"jobs": []any{c.job}}
		if code, _, stderr := batchd(t, c.verb, "j"); code != exitOK || stderr != c.want {
			t.Errorf("%s of %v: exit code %d, %q; want %q", c.verb, c.job, code, stderr, c.want)
		}
	}
}
