package sched_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/submit"
)

// ward is a slow placement: every host of every environment is looked at for every attempt.
type ward struct {
	site    site
	holding map[batch.AttemptID]*attempt
	queue   []*patient // first come first served
}

type patient struct {
	id    batch.JobID
	size  int32 // of an array; 0 otherwise
	next  int32 // child
	shape batch.Shape
}

// pool is where attempts of e run: on hosts that name it, or if none does, on those of its kind that name nobody.
func (w *ward) pool(e batch.Environment) (hosts []batch.Host) {
	for _, named := range []bool{true, false} {
		for _, h := range w.site.hosts {
			if slices.Contains(h.Environments, e.Name) && named || len(h.Environments) == 0 && h.Kind == e.Kind && !named {
				hosts = append(hosts, h)
			}
		}
		if len(hosts) > 0 {
			break
		}
	}
	slices.SortFunc(hosts, func(a, b batch.Host) int {
		return cmp.Or(cmp.Compare(a.Capacity.GPUs, b.Capacity.GPUs), cmp.Compare(a.ID, b.ID))
	})
	return hosts
}

// ordered are the environments of the queue.
func (w *ward) ordered() (all []batch.Environment) {
	for _, o := range w.site.queues[0].Environments {
		i := slices.IndexFunc(w.site.environments, func(e batch.Environment) bool { return e.Name == o.Environment })
		all = append(all, w.site.environments[i])
	}
	return all
}

// room returns the first place that is free; nil if there is none.
func (w *ward) room(shape batch.Shape, held []*attempt) *attempt {
	for _, e := range w.ordered() {
		for _, h := range w.pool(e) {
			if shape.Fits(w.site.environmentFree(e, held)) && shape.Fits(w.site.hostFree(h, held)) {
				return &attempt{host: h.ID, environment: e.Name, shape: shape}
			}
		}
	}
	return nil
}

// never reports whether shape has no place even if nothing runs. An environment without hosts may have some later.
func (w *ward) never(shape batch.Shape) bool {
	for _, e := range w.ordered() {
		if shape.Fits(w.site.environmentFree(e, nil)) && len(w.pool(e)) == 0 {
			return false
		}
	}
	return w.room(shape, nil) == nil
}

// place starts what can be started and returns it.
func (w *ward) place() map[batch.AttemptID]*attempt {
	started := map[batch.AttemptID]*attempt{}
	for len(w.queue) > 0 {
		j := w.queue[0]
		if w.never(j.shape) {
			w.queue = w.queue[1:]
			continue
		}
		var held []*attempt
		for _, a := range w.holding {
			held = append(held, a)
		}
		a := w.room(j.shape, held)
		if a == nil {
			break
		}
		id := batch.AttemptID{Job: j.id, Number: 1}
		if j.size > 0 {
			id.Job = j.id.Child(j.next)
		}
		if j.next++; j.next >= j.size {
			w.queue = w.queue[1:]
		}
		w.holding[id], started[id] = a, a
	}
	return started
}

// drawSite makes a few small hosts and environments.
func drawSite(t *rapid.T) (s site) {
	small := func(label string, most int64) int64 { return rapid.Int64Range(0, most).Draw(t, label) }
	names := []string{"a", "b"}[:rapid.IntRange(1, 2).Draw(t, "environments")]
	for _, name := range names {
		e := environmentOf(name, 500*(1+small("maxCPU", 14)))
		if rapid.Bool().Draw(t, "memory bounded") {
			e.Max.MemoryMiB = 1 + small("maxMemory", 12)
		}
		s.environments = append(s.environments, e)
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "hosts") {
		h := batch.Host{ID: fmt.Sprintf("h%d", i), Kind: batch.EC2, Capacity: batch.Shape{
			MilliCPU: 500 * small("cpu", 8), MemoryMiB: small("memory", 8), GPUs: small("gpus", 2),
		}}
		for _, name := range names {
			if rapid.IntRange(0, 2).Draw(t, "serves") == 0 {
				h.Environments = append(h.Environments, name)
			}
		}
		s.hosts = append(s.hosts, h)
	}
	s.queues = []batch.Queue{queueOf("q", 1, true, rapid.Permutation(names).Draw(t, "order")...)}
	return s
}

