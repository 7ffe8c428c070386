//go:build linux || darwin

package local

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/internal/long"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/compute/computetest"
)

// mended is how soon after its end the cause of a fault must have been noticed to be gone.
const mended = 5 * time.Second

// awaitFault waits until a runner is said to be at fault, and returns why.
func (b *bed) awaitFault(runner batch.Runner) string {
	b.t.Helper()
	for {
		if said := b.said[runner]; len(said) > 0 && said[len(said)-1] != "" {
			return said[len(said)-1]
		}
		b.hear()
	}
}

// awaitWell waits until processes, which could not be started, are said to be well again, soon.
func (b *bed) awaitWell() {
	b.t.Helper()
	begun := time.Now()
	for said := b.said[batch.Processes]; len(said) == 0 || said[len(said)-1] != ""; said = b.said[batch.Processes] {
		b.hear()
	}
	if took, limit := time.Since(begun), long.Stretched(mended); took > limit {
		b.t.Errorf("the end of the fault was noticed after %s; allowed is %s", took, limit)
	}
}

// isFault checks what the census says of a runner.
func (b *bed) isFault(runner batch.Runner, reason string) {
	b.t.Helper()
	c, err := b.Census(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	if !slices.Contains(c.Faults, batch.HostFault{Host: batch.LocalHost, Runner: runner, Reason: reason}) {
		b.t.Errorf("the census says %+v of faults, want %q of %s", c.Faults, reason, runner)
	}
}

// A script that cannot be stored, for want of disk for example, is the machine's fault too. Other orders go on meanwhile.
func TestScriptThatCannotBeStored(t *testing.T) {
	b := newBed(t)
	scripts := filepath.Join(b.options.StateDir, "scripts")
	if err := os.WriteFile(scripts, nil, 0o600); err != nil { // nobody can make a file below it
		t.Fatal(err)
	}
	script := batch.Container{Script: "#!/bin/sh\nexit 3\n"}
	if e := b.exit(b.run(script)); e.Kind != batch.Refused || e.Doubtful || !strings.Contains(e.Reason, "script") {
		t.Errorf("exit %+v", e)
	}
	if reason := b.awaitFault(batch.Processes); !strings.Contains(reason, "script") {
		t.Errorf("reason %q", reason)
	}
	b.code(b.sh("exit 2"), 2)
	if err := os.Remove(scripts); err != nil {
		t.Fatal(err)
	}
	b.awaitWell()
	b.code(b.run(script), 3)
}

// A script that was stored is stored again when somebody has removed it.
func TestScriptThatWasRemoved(t *testing.T) {
	b := newBed(t)
	script := batch.Container{Script: "#!/bin/sh\nexit 3\n"}
	b.code(b.run(script), 3)
	if err := os.RemoveAll(filepath.Join(b.options.StateDir, "scripts")); err != nil {
		t.Fatal(err)
	}
	b.code(b.run(script), 3)
}

// What the machine cannot give is not the fault of an attempt: it is refused, the fault is said once, and so is its end.
func TestScratchThatCannotBeMade(t *testing.T) {
	b := newBed(t)
	b.code(b.sh("true"), 0)
	scratch := filepath.Join(b.options.StateDir, "scratch")
	if err := os.RemoveAll(scratch); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(scratch, nil, 0o600); err != nil { // nobody can make a directory there
		t.Fatal(err)
	}
	for range 3 {
		if e := b.exit(b.sh("echo ran > $BATCH_RESULT_FILE")); e.Kind != batch.Refused || e.Doubtful || e.Result != nil || e.StartedAt != 0 {
			t.Errorf("exit %+v", e)
		}
	}
	reason := b.awaitFault(batch.Processes)
	if !strings.Contains(reason, "scratch") {
		t.Errorf("reason %q", reason)
	}
	if err := os.Remove(scratch); err != nil {
		t.Fatal(err)
	}
	b.awaitWell()
	b.isFault(batch.Processes, "")
	b.code(b.sh("true"), 0)
}

// With few descriptors the holder says how many attempts it takes. What is beyond is refused, and nothing fails.
func TestFewDescriptors(t *testing.T) {
	options := testOptions(t, t.TempDir())
	options.HolderCommand = append([]string{"/bin/sh", "-c", `ulimit -n 48; exec "$@"`, "sh"}, options.HolderCommand...)
	b := bedOver(t, options)
	b.code(b.sh("true"), 0)
	limits := b.host().Limits
	if len(limits) == 0 || limits[0].Runner != batch.Processes || limits[0].Attempts != (48-32)/5 || limits[0].Reason != "48 open files (RLIMIT_NOFILE)" {
		t.Errorf("limits %+v", limits)
	}
	var ids []batch.AttemptID
	for range 40 {
		ids = append(ids, b.sh("sleep 1"))
	}
	ran, refused := 0, 0
	for _, id := range ids {
		switch e := b.exit(id); e.Kind {
		case batch.Exited:
			ran++
		case batch.Refused:
			refused++
			if !strings.Contains(e.Reason, "too many open files") {
				t.Errorf("reason %q", e.Reason)
			}
		default:
			t.Errorf("exit %+v", e)
		}
	}
	if ran < int(limits[0].Attempts) || refused == 0 {
		t.Errorf("%d ran and %d were refused; %d are allowed", ran, refused, limits[0].Attempts)
	}
	b.awaitWell()
	b.code(b.sh("true"), 0)
}

// An attempt that the machine refuses ends what waits in its lane: nothing is known to be able to run in its place.
func TestRefusedLane(t *testing.T) {
	b := newBed(t)
	first := b.sh("sleep 0.5")
	b.awaitStart(first)
	ahead := []batch.AttemptID{b.sh("true", isAhead), b.sh("true", isAhead)}
	scratch := filepath.Join(b.options.StateDir, "scratch")
	if err := os.Rename(scratch, scratch+".gone"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(scratch, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	b.code(first, 0)
	for _, id := range ahead {
		if e := b.exit(id); e.Kind != batch.Refused {
			t.Errorf("exit %+v", e)
		}
	}
	if err := os.Remove(scratch); err != nil {
		t.Fatal(err)
	}
	b.awaitWell()
}

func TestImagesWithoutARunnerAreAFaultOfTheMachine(t *testing.T) {
	b := newBed(t)
	if reason := b.awaitFault(batch.Containers); reason != noDocker {
		t.Errorf("reason %q", reason)
	}
	b.isFault(batch.Containers, noDocker)
	b.isFault(batch.Processes, "")
}

// adrift is a container runner whose engine cannot be asked.
type adrift struct{ ship }

func (adrift) Census(context.Context) ([]compute.Presence, error) {
	return nil, errors.New("the engine does not answer")
}

// What cannot be asked about containers holds back no process: the census says so, and orders for processes are done.
func TestContainersThatCannotBeListed(t *testing.T) {
	options := testOptions(t, t.TempDir())
	options.Containers = adrift{ship{computetest.NewFake(computetest.FakeOptions{})}}
	b := bedOver(t, options)
	running := b.sh("sleep 60")
	b.awaitStart(running)
	c, err := b.Census(t.Context())
	if err != nil || len(c.Attempts) != 1 || c.Attempts[0].Attempt != running {
		t.Errorf("census %+v, %v", c, err)
	}
	for _, f := range c.Faults {
		if f.Unlisted != (f.Runner == batch.Containers) {
			t.Errorf("fault %+v", f)
		}
	}
	unknown := batch.AttemptID{Job: "unknown", Number: 1}
	stops := []compute.Stop{{Attempt: running, Runner: batch.Processes}, {Attempt: unknown, Runner: batch.Containers}}
	if err := b.Stop(t.Context(), stops); err != nil {
		t.Fatal(err)
	}
	b.code(running, 143)
	if e, ok := b.exits[unknown]; ok {
		t.Errorf("a container that may run is said to have ended: %+v", e)
	}
	if err := b.Forget(t.Context(), []batch.AttemptID{running}); err != nil {
		t.Fatal(err)
	}
}
