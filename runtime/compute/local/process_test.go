//go:build linux || darwin

package local

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

func TestEnvironmentAndDirectory(t *testing.T) {
	b := newBed(t)
	given := func(s *compute.Start) { s.Environment = []string{"A=1", "EMPTY=", "LANG=xx"} }
	e := b.code(b.sh(`pwd; ls -a | wc -l; cat; echo $A-$LANG-${EMPTY-unset}; [ -n "$PATH" ] && [ -n "$TMPDIR" ] && [ -n "$HOME" ] && echo defaults; echo ${BATCH_RESULT_FILE%/*}; env | grep -c BATCHD_`, given), 1)
	lines := strings.Split(b.output(e), "\n")
	if lines[0] != lines[4] || !strings.HasPrefix(lines[0], b.options.StateDir) {
		t.Errorf("it ran in %q and its result goes to %q", lines[0], lines[4])
	}
	if strings.TrimSpace(lines[1]) != "2" || lines[2] != "1-xx-" || lines[3] != "defaults" || lines[5] != "0" {
		t.Errorf("output %q", lines)
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	c := batch.Container{Command: []string{"pwd"}, WorkingDirectory: dir}
	if got := b.output(b.code(b.run(c), 0)); got != dir+"\n" {
		t.Errorf("it ran in %q, want %q", got, dir)
	}
}

func TestDirectoriesAreFresh(t *testing.T) {
	b := newBed(t)
	for range 5 {
		e := b.code(b.sh(`ls -A; touch litter; mkdir -p sub/dir; echo '{}' > "$BATCH_RESULT_FILE.new"`), 0)
		if got := b.output(e); got != "" {
			t.Errorf("a fresh directory held %q", got)
		}
		if err := b.Forget(t.Context(), []batch.AttemptID{e.Attempt}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestScripts(t *testing.T) {
	b := newBed(t)
	for _, c := range []struct {
		script string
		want   string
	}{
		{"#!/bin/sh -e\nfalse\necho not reached", ""},
		{"echo \"$#: $1 $2\"", "2: a b c\n"},
		{"#! /bin/sh\necho \"$2\"", "b c\n"},
		{"#!/usr/bin/env -S sh -c 'echo env'\n", "env\n"},
		{"#!/bin/cat\nitself\n", "#!/bin/cat\nitself\n"},
	} {
		id := b.run(batch.Container{Script: c.script, Command: []string{"a", "b c"}})
		if got := b.output(b.exit(id)); !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%q wrote %q, want %q", c.script, got, c.want)
		}
	}
}

func TestWhatCannotStart(t *testing.T) {
	b := newBed(t)
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, c := range []struct {
		container batch.Container
		want      string
	}{
		{batch.Container{}, "the command is empty"},
		{batch.Container{Command: []string{"foo"}}, `exec "foo": not found in PATH (`},
		{batch.Container{Command: []string{"echo a | wc"}}, "a command is not read by a shell"},
		{batch.Container{Command: []string{dir + "/none"}}, "no such file"},
		{batch.Container{Command: []string{dir}}, "it is a directory"},
		{batch.Container{Command: []string{write("plain", "x", 0o600)}}, "not executable"},
		{batch.Container{Command: []string{write("lost", "#!/no/such/interpreter\n", 0o700)}}, `the interpreter "/no/such/interpreter" that its first line names`},
		{batch.Container{Command: []string{write("windows", "#!/bin/sh\r\necho\r\n", 0o700)}}, `the interpreter "/bin/sh" and a carriage return`},
		{batch.Container{Command: []string{write("junk", "junk", 0o700)}}, "neither a program"},
		{batch.Container{Script: "#!/no/such/interpreter\n"}, "no such file"},
		{batch.Container{Command: []string{"true"}, WorkingDirectory: dir + "/gone"}, "working directory"},
		{batch.Container{Command: []string{"true"}, User: "no-such-user"}, `user "no-such-user"`},
		{batch.Container{Command: []string{"true"}, ECS: &batch.ECS{Secrets: []batch.Secret{{Name: "KEY", From: "arn"}}}}, "secrets cannot be had on this machine"},
	} {
		e := b.exit(b.run(c.container))
		if e.Kind != batch.FailedToStart || !strings.Contains(e.Reason, c.want) || !strings.HasPrefix(e.Reason, "CannotStartContainerError: ") {
			t.Errorf("%+v: kind %d, reason %q, want one with %q", c.container, e.Kind, e.Reason, c.want)
		}
	}
}

func TestResults(t *testing.T) {
	b := newBed(t)
	quoted := `"` + strings.Repeat("x", batch.MaxResultBytes-2) + `"`
	for _, c := range []struct {
		command string
		want    string
		problem string
	}{
		{`echo '{"a": 1}' > "$BATCH_RESULT_FILE"`, "{\"a\": 1}\n", ""},
		{`printf '"%065534d"' 0 | tr 0 x > "$BATCH_RESULT_FILE"`, quoted, ""},
		{`printf '"%065535d"' 0 > "$BATCH_RESULT_FILE"`, "", "it has 65537 bytes; at most 65536 are allowed"},
		{`echo '{' > "$BATCH_RESULT_FILE"`, "", "not valid JSON"},
		{`echo '{"y": NaN}' > "$BATCH_RESULT_FILE"`, "", "not valid JSON"},
		{`printf '"M\374ller"' > "$BATCH_RESULT_FILE"`, "", "not UTF-8"},
		{`printf '%0200d' 0 | tr 0 '[' > "$BATCH_RESULT_FILE"`, "", "nested more than 128 deep"},
		{`: > "$BATCH_RESULT_FILE"`, "", ""},
		{`mkdir "$BATCH_RESULT_FILE"`, "", "not a regular file"},
		{`ln -s /etc/passwd "$BATCH_RESULT_FILE"`, "", "not a regular file"},
		{`ln -s /missing "$BATCH_RESULT_FILE"`, "", "not a regular file"},
		{`command -v python3 >/dev/null || exec mkfifo "$BATCH_RESULT_FILE"; python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(".batch-result.json")'`, "", "not a regular file"},
		{`mkfifo "$BATCH_RESULT_FILE"`, "", "not a regular file"},
		{`echo 1 > "$BATCH_RESULT_FILE.tmp"; mv "$BATCH_RESULT_FILE.tmp" "$BATCH_RESULT_FILE"`, "1\n", ""},
		{`rm -rf "$(pwd)"`, "", ""},
		{`rm -rf "$PWD"; mkdir "$PWD"`, "", ""},
		{`rm -rf "$PWD"; mkdir "$PWD"; echo 7 > "$BATCH_RESULT_FILE"`, "", "was replaced"},
	} {
		e := b.code(b.sh(c.command), 0)
		if string(e.Result) != c.want || !strings.Contains(e.ResultError, c.problem) || c.problem == "" && e.ResultError != "" || e.Reason != "" {
			t.Errorf("%s: %d bytes of result, error %q, reason %q; want %d bytes, %q and no reason", c.command, len(e.Result), e.ResultError, e.Reason, len(c.want), c.problem)
		}
	}
}

func TestFloodAndBinaryOutput(t *testing.T) {
	b := newBed(t)
	e := b.code(b.sh(`head -c 30000000 /dev/zero | tr '\0' 'x' | fold -w 99`), 0)
	if want := int64(30000000 + 30000000/99); e.Log.Span.Bytes+e.Log.Span.Dropped < want || e.Log.Span.Dropped != 0 {
		t.Errorf("span %+v, want %d bytes", e.Log, want)
	}
	if got := len(b.output(e)); int64(got) < e.Log.Span.Bytes {
		t.Errorf("read %d bytes of %d", got, e.Log.Span.Bytes)
	}
	e = b.code(b.sh(`printf 'a\000\377\nb'`), 0)
	if got := b.output(e); got != "a\x00\xff\nb\n" {
		t.Errorf("output %q", got)
	}
}

func TestStopKillsAfterTheGrace(t *testing.T) {
	b := newBed(t)
	const grace = 200 * time.Millisecond
	id := b.sh(`trap '' TERM; echo ready; while :; do sleep 0.05; done`, func(s *compute.Start) { s.StopGrace = grace })
	b.awaitStart(id)
	b.awaitOutput(id)
	asked := batch.At(time.Now())
	if err := b.Stop(t.Context(), []compute.Stop{{Attempt: id}}); err != nil {
		t.Fatal(err)
	}
	if had := b.code(id, 137).StoppedAt.Sub(asked); had < grace {
		t.Errorf("killed after %s, before the grace of %s", had, grace)
	}
}

// awaitOutput waits until a running attempt has written something.
func (b *bed) awaitOutput(id batch.AttemptID) {
	b.t.Helper()
	c, err := b.Census(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	for _, p := range c.Attempts {
		for p.Attempt == id && b.output(batch.Exit{Attempt: id, Log: p.Started.Log}) == "" {
			if b.t.Context().Err() != nil {
				b.t.Fatal("no output came")
			}
		}
	}
}

func TestChildrenEndWithTheirLeader(t *testing.T) {
	b := newBed(t)
	e := b.code(b.sh(`sleep 1000 & echo $!; exit 3`), 3)
	awaitGone(t, strings.TrimSpace(b.output(e)))
}

// A daemon that a job started is gone when the job has ended, whether that ended by itself or was stopped.
func TestDaemonsEndWithTheirJob(t *testing.T) {
	if _, err := exec.LookPath("setsid"); err != nil {
		t.Skip("no setsid here")
	}
	b := newBed(t)
	file := filepath.Join(t.TempDir(), "pid")
	daemon := `setsid sh -c 'trap "" TERM; echo $$ > ` + file + `.new; mv ` + file + `.new ` + file + `; while :; do sleep 1; done' & while [ ! -e ` + file + ` ]; do :; done; `
	for _, stopped := range []bool{false, true} {
		id := b.sh(daemon + map[bool]string{false: `echo done; exit 4`, true: `echo ready; exec sleep 1000`}[stopped])
		b.awaitStart(id)
		if stopped {
			b.awaitOutput(id)
			if err := b.Stop(t.Context(), []compute.Stop{{Attempt: id}}); err != nil {
				t.Fatal(err)
			}
		}
		b.exit(id)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if pid := strings.TrimSpace(string(text)); isAlive(t, pid) {
			t.Errorf("stopped %v: the daemon %s is left", stopped, pid)
		}
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
}

// A second attempt, which starts when the end of the first is reported, meets nothing of it: no process, and no lock that
// one held.
func TestARetryMeetsNothing(t *testing.T) {
	if _, err := exec.LookPath("flock"); err != nil {
		t.Skip("no flock here")
	}
	b := newBed(t)
	lock := filepath.Join(t.TempDir(), "lock")
	for range 3 {
		b.code(b.sh(`exec 8>`+lock+`; flock -n 8 || { echo in use; exit 9; }; setsid sleep 1000 & exit 5`), 5)
	}
}

func TestRunsAsAnotherUser(t *testing.T) {
	needRoot(t)
	b := newBed(t)
	c := batch.Container{Script: "#!/bin/sh\nid -u; pwd > out && cat out > /dev/null; echo '{\"uid\":1}' > \"$BATCH_RESULT_FILE\"", User: "65534"}
	e := b.code(b.run(c), 0)
	if got := b.output(e); got != "65534\n" || string(e.Result) != "{\"uid\":1}\n" {
		t.Errorf("output %q, result %q, reason %q", got, e.Result, e.Reason)
	}
}

func TestMemoryLimit(t *testing.T) {
	needRoot(t)
	if held, detail := memoryLimits(); !held {
		t.Skip(detail)
	}
	b := newBed(t)
	limited := func(s *compute.Start) { s.Container.Shape.MemoryMiB = 32 }
	e := b.code(b.run(batch.Container{Command: []string{"tail", "/dev/zero"}}, limited), 137)
	if !strings.HasPrefix(e.Reason, "OutOfMemoryError: ") {
		t.Errorf("reason %q", e.Reason)
	}
	for range 3 {
		if e = b.code(b.sh("true", limited), 0); e.Reason != "" || e.Usage.MaxRSSKiB > 32<<10 {
			t.Errorf("exit %+v", e)
		}
	}
}
