package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/internal/long"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/app"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/compute/computetest"
)

// serve runs a runtime over a machine in memory whose jobs print their command, and returns its state
// directory. A job that runs "false" fails, one that runs "nosuchprog" cannot be started, one that runs "exit"
// exits with its second word, and one that runs "leave" leaves it as its result; neither prints anything.
func serve(t *testing.T) string {
	t.Helper()
	fake := computetest.NewFake(computetest.FakeOptions{Behave: func(s compute.Start) computetest.Behaviour {
		b := computetest.Behaviour{Output: strings.Join(s.Container.Command, " ") + "\n"}
		switch command := s.Container.Command; command[0] {
		case "false":
			b.Code = 3
		case "exit":
			code, err := strconv.Atoi(command[1])
			if err != nil {
				panic(err)
			}
			b = computetest.Behaviour{Code: int32(code)}
		case "nosuchprog":
			b = computetest.Behaviour{Refuse: `CannotStartContainerError: exec "nosuchprog": not found in PATH (/bin)`}
		case "leave":
			b = computetest.Behaviour{Result: command[1]}
		}
		return b
	}})
	dir := t.TempDir()
	a, err := app.New(t.Context(), app.Options{StateDir: dir, Driver: fake, Logs: fake.Logs(), Logger: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	ctx, stop := context.WithCancel(context.Background())
	go func() { ended <- a.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	for deadline := time.Now().Add(10 * time.Second); ; <-time.After(5 * time.Millisecond) {
		if code, _, _ := batchd(t, "env", "--state-dir", dir); code == exitOK {
			return dir
		}
		if time.Now().After(deadline) {
			t.Fatal("the runtime does not serve")
		}
	}
}

// batchd runs one command line.
func batchd(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errors bytes.Buffer
	code = run(t.Context(), &root{stdout: &out, stderr: &errors}, args)
	return code, out.String(), errors.String()
}

// alone makes sure that no runtime of this machine's user is found.
func alone(t *testing.T) {
	t.Helper()
	for _, name := range []string{"BATCHD_ENDPOINT", "AWS_ENDPOINT_URL_BATCH"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true") // what gives keys to the machine that tests run on is not asked
	t.Setenv("BATCHD_STATE_DIR", t.TempDir())
}

// nobody is an endpoint at which nothing answers: a port that no test is ever given.
const nobody = "http://127.0.0.1:1"

func TestExitCodesAndWhatToDoNext(t *testing.T) {
	alone(t)
	dir := serve(t)
	for _, c := range []struct {
		args string
		code int
		says string // on standard error
	}{
		{"version", exitOK, ""},
		{"bogus", exitUsage, `"bogus"`},
		{"jobs extra", exitUsage, "no arguments"},
		{"jobs --bogus", exitUsage, "--bogus"},
		{"jobs -o yaml", exitUsage, "text and json"},
		{"jobs --status bogus", exitUsage, "RUNNABLE"},
		{"logs --lines -1 j", exitUsage, "--lines is -1"},
		{"logs --attempt -1 j", exitUsage, "--attempt is -1"},
		{"describe", exitUsage, "the id of a job"},
		{"cancel", exitUsage, "ids of jobs"},
		{"submit --array -5 -- true", exitUsage, "--array is -5"},
		{"submit --array 1 -- true", exitUsage, "--array is 1; give the number of children, 2 or more"},
		{"submit --param x -- true", exitUsage, "name=value"},
		{"submit --matrix x=1 --matrix x=2 -- true", exitUsage, "twice"},
		{"submit --matrix x=1,1 -- true", exitUsage, `matrix["x"] has the same value at 0 and at 1`},
		{"submit --matirx x=1 -- true", exitUsage, "Run 'batchd submit --help' for usage."},
		{"sumbit", exitUsage, `unknown command "sumbit" for 'batchd'; did you mean "submit"?`},
		{"zzz", exitUsage, "unknown command \"zzz\" for 'batchd'\nRun 'batchd --help' for usage."},
		{"key creat", exitUsage, "unknown command \"creat\" for 'batchd key'; did you mean \"create\"?\nRun 'batchd key --help' for usage."},
		{"submit --depends-on j:LATER -- true", exitUsage, "N_TO_N"},
		{"submit --priority high -- true", exitUsage, "0 to 9999"},
		{"submit --priority 10000 --share a -- true", exitUsage, "schedulingPriorityOverride"},
		{"plan --matrix x=1 --matrix x=2 -- true", exitUsage, "twice"},
		{"plan --wait -- true", exitUsage, "--wait"},
		{"explain", exitUsage, "the id of a job"},
		{"retry", exitUsage, "the id of a job"},
		{"jobs", exitAbsent, "batchd serve"},
		{"env", exitAbsent, "batchd serve"},
		{"doctor", exitAbsent, "batchd serve"},
		{"stop", exitAbsent, "batchd serve"},
		{"jobs --endpoint " + nobody, exitAbsent, nobody},
		{"jobs --endpoint ftp://x", exitFailed, "http"},
		{"describe nope --state-dir " + dir, exitFailed, "nope"},
		{"cancel nope --state-dir " + dir, exitFailed, "nope"},
		{"logs nope --state-dir " + dir, exitFailed, "nope"},
		{"events --job nope --state-dir " + dir, exitFailed, "nope"},
		{"jobs --array nope --state-dir " + dir, exitFailed, "nope"},
		{"explain nope --state-dir " + dir, exitFailed, ""},
		{"retry nope --state-dir " + dir, exitFailed, ""},
		{"plan --state-dir " + dir + " -- true", exitFailed, "batchd submit"},
		{"plan --queue nope --definition nope --state-dir " + dir + " -- true", exitFailed, ""},
		{"jobs --queue nope --state-dir " + dir, exitFailed, "nope"},
		{"jobs --state-dir " + dir, exitFailed, "batchd submit"},
		{"serve --state-dir " + dir, exitFailed, "in use"},
		{"serve --auth off --listen 0.0.0.0:0", exitFailed, "authentication"},
		{"serve --listen " + strings.TrimPrefix(endpoint(t, dir), "http://"), exitFailed, "choose another port"},
	} {
		t.Run(c.args, func(t *testing.T) {
			begin := time.Now()
			code, _, stderr := batchd(t, strings.Fields(c.args)...)
			if code != c.code || !strings.Contains(stderr, c.says) {
				t.Errorf("exit code %d, want %d; it says %q, want %q", code, c.code, stderr, c.says)
			}
			if took := time.Since(begin); took > long.Stretched(5*time.Second) {
				t.Errorf("it took %s", took)
			}
		})
	}
}

// endpoint returns where the runtime of a state directory serves.
func endpoint(t *testing.T, dir string) string {
	t.Helper()
	_, stdout, _ := batchd(t, "env", "-o", "json", "--state-dir", dir)
	var values map[string]string
	if err := json.Unmarshal([]byte(stdout), &values); err != nil {
		t.Fatal(err)
	}
	return values["AWS_ENDPOINT_URL_BATCH"]
}

func TestACommandRunsWithNothingSetUp(t *testing.T) {
	alone(t)
	dir := serve(t)
	code, stdout, stderr := batchd(t, "submit", "--wait", "--state-dir", dir, "--", "echo", "hello")
	if code != exitOK || !strings.Contains(stderr, `queue "default"`) || !strings.Contains(stderr, `definition "default"`) {
		t.Fatalf("exit code %d, stderr %q", code, stderr)
	}
	id, _, _ := strings.Cut(stdout, "\n")
	if code, stdout, _ := batchd(t, "logs", id, "--state-dir", dir); code != exitOK || stdout != "echo hello\n" {
		t.Errorf("logs: exit code %d, %q", code, stdout)
	}
	code, stdout, stderr = batchd(t, "submit", "--state-dir", dir, "--", "echo", "again")
	if code != exitOK || stderr != "" || strings.Count(stdout, "\n") != 1 {
		t.Errorf("again: exit code %d, stdout %q, stderr %q; want the id alone", code, stdout, stderr)
	}
}

func TestASweepThatFails(t *testing.T) {
	alone(t)
	dir := serve(t)
	code, stdout, stderr := batchd(t, "submit", "--wait", "--state-dir", dir, "--matrix", "x=1,2", "--", "false", "Ref::x")
	id, _, _ := strings.Cut(stdout, "\n")
	if code != exitFailed || !strings.Contains(stderr, "batchd logs "+id+":0") {
		t.Errorf("exit code %d, stderr %q; want a failure that says where to look", code, stderr)
	}
	if !strings.Contains(stdout, "2 children: 2 failed; Array") || !strings.Contains(stderr, "2 children failed: Essential container in task exited (exit code 3); points 0 (x=1) and 1 (x=2); ") {
		t.Errorf("stdout %q, stderr %q; want the children, then the reason", stdout, stderr)
	}
	if _, stdout, _ := batchd(t, "logs", id+":1", "--state-dir", dir); stdout != "false 2\n" {
		t.Errorf("logs of child 1: %q", stdout)
	}
	code, stdout, _ = batchd(t, "describe", "--results", "-o", "json", id, "--state-dir", dir)
	var results []wire.Result
	if err := json.Unmarshal([]byte(stdout), &results); err != nil || code != exitOK || len(results) != 2 || results[1].Parameters["x"] != "2" {
		t.Errorf("results: exit code %d, %v, %s", code, err, stdout)
	}
	if _, stdout, _ := batchd(t, "jobs", "--array", id, "--status", "failed", "--state-dir", dir); strings.Count(stdout, id+":") != 2 {
		t.Errorf("jobs: %q, want both children", stdout)
	}
	want := "job " + id + ":1 is not an array; 'batchd describe " + id + ":1' shows it"
	if code, stdout, stderr := batchd(t, "jobs", "--array", id+":1", "--state-dir", dir); code != exitFailed || stdout != "" || !strings.Contains(stderr, want) {
		t.Errorf("jobs of what is not an array: exit code %d, %q, %q; want %q", code, stdout, stderr, want)
	}
}

func TestEnvIsForAShell(t *testing.T) {
	alone(t)
	dir := serve(t)
	_, stdout, _ := batchd(t, "env", "--state-dir", dir)
	script := stdout + `echo "$AWS_ENDPOINT_URL_BATCH|$AWS_ENDPOINT_URL_CLOUDWATCH_LOGS|$AWS_ENDPOINT_URL_STS|${AWS_ENDPOINT_URL-unset}|${AWS_SESSION_TOKEN-unset}|$AWS_REGION|${#AWS_SECRET_ACCESS_KEY}"`
	shell := exec.CommandContext(t.Context(), "/bin/sh", "-c", script)
	shell.Env = []string{"AWS_SESSION_TOKEN=left over"}
	said, err := shell.Output()
	e := endpoint(t, dir)
	want := strings.Join([]string{e, e, e, "unset", "unset", "us-east-1", "40"}, "|") + "\n"
	if err != nil || string(said) != want {
		t.Errorf("a shell says %q (%v), want %q", said, err, want)
	}
}

func TestStopWaitsUntilTheDirectoryIsFree(t *testing.T) {
	alone(t)
	dir := serve(t)
	if code, _, stderr := batchd(t, "stop", "--state-dir", dir); code != exitOK {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	if code, _, _ := batchd(t, "jobs", "--state-dir", dir); code != exitAbsent {
		t.Errorf("after stop: exit code %d, want %d", code, exitAbsent)
	}
}

// TestStopNeedsNoStatus is of a runtime whose store cannot be read: it cannot say what runs, and is to be stopped all the more.
func TestStopNeedsNoStatus(t *testing.T) {
	alone(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if q.URL.Path == wire.PathStatus {
			w.WriteHeader(http.StatusBadRequest)
		}
		fmt.Fprint(w, "{}")
	}))
	t.Cleanup(server.Close)
	callAt(t, server)
	code, stdout, stderr := batchd(t, "stop")
	if code != exitOK || stdout != "Stopped the runtime.\nIt could not say what was running, and its log says why. What was running goes on.\n" {
		t.Errorf("exit code %d, stdout %q, stderr %q", code, stdout, stderr)
	}
	if code, stdout, stderr = batchd(t, "stop", "--output", "json"); code != exitOK || strings.Contains(stdout, "running") || strings.Contains(stdout, "jobs") {
		t.Errorf("exit code %d, stdout %q, stderr %q; counts that are not known are not printed", code, stdout, stderr)
	}
}

func TestAFailedCheckFailsDoctor(t *testing.T) {
	if err := verdict([]wire.Check{{Status: wire.CheckOK}, {Status: wire.CheckWarn}}); err != nil {
		t.Errorf("a warning fails: %v", err)
	}
	if verdict([]wire.Check{{Status: wire.CheckFail}}) == nil {
		t.Error("a failed check does not fail")
	}
}
