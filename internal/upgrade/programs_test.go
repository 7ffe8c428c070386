package upgrade

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/rendezvous"
)

// scratch returns a directory that goes with the test. A holder may live a moment longer than the runtime and write there, so what
// is left then does not matter.
func scratch(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "upgrade") //nolint:usetesting // t.TempDir fails a test in whose directory something is left
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// buildBefore builds batchd of the version before, from the history of this repository.
func buildBefore(t *testing.T) string {
	t.Helper()
	if _, err := run(t, "git", "-C", "../..", "cat-file", "-e", before+"^{commit}"); err != nil {
		t.Skipf("commit %s is not in this clone, so the version before cannot be built: 'git fetch --unshallow' gets the history", before)
	}
	tree := t.TempDir()
	archive := filepath.Join(t.TempDir(), "before.tar")
	must(t, "git", "-C", "../..", "archive", "--output", archive, before)
	must(t, "tar", "-xf", archive, "-C", tree)
	return build(t, tree)
}

// build compiles batchd of a tree as "make build" does, so that the two share Go's cache.
func build(t *testing.T, tree string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "batchd")
	command := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-o", program, "./runtime/cmd/batchd")
	command.Dir = tree
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("building batchd of %s: %v\n%s", tree, err, out)
	}
	return program
}

// run runs a program to its end and returns what it printed.
func run(t *testing.T, program string, arguments ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, program, arguments...).CombinedOutput()
	return string(out), err
}

func must(t *testing.T, program string, arguments ...string) string {
	t.Helper()
	out, err := run(t, program, arguments...)
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", program, arguments, err, out)
	}
	return out
}

// runtime is a runtime that serves a state directory.
type runtime struct {
	command *exec.Cmd
	ended   sync.Once
}

// serve starts a runtime and returns once it serves. It is killed at the end of the test, unless it has ended by then.
func serve(t *testing.T, program, state string) *runtime {
	t.Helper()
	ready := filepath.Join(t.TempDir(), "ready")
	var log bytes.Buffer
	r := &runtime{command: exec.Command(program, "serve", "--state-dir", state, "--ready-file", ready)}
	r.command.Stderr = &log
	if err := r.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		r.kill()
		if t.Failed() {
			t.Logf("the log of %s:\n%s", program, log.String())
		}
	})
	await(t, "the runtime to serve", func() bool {
		_, err := os.Stat(ready)
		return err == nil
	})
	return r
}

// kill ends the runtime as a machine that runs out of memory does.
func (r *runtime) kill() {
	r.ended.Do(func() {
		_ = r.command.Process.Kill() // it may have been stopped
		_ = r.command.Wait()
	})
}

// connect returns a client of the runtime of a state directory.
func connect(t *testing.T, state string) *client.Client {
	t.Helper()
	target, err := rendezvous.Find("", state, func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.Open(t.Context(), target, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}