// TestPlacementAgreesWithLookingEverywhere holds every placement of the machine against the slow one: the same attempts
// start on the same hosts, the first in order of environments, GPUs and ids that has room, and nothing is ever over what
// it has. The queue is strict, so that nothing else decides.
func TestPlacementAgreesWithLookingEverywhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := &ward{site: drawSite(t), holding: map[batch.AttemptID]*attempt{}}
		m := sched.Load(batch.Snapshot{Environments: w.site.environments, Queues: w.site.queues}, sched.Config{})
		now := time.UnixMilli(1000)
		tell := func(ev sched.Event) {
			if _, err := m.Apply(now, ev); err != nil {
				t.Fatal(err)
			}
		}
		for _, h := range w.site.hosts {
			tell(sched.Reported{Report: batch.HostReady{Host: h}})
		}
		for step := range rapid.IntRange(1, 25).Draw(t, "steps") {
			now = now.Add(time.Second)
			if rapid.IntRange(0, 2).Draw(t, "what") > 0 {
				j := drawJob(t, step)
				w.queue = append(w.queue, &patient{id: j.ID, size: j.Size, shape: j.Given.Definition.Container.Shape})
				tell(j)
			}
			for _, id := range drawEnds(t, w.holding) {
				delete(w.holding, id)
				code := int32(0)
				tell(sched.Reported{Report: batch.AttemptExited{Exit: batch.Exit{Attempt: id, Kind: batch.Exited, StartedAt: batch.At(now), StoppedAt: batch.At(now), Code: &code}}})
			}
			m.Dispatch(now)
			want := w.place()
			for _, o := range m.Take().Orders {
				start, ok := o.(sched.StartAttempt)
				if !ok {
					continue
				}
				a := want[start.Attempt]
				if a == nil || a.host != start.Host || a.environment != start.Environment {
					t.Fatalf("step %d: %s starts in %s on %s; looking everywhere gives %+v", step, start.Attempt, start.Environment, start.Host, a)
				}
				delete(want, start.Attempt)
			}
			for id, a := range want {
				t.Fatalf("step %d: %s does not start; looking everywhere gives %s on %s", step, id, a.environment, a.host)
			}
			w.mustHold(t)
			if err := m.Check(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func drawJob(t *rapid.T, step int) sched.SubmitJob {
	d := &batch.Definition{Name: "d", Revision: 1, Active: true, Runs: true, Container: batch.Container{Image: "i", Shape: batch.Shape{
		MilliCPU: 500 * rapid.Int64Range(1, 5).Draw(t, "cpu"), MemoryMiB: rapid.Int64Range(0, 5).Draw(t, "memory"),
		GPUs: max(0, rapid.Int64Range(-2, 2).Draw(t, "gpus")),
	}}}
	size := rapid.Int32Range(-3, 6).Draw(t, "size")
	if size < batch.MinArraySize {
		size = 0
	}
	return sched.SubmitJob{Request: submit.Request{ID: batch.JobID(fmt.Sprintf("j%d", step)), Name: "j", Queue: "q", Definition: d.Ref(), Size: size}, Given: sched.Given{Definition: d}}
}

// drawEnds chooses some of the attempts that run.
func drawEnds(t *rapid.T, holding map[batch.AttemptID]*attempt) (ends []batch.AttemptID) {
	all := make([]batch.AttemptID, 0, len(holding))
	for id := range holding {
		all = append(all, id)
	}
	slices.SortFunc(all, func(a, b batch.AttemptID) int { return cmp.Compare(a.String(), b.String()) })
	for _, id := range all {
		if rapid.IntRange(0, 3).Draw(t, "ends") == 0 {
			ends = append(ends, id)
		}
	}
	return ends
}

// mustHold looks whether anything holds more than it has.
func (w *ward) mustHold(t *rapid.T) {
	var held []*attempt
	for _, a := range w.holding {
		held = append(held, a)
	}
	for _, h := range w.site.hosts {
		if free := w.site.hostFree(h, held); !(batch.Shape{}).Fits(free) {
			t.Fatalf("host %s of %v is over by %v", h.ID, h.Capacity, free)
		}
	}
	for _, e := range w.site.environments {
		if free := w.site.environmentFree(e, held); !(batch.Shape{}).Fits(free) {
			t.Fatalf("environment %s of %v is over by %v", e.Name, e.Max, free)
		}
	}
}
