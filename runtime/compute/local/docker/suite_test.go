package docker

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/compute/computetest"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
)

// hosted makes a driver of a runner: it adds the host that package local adds.
type hosted struct{ *Runner }

func (h hosted) host() batch.Host {
	return batch.Host{ID: batch.LocalHost, Kind: batch.Local, Address: "127.0.0.1", Ready: true, Capacity: batch.Shape{MilliCPU: 1000, MemoryMiB: 1000}}
}

func (h hosted) Open(ctx context.Context) error {
	h.reports.Put(batch.HostReady{Host: h.host()})
	return h.Runner.Open(ctx)
}

func (h hosted) Census(ctx context.Context) (compute.Census, error) {
	attempts, err := h.Runner.Census(ctx)
	return compute.Census{Hosts: []batch.Host{h.host()}, Attempts: attempts}, err
}

func (hosted) Kinds() []batch.Kind { return []batch.Kind{batch.Local} }

// behave plays a behaviour: $1 is its output, $2 its result, $3 its code, $4 how long it runs; without
// $3 it runs until somebody writes its code. With $5 it leaves a process behind that writes that, in a session of its own; the
// pipe that this has open says whether it is alive.
const behave = `
trap 'exit 143' TERM
: > /gate/$COMPUTETEST_ATTEMPT.obeys
printf %s "$1"
test -z "$2" || printf %s "$2" > $BATCH_RESULT_FILE
if test -n "$5"; then
	left=/gate/$COMPUTETEST_ATTEMPT.left
	test -p $left || mkfifo $left
	setsid sh -c 'trap "" TERM HUP; exec 9<>$1; : > $1.begun; while :; do printf %s "$2" > $BATCH_RESULT_FILE; sleep 0.01; done' sh $left "$5" </dev/null >/dev/null 2>&1 &
	until test -e $left.begun; do sleep 0.01; done
fi
test -z "$3" || { sleep $4; exit $3; }
while ! test -e /gate/$COMPUTETEST_ATTEMPT; do sleep 0.02; done
exit $(cat /gate/$COMPUTETEST_ATTEMPT)`

// behaving returns a container that plays does. It waits for files in gate.
func behaving(gate string, does computetest.Behaviour) batch.Container {
	c := batch.Container{Image: testImage, Mounts: []batch.Mount{{Source: gate, Target: "/gate"}}}
	code := strconv.Itoa(int(does.Code))
	if does.Manual {
		code = ""
	}
	c.Command = []string{"sh", "-c", behave, "sh", does.Output, does.Result, code, fmt.Sprintf("%.3f", does.After.Seconds()), does.Leaves}
	if does.Refuse != "" {
		c.Command = []string{"/no/such/program"}
	}
	return c
}

func TestConformance(t *testing.T) {
	computetest.Run(t, func(t *testing.T) computetest.Subject {
		b := newBench(t)
		b.close(b.Runner)
		gate := t.TempDir()
		again := func() computetest.Driver {
			r, err := New(b.options)
			if err != nil {
				t.Fatal(err)
			}
			return hosted{r}
		}
		return computetest.Subject{
			Driver: again(), Again: again, Logs: joblog.OpenDir(b.options.LogsDir), WaitsInMemory: true,
			Container: func(does computetest.Behaviour) batch.Container { return behaving(gate, does) },
			Obeys: func(attempt batch.AttemptID) bool {
				_, err := os.Stat(filepath.Join(gate, strings.ReplaceAll(attempt.String(), "/", ".")+".obeys"))
				return err == nil
			},
			Alive: func(attempt batch.AttemptID) bool {
				left := filepath.Join(gate, strings.ReplaceAll(attempt.String(), "/", ".")+".left")
				fd, err := syscall.Open(left, syscall.O_WRONLY|syscall.O_NONBLOCK, 0)
				if err == nil {
					_ = syscall.Close(fd)
				}
				return err == nil
			},
			Finish: func(attempt batch.AttemptID, code int32) {
				name := filepath.Join(gate, strings.ReplaceAll(attempt.String(), "/", "."))
				err := os.WriteFile(name+".new", []byte(strconv.Itoa(int(code))), 0o600)
				if err == nil {
					err = os.Rename(name+".new", name)
				}
				if err != nil {
					t.Error(err)
				}
			},
		}
	})
}
