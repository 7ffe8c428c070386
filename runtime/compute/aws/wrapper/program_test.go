package wrapper_test

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/wrapper"
)

var attempt = batch.AttemptID{Job: "8f14e45f-ceea-467f-a8f5-0c1d2e3f4a5b:17", Number: 2}

// run is one run of the program by a shell.
type run struct {
	shell   []string
	command []string
	script  string
	env     []string
	// during is called with the process once the job has printed its first line.
	during func(*os.Process)
}

// outcome is what came of a run: what the log shows, and what the decoder found.
type outcome struct {
	code   int
	output string
	*wrapper.Decoder
}

// eachShell calls test for every kind of shell that this machine has.
func eachShell(t *testing.T, test func(t *testing.T, shell []string)) {
	for _, shell := range [][]string{{"/bin/sh"}, {"dash"}, {"bash"}, {"bash", "--posix"}, {"busybox", "sh"}} {
		if _, err := exec.LookPath(shell[0]); err != nil {
			continue
		}
		t.Run(strings.Join(shell, " "), func(t *testing.T) {
			t.Parallel()
			test(t, shell)
		})
	}
}

func (r run) do(t *testing.T) outcome {
	t.Helper()
	arguments := append(append([]string{}, r.shell[1:]...), wrapper.EntryPoint()[1:]...)
	command := exec.CommandContext(t.Context(), r.shell[0], append(arguments, r.command...)...)
	command.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "AWS_BATCH_JOB_ID=" + string(attempt.Job), "AWS_BATCH_JOB_ATTEMPT=2",
	}, r.env...)
	if r.script != "" {
		command.Env = append(command.Env, wrapper.ScriptVariable+"="+r.script)
	}
	command.Stderr = os.Stderr
	return follow(t, command, func() {
		if r.during != nil {
			r.during(command.Process)
		}
	})
}

// follow runs command to its end and decodes its output. It calls during after the first line.
func follow(t *testing.T, command *exec.Cmd, during func()) outcome {
	t.Helper()
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	o := outcome{Decoder: wrapper.NewDecoder(attempt)}
	lines := bufio.NewReader(stdout)
	for first := true; ; first = false {
		line, err := lines.ReadString('\n')
		if output, shown := o.Take(strings.TrimSuffix(line, "\n")); shown && line != "" {
			o.output += output + "\n"
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if first {
			during()
		}
	}
	_ = command.Wait() // the code says it
	o.code = command.ProcessState.ExitCode()
	return o
}

func (o outcome) check(t *testing.T, code int, output, result string) {
	t.Helper()
	body, problem := o.Result()
	if o.code != code || o.output != output || string(body) != result || problem != "" || !o.Complete() {
		t.Errorf("exit code %d, output %q, result %q, problem %q, complete %v", o.code, o.output, body, problem, o.Complete())
	}
}

func TestTheProgramIsSmall(t *testing.T) {
	if entry := wrapper.EntryPoint(); len(entry) != 4 || entry[0] != wrapper.Shell || len(entry[2]) > wrapper.MaxProgramBytes {
		t.Errorf("%d bytes in %q", len(entry[2]), entry)
	}
}

func TestACommandLeavesItsOutputCodeAndResult(t *testing.T) {
	eachShell(t, func(t *testing.T, shell []string) {
		for _, code := range []string{"0", "1", "3", "137", "143", "255"} {
			o := run{shell: shell, command: []string{"sh", "-c", `echo out; printf '[1, "é"]\n' >"$BATCH_RESULT_FILE"; exit "$1"`, "job", code}}.do(t)
			o.check(t, atoi(t, code), "out\n", "[1, \"é\"]\n")
		}
	})
}

func TestOutputWithoutANewlineIsKeptApartFromTheResult(t *testing.T) {
	eachShell(t, func(t *testing.T, shell []string) {
		o := run{shell: shell, command: []string{"sh", "-c", `printf half; printf 1 >"$BATCH_RESULT_FILE"`}}.do(t)
		o.check(t, 0, "half\n", "1")
	})
}

func TestAScriptIsRunByItsInterpreterWithTheCommandAsArguments(t *testing.T) {
	const body = `printf '<%s>' "$@"; echo; echo "${BATCHD_SCRIPT-unset}"; printf '"x"' >"$BATCH_RESULT_FILE"; exit 7`
	eachShell(t, func(t *testing.T, shell []string) {
		for _, first := range []string{"", "#!/bin/sh\n", "#!/usr/bin/env sh\n", "#! /bin/sh -e\n"} {
			o := run{shell: shell, script: first + body, command: []string{"a b", "*", "", "$HOME"}}.do(t)
			o.check(t, 7, "<a b><*><><$HOME>\nunset\n", `"x"`)
		}
	})
}

func TestVariablesOfTheJobReachItUnchanged(t *testing.T) {
	eachShell(t, func(t *testing.T, shell []string) {
		names := []string{"a", "c", "d", "e", "i", "l", "m", "p", "r", "s", "t", "u", "w", "x"}
		var env []string
		for _, name := range names {
			env = append(env, name+"=5")
		}
		o := run{shell: shell, env: env, command: []string{"env"}}.do(t)
		for _, name := range names {
			if !strings.Contains("\n"+o.output, "\n"+name+"=5\n") {
				t.Errorf("%s is changed", name)
			}
		}
	})
}

func TestSIGTERMReachesTheJob(t *testing.T) {
	terminate := func(p *os.Process) { _ = p.Signal(syscall.SIGTERM) }
	eachShell(t, func(t *testing.T, shell []string) {
		o := run{shell: shell, during: terminate, command: []string{"sh", "-c", `trap 'printf 2 >"$BATCH_RESULT_FILE"; exit 5' TERM; echo up; while :; do sleep 0.05; done`}}.do(t)
		o.check(t, 5, "up\n", "2")
		o = run{shell: shell, during: terminate, command: []string{"sh", "-c", `echo up; exec sleep 60`}}.do(t)
		o.check(t, 143, "up\n", "")
		o = run{shell: shell, command: []string{"sh", "-c", `kill -KILL $$`}}.do(t)
		o.check(t, 137, "", "")
	})
}

func TestAResultOf64KiBSurvives(t *testing.T) {
	eachShell(t, func(t *testing.T, shell []string) {
		content := make([]byte, batch.MaxResultBytes)
		if _, err := rand.Read(content); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "content")
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		o := run{shell: shell, command: []string{"sh", "-c", `cat "$1" >"$BATCH_RESULT_FILE"`, "job", file}}.do(t)
		if body, problem := o.Result(); !bytes.Equal(body, content) || problem != "" || o.output != "" {
			t.Errorf("%d bytes, %q, output %q", len(body), problem, o.output)
		}
		o = run{shell: shell, command: []string{"sh", "-c", `cat "$1" >"$BATCH_RESULT_FILE"; echo >>"$BATCH_RESULT_FILE"`, "job", file}}.do(t)
		if body, problem := o.Result(); body != nil || problem != batch.ResultTooLarge(batch.MaxResultBytes+1) || o.code != 0 || !o.Complete() {
			t.Errorf("one byte more: %d bytes, %q, code %d", len(body), problem, o.code)
		}
	})
}

