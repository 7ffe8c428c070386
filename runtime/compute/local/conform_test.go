//go:build linux || darwin

package local

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/computetest"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
)

// gates is a directory of named pipes at which Manual attempts wait for their exit code.
type gates struct {
	t   *testing.T
	dir string
}

func (g gates) path(attempt string) string {
	path := filepath.Join(g.dir, strings.ReplaceAll(attempt, "/", "."))
	if err := syscall.Mkfifo(path, 0o600); err != nil && !os.IsExist(err) {
		g.t.Fatal(err)
	}
	return path
}

// finish lets an attempt end. Opening for both directions waits for no reader.
func (g gates) finish(attempt batch.AttemptID, code int32) {
	gate, err := os.OpenFile(g.path(attempt.String()), os.O_RDWR, 0)
	if err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() { _ = gate.Close() })
	if _, err := fmt.Fprintln(gate, code); err != nil {
		g.t.Fatal(err)
	}
}

// left is the pipe that the process which an attempt leaves behind has open for as long as it lives.
func (g gates) left(attempt string) string { return g.path(attempt + ".left") }

// alive reports whether somebody has the pipe of such a process open.
func (g gates) alive(attempt batch.AttemptID) bool {
	fd, err := syscall.Open(g.left(attempt.String()), syscall.O_WRONLY|syscall.O_NONBLOCK, 0)
	if err == nil {
		_ = syscall.Close(fd)
	}
	return err == nil
}

// leave is what a shell does to leave a process behind, in a session of its own where there is a program for that. $3 is what it
// writes. The pipe is made by whoever needs it first, and the shell waits until the process has it open.
const leave = `left=%s/$%s.left
[ -p $left ] || mkfifo $left 2>/dev/null
$(command -v setsid) /bin/sh -c 'trap "" TERM HUP; exec 9<>$1; : > $1.begun; while :; do printf %%s "$2" > "$BATCH_RESULT_FILE"; sleep 0.01; done' sh $left "$3" </dev/null >/dev/null 2>&1 &
until [ -e $left.begun ]; do sleep 0.01; done
`

// container returns a shell script that behaves so.
func (g gates) container(b computetest.Behaviour) batch.Container {
	if b.Refuse != "" {
		return batch.Container{Command: []string{"no-such-program"}}
	}
	script := "printf '%s' \"$1\"\n"
	if b.Result != "" {
		script += "printf '%s' \"$2\" > \"$BATCH_RESULT_FILE\"\n"
	}
	if b.Leaves != "" {
		script += fmt.Sprintf(leave, g.dir, computetest.AttemptVariable)
	}
	if b.After > 0 {
		script += fmt.Sprintf("sleep %f\n", b.After.Seconds())
	}
	if b.Manual {
		script += fmt.Sprintf("gate=%s/$%s\n[ -p $gate ] || mkfifo $gate 2>/dev/null\nread code < $gate\nexit $code\n", g.dir, computetest.AttemptVariable)
	}
	script += fmt.Sprintf("exit %d\n", b.Code)
	return batch.Container{Script: script, Command: []string{b.Output, b.Result, b.Leaves}}
}

// spoilScratch puts a file where the holder makes scratch directories, so that none can be made, or takes it away.
func spoilScratch(t *testing.T, stateDir string, spoilt bool) {
	t.Helper()
	path := filepath.Join(stateDir, "scratch")
	err := os.RemoveAll(path)
	if err == nil && spoilt {
		err = os.WriteFile(path, nil, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestDriverConforms(t *testing.T) {
	computetest.Run(t, func(t *testing.T) computetest.Subject {
		options := testOptions(t, t.TempDir())
		openDriver(t, options) // ends the holder with the test
		g := gates{t, t.TempDir()}
		again := func() computetest.Driver { return New(options) }
		return computetest.Subject{
			Driver: again(), Again: again, Container: g.container, Finish: g.finish, Alive: g.alive, Logs: joblog.OpenDir(LogsDir(options.StateDir)),
			SetUnfit: func(unfit bool) { spoilScratch(t, options.StateDir, unfit) },
		}
	})
}
