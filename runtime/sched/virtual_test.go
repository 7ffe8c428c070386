package sched_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/submit"
)

// logged is one job of a workload: what it asks for, when it comes and how long it runs, exactly.
type logged struct {
	at    batch.Time
	runs  time.Duration
	shape batch.Shape
	queue string
}

// site is where a workload runs.
type site struct {
	hosts        []batch.Host
	environments []batch.Environment
	queues       []batch.Queue
}

// virtual plays a workload through a real machine in virtual time. Every attempt is expected to run for as long as it
// does, and all that happens at one instant goes into one round.
type virtual struct {
	t       testing.TB
	m       *sched.Machine
	log     []logged
	now     batch.Time
	next    int          // in log
	running []*attempt   // by end
	starts  []batch.Time // by place in log; -1 before
	hosts   []string     // by place in log
	// ranked, if set, is called after every round with what started in it, in order.
	ranked func(v *virtual, started []*attempt)
}

// attempt runs until end.
type attempt struct {
	job         int // in log
	start, end  batch.Time
	host        string
	environment string
	shape       batch.Shape
}

func (a *attempt) compare(other *attempt) int {
	return cmp.Or(cmp.Compare(a.end, other.end), cmp.Compare(a.job, other.job))
}

// play runs all of log and returns when each of its jobs started.
func play(t testing.TB, s site, log []logged, ranked func(*virtual, []*attempt)) *virtual {
	t.Helper()
	v := &virtual{t: t, log: log, now: 1000, ranked: ranked, hosts: make([]string, len(log))}
	v.m = sched.Load(batch.Snapshot{Environments: s.environments, Queues: s.queues}, sched.Config{})
	for range log {
		v.starts = append(v.starts, -1)
	}
	for _, h := range s.hosts {
		v.apply(sched.Reported{Report: batch.HostReady{Host: h}})
	}
	v.round()
	for v.next < len(log) || len(v.running) > 0 {
		v.step()
	}
	if i := slices.Index(v.starts, -1); i >= 0 {
		t.Fatalf("job %d of the log never started", i)
	}
	if err := v.m.Check(); err != nil {
		t.Fatal(err)
	}
	return v
}

// step goes to the next instant at which something happens.
func (v *virtual) step() {
	v.now = batch.Time(1) << 60
	if v.next < len(v.log) {
		v.now = v.log[v.next].at
	}
	if len(v.running) > 0 {
		v.now = min(v.now, v.running[0].end)
	}
	for len(v.running) > 0 && v.running[0].end == v.now {
		a := v.running[0]
		v.running = v.running[1:]
		code := int32(0)
		v.apply(sched.Reported{Report: batch.AttemptExited{Exit: batch.Exit{
			Attempt: batch.AttemptID{Job: v.id(a.job), Number: 1}, Kind: batch.Exited, StartedAt: a.start, StoppedAt: v.now, Code: &code,
		}}})
	}
	for v.next < len(v.log) && v.log[v.next].at == v.now {
		v.submit(v.next)
		v.next++
	}
	v.round()
}

func (v *virtual) submit(i int) {
	j := v.log[i]
	d := batch.Definition{Name: "d", Revision: 1, Active: true, Runs: true, Container: batch.Container{Image: "i"}}
	v.apply(sched.SubmitJob{
		Request: submit.Request{
			ID: v.id(i), Name: "n", Queue: cmp.Or(j.queue, "q"), Definition: d.Ref(), Timeout: &j.runs,
			Overrides: submit.Overrides{MilliCPU: &j.shape.MilliCPU, MemoryMiB: &j.shape.MemoryMiB, GPUs: &j.shape.GPUs},
		},
		Given: sched.Given{Definition: &d},
	})
}