func TestTheLastOfTwoResultsCounts(t *testing.T) {
	eachShell(t, func(t *testing.T, shell []string) {
		o := run{shell: shell, command: []string{"sh", "-c", `printf '[1,2]' >"$BATCH_RESULT_FILE"; printf '3' >"$BATCH_RESULT_FILE"`}}.do(t)
		o.check(t, 0, "", "3")
	})
}

func TestWhatIsNotAFileIsNotAResult(t *testing.T) {
	eachShell(t, func(t *testing.T, shell []string) {
		o := run{shell: shell, command: []string{"sh", "-c", `mkdir "$BATCH_RESULT_FILE"`}}.do(t)
		if body, problem := o.Result(); body != nil || problem != "BATCH_RESULT_FILE is not a regular file, or it could not be read" || o.code != 0 {
			t.Errorf("%q, %q, code %d", body, problem, o.code)
		}
		run{shell: shell, command: []string{"sh", "-c", `: >"$BATCH_RESULT_FILE"`}}.do(t).check(t, 0, "", "")
	})
}

func TestWhatAJobLeftRunningCannotSpoilTheResult(t *testing.T) {
	eachShell(t, func(t *testing.T, shell []string) {
		const job = `(i=0; while [ $i -lt 3000 ]; do printf x; i=$((i+1)); done)& head -c 9000 /dev/zero | tr '\0' 1 >"$BATCH_RESULT_FILE"`
		o := run{shell: shell, command: []string{"sh", "-c", job}}.do(t)
		body, problem := o.Result()
		if problem != "" || len(body) != 9000 || strings.Trim(o.output, "x\n") != "" {
			t.Errorf("%d bytes, %q, output %.200q", len(body), problem, o.output)
		}
	})
}

func TestUsageIsWhatTheMetadataEndpointSays(t *testing.T) {
	bin := t.TempDir()
	answer := `{"cpu_stats":{"cpu_usage":{"total_usage":1234567890}},"memory_stats":{"usage":2097152,"max_usage":4194304},` + strings.Repeat(" ", 5000) + `"x":1}`
	fake := "#!/bin/sh\n[ \"$6\" = http://169.254.170.2/v4/abc/stats ] && printf '%s' '" + answer + "'\n"
	if err := os.WriteFile(filepath.Join(bin, "wget"), []byte(fake), 0o755); err != nil { //nolint:gosec // it is a program
		t.Fatal(err)
	}
	eachShell(t, func(t *testing.T, shell []string) {
		env := []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "ECS_CONTAINER_METADATA_URI_V4=http://169.254.170.2/v4/abc"}
		if len(shell) > 1 && shell[0] == "busybox" {
			t.Skip("it has a wget of its own")
		}
		o := run{shell: shell, env: env, command: []string{"true"}}.do(t)
		if used, problem := o.Usage(); problem != "" || used != (batch.Usage{CPUMillis: 1234, MaxRSSKiB: 4096}) {
			t.Errorf("%+v, %q", used, problem)
		}
		o = run{shell: shell, command: []string{"true"}}.do(t)
		if used, problem := o.Usage(); problem == "" || used != (batch.Usage{}) {
			t.Errorf("without an endpoint: %+v, %q", used, problem)
		}
	})
}
