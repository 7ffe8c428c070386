//go:build linux || darwin

package local

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
)

// bed is a driver over a state directory of its own, and what it has said.
type bed struct {
	*Driver
	t       *testing.T
	count   int
	started map[batch.AttemptID]int
	exits   map[batch.AttemptID]batch.Exit
	said    map[batch.Runner][]string // reasons of faults, as they were said; an empty one says that it is well
}

func newBed(t *testing.T) *bed { return bedOver(t, testOptions(t, t.TempDir())) }

func bedOver(t *testing.T, o Options) *bed {
	return &bed{Driver: openDriver(t, o), t: t, started: map[batch.AttemptID]int{}, exits: map[batch.AttemptID]batch.Exit{}, said: map[batch.Runner][]string{}}
}

// run starts a container as a new attempt.
func (b *bed) run(c batch.Container, change ...func(*compute.Start)) batch.AttemptID {
	b.t.Helper()
	b.count++
	s := compute.Start{Attempt: batch.AttemptID{Job: batch.JobID(fmt.Sprint("job-", b.count)), Number: 1}, Lane: "lane", Container: c, StopGrace: batch.StopGrace}
	for _, f := range change {
		f(&s)
	}
	if err := b.Start(b.t.Context(), []compute.Start{s}); err != nil {
		b.t.Fatal(err)
	}
	return s.Attempt
}

// sh starts a shell command.
func (b *bed) sh(command string, change ...func(*compute.Start)) batch.AttemptID {
	b.t.Helper()
	return b.run(batch.Container{Command: []string{"/bin/sh", "-c", command}}, change...)
}

// hear takes what comes next.
func (b *bed) hear() {
	b.t.Helper()
	for _, r := range next(b.t, b.Driver) {
		switch r := r.(type) {
		case batch.AttemptStarted:
			b.started[r.Attempt]++
		case batch.AttemptExited:
			b.exits[r.Exit.Attempt] = r.Exit
		case batch.HostFault:
			b.said[r.Runner] = append(b.said[r.Runner], r.Reason)
		case batch.HostComing, batch.HostReady, batch.HostRefused, batch.HostGone, batch.HostClosing:
		case batch.EnvironmentReady, batch.EnvironmentFailed, batch.EnvironmentRetired:
		}
	}
}

func (b *bed) awaitStart(id batch.AttemptID) {
	b.t.Helper()
	for b.started[id] == 0 {
		b.hear()
	}
}

func (b *bed) exit(id batch.AttemptID) batch.Exit {
	b.t.Helper()
	for {
		if e, ok := b.exits[id]; ok {
			return e
		}
		b.hear()
	}
}

// code waits for an exit with a code.
func (b *bed) code(id batch.AttemptID, want int32) batch.Exit {
	b.t.Helper()
	e := b.exit(id)
	if e.Code == nil || *e.Code != want {
		b.t.Fatalf("%v: exit %+v, want code %d; output:\n%s", id, e, want, b.output(e))
	}
	return e
}

// output is everything an attempt wrote.
func (b *bed) output(e batch.Exit) string {
	b.t.Helper()
	var all strings.Builder
	lines, err := joblog.All(b.t.Context(), joblog.OpenDir(LogsDir(b.options.StateDir)), joblog.Log{Attempt: e.Attempt, Ref: e.Log, Stopped: e.StoppedAt})
	if err != nil {
		b.t.Fatal(err)
	}
	for _, l := range lines {
		all.WriteString(l.Text + "\n")
	}
	return all.String()
}

// holderPID is the process id of the holder in use.
func (b *bed) holderPID() int {
	b.link.mu.Lock()
	defer b.link.mu.Unlock()
	return b.link.client.PID()
}

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("this test needs root")
	}
}

// isAhead makes an order one to run in the place of one that ends.
func isAhead(s *compute.Start) { s.Ahead = true }
