package sched_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/submit"
)

// fleet is a large machine that is full, and what runs on it.
type fleet struct {
	t       testing.TB
	m       *sched.Machine
	now     batch.Time
	dice    *rand.Rand
	running []run
	started []batch.AttemptID // ordered, and not reported yet
	queues  int
	queued  int // jobs submitted
}

type run struct {
	attempt batch.AttemptID
	since   batch.Time
}

// Sizes of a fleet.
const (
	fleetEnvironments = 10
	fleetQueues       = 50
	fleetHosts        = 5000
)

// newFleet makes that many hosts of 8 vCPUs and 16 GiB in equal environments, and queues of five priorities over them.
func newFleet(t testing.TB, hosts, queues int) *fleet {
	t.Helper()
	var s batch.Snapshot
	for i := range fleetEnvironments {
		s.Environments = append(s.Environments, environmentOf(fmt.Sprintf("e%d", i), 1<<30))
	}
	for i := range hosts {
		s.Hosts = append(s.Hosts, batch.Host{
			ID: fmt.Sprintf("i-%017x", i), Kind: batch.EC2, Capacity: batch.Shape{MilliCPU: 8000, MemoryMiB: 16384},
			Environments: []string{fmt.Sprintf("e%d", i%fleetEnvironments)}, Ready: true,
		})
	}
	for i := range queues {
		s.Queues = append(s.Queues, queueOf(fmt.Sprintf("q%02d", i), int32(i%5), false, fmt.Sprintf("e%d", i%fleetEnvironments)))
	}
	return &fleet{t: t, queues: queues, m: sched.Load(s, sched.Config{MaxArraySize: batch.MaxMaxArraySize}), now: 1_000_000, dice: rand.New(rand.NewPCG(1, 2))}
}

func (f *fleet) queue(i int) string { return fmt.Sprintf("q%02d", i%f.queues) }

// kinds is how many kinds of single jobs there are.
const kinds = 36

// shapeOf is what a single job of that kind asks for.
func shapeOf(kind int) batch.Shape {
	return batch.Shape{MilliCPU: []int64{500, 1000, 2000, 4000}[kind%4], MemoryMiB: []int64{1024, 2048, 4096}[kind/4%3]}
}

// submit queues an array of that size, or a single job if it is 0, of a kind.
func (f *fleet) submit(queue string, size int32, kind int) {
	d := batch.Definition{Name: fmt.Sprintf("definition-%d", kind), Revision: 1, Active: true, Runs: true, Container: batch.Container{Image: "i", Shape: shapeOf(kind)}}
	timeout := time.Duration(kind/12*1200) * time.Second // none, 20 or 40 minutes
	f.queued++
	c := sched.SubmitJob{
		Request: submit.Request{
			ID: batch.JobID(fmt.Sprintf("%08x-0000-4000-8000-%012x", f.queued, f.queued)), Name: "simulate-" + queue, Queue: queue,
			Definition: d.Ref(), Size: size, Timeout: &timeout,
		},
		Given: sched.Given{Definition: &d},
	}
	if _, err := f.m.Apply(f.now.Std(), c); err != nil {
		f.t.Fatal(err)
	}
}

// fill places until nothing fits any more.
func (f *fleet) fill() {
	for f.place() > 0 || len(f.started) > 0 {
		f.report()
	}
}

// place is the measured part of a round: what was ended is placed anew.
func (f *fleet) place() (started int) {
	f.m.Dispatch(f.now.Std())
	for _, o := range f.m.Take().Orders {
		if start, ok := o.(sched.StartAttempt); ok {
			f.running = append(f.running, run{start.Attempt, f.now})
			f.started = append(f.started, start.Attempt)
			started++
		}
	}
	return started
}

// report tells, in a round of its own, that what was ordered has started.
func (f *fleet) report() {
	started := f.started
	f.started = nil
	for _, id := range started {
		f.apply(batch.AttemptStarted{Attempt: id, At: f.now})
	}
	f.place()
}

// some chooses n attempts that end.
func (f *fleet) some(n int) []batch.Exit {
	f.now = f.now.Add(time.Second)
	code := int32(0)
	exits := make([]batch.Exit, 0, n)
	for range n {
		i := f.dice.IntN(len(f.running))
		r := f.running[i]
		f.running[i] = f.running[len(f.running)-1]
		f.running = f.running[:len(f.running)-1]
		exits = append(exits, batch.Exit{Attempt: r.attempt, Kind: batch.Exited, StartedAt: r.since, StoppedAt: f.now, Code: &code})
	}
	return exits
}

func (f *fleet) apply(r batch.Report) {
	if _, err := f.m.Apply(f.now.Std(), sched.Reported{Report: r}); err != nil {
		f.t.Fatal(err)
	}
}

// round ends attempts and places their successors. It returns how long that took and how many started.
func (f *fleet) round(exits []batch.Exit) (took time.Duration, started int) {
	begin := time.Now()
	for _, x := range exits {
		f.apply(batch.AttemptExited{Exit: x})
	}
	started = f.place()
	took = time.Since(begin)
	f.report()
	return took, started
}