// round places, and tells the machine in a round of its own that what it ordered has started.
func (v *virtual) round() {
	v.m.Dispatch(v.now.Std())
	var started []*attempt
	for _, o := range v.m.Take().Orders {
		start, ok := o.(sched.StartAttempt)
		if !ok {
			continue
		}
		a := &attempt{job: v.indexOf(start.Attempt.Job), start: v.now, host: start.Host, environment: start.Environment}
		a.end, a.shape = v.now.Add(v.log[a.job].runs), v.log[a.job].shape
		if v.starts[a.job] >= 0 {
			v.t.Fatalf("job %d starts twice", a.job)
		}
		v.starts[a.job], v.hosts[a.job] = v.now, a.host
		i, _ := slices.BinarySearchFunc(v.running, a, (*attempt).compare)
		v.running = slices.Insert(v.running, i, a)
		started = append(started, a)
	}
	if v.ranked != nil {
		v.ranked(v, started)
	}
	if len(started) == 0 {
		return
	}
	for _, a := range started {
		v.apply(sched.Reported{Report: batch.AttemptStarted{Attempt: batch.AttemptID{Job: v.id(a.job), Number: 1}, At: v.now}})
	}
	v.m.Dispatch(v.now.Std())
	for _, o := range v.m.Take().Orders {
		if start, ok := o.(sched.StartAttempt); ok {
			v.t.Fatalf("%s starts at %d although nothing has changed since the last round", start.Attempt, v.now)
		}
	}
}

func (v *virtual) apply(ev sched.Event) {
	v.t.Helper()
	if _, err := v.m.Apply(v.now.Std(), ev); err != nil {
		v.t.Fatal(err)
	}
}

func (v *virtual) id(i int) batch.JobID { return batch.JobID(fmt.Sprintf("j%06d", i)) }

func (v *virtual) indexOf(id batch.JobID) (i int) {
	if _, err := fmt.Sscanf(string(id), "j%d", &i); err != nil {
		v.t.Fatal(err)
	}
	return i
}

// cluster is one environment and one queue on one host with that many processors, one vCPU each.
func cluster(processors int64, strict bool) site {
	capacity := batch.Shape{MilliCPU: processors * 1000}
	return site{
		hosts:        []batch.Host{{ID: "h", Kind: batch.EC2, Capacity: capacity}},
		environments: []batch.Environment{{Name: "e", UUID: "e", Kind: batch.EC2, State: batch.Enabled, Health: batch.Valid, Max: capacity}},
		queues:       []batch.Queue{queueOf("q", 1, strict, "e")},
	}
}

func queueOf(name string, priority int32, strict bool, environments ...string) batch.Queue {
	q := batch.Queue{Name: name, UUID: name, Priority: priority, State: batch.Enabled, Health: batch.Valid, Strict: strict}
	for i, e := range environments {
		q.Environments = append(q.Environments, batch.EnvironmentOrder{Order: int32(i), Environment: e})
	}
	return q
}

// generate makes a log of n parallel jobs for a cluster. The seed decides on its kind: how wide and how long jobs are,
// whether many are alike, and whether they come in bursts, so that up to two hundred wait, or as others end.
func generate(seed uint64, n int) (log []logged, processors int64) {
	dice := rand.New(rand.NewPCG(seed, 7))
	processors = []int64{3, 8, 32, 100, 430}[dice.IntN(5)]
	widths, lengths, load := dice.IntN(3), dice.IntN(3), 0.6+dice.Float64()
	bursty := dice.IntN(2) == 0
	at, gap, burst := batch.Time(2000), 0.0, 0
	for range n {
		j := logged{at: at, shape: batch.Shape{MilliCPU: 1000 * width(dice, widths, processors)}, runs: length(dice, lengths)}
		log = append(log, j)
		work := float64(j.shape.MilliCPU) * float64(j.runs.Milliseconds()) / float64(processors*1000)
		gap += dice.ExpFloat64() * work / load
		if burst--; burst > 0 {
			continue
		}
		if bursty {
			burst = dice.IntN(150)
		}
		at, gap = at+batch.Time(gap)/1000*1000, gap-float64(int64(gap)/1000*1000)
	}
	return log, processors
}

func width(dice *rand.Rand, kind int, processors int64) int64 {
	switch kind {
	case 0:
		return 1 + dice.Int64N(processors)
	case 1: // powers of two
		w := int64(1)
		for w*2 <= processors && dice.IntN(3) > 0 {
			w *= 2
		}
		return w
	default: // narrow ones, and now and then all of it
		if dice.IntN(10) == 0 {
			return processors
		}
		return 1 + dice.Int64N(max(processors/8, 1))
	}
}

func length(dice *rand.Rand, kind int) time.Duration {
	switch kind {
	case 0: // few lengths, so that many end at once and many are of one kind
		return time.Duration(1+dice.IntN(6)) * 10 * time.Second
	case 1:
		return time.Duration(1+dice.IntN(3600)) * time.Second
	default: // most are short, a few very long
		return time.Duration(1+dice.ExpFloat64()*dice.ExpFloat64()*100_000) * time.Millisecond
	}
}
