package sched_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/submit"
)

// tangle is a machine whose head is a multi-node job that is hard to find no place for: each kind of node would find one
// alone. Its hosts have 7 of 8 vCPUs free, and what runs ends in an hour.
func tangle(t testing.TB, hosts int32) (m *sched.Machine, now time.Time, gang sched.SubmitJob) {
	t.Helper()
	s := batch.Snapshot{Environments: []batch.Environment{environmentOf("e", 1<<30)}, Queues: []batch.Queue{queueOf("q", 1, false, "e")}}
	for i := range hosts {
		s.Hosts = append(s.Hosts, batch.Host{ID: fmt.Sprintf("h%03d", i), Kind: s.Environments[0].Kind, Capacity: batch.Shape{MilliCPU: 8000, MemoryMiB: 8000}, Environments: []string{"e"}, Ready: true})
	}
	m, now = sched.Load(s, sched.Config{}), time.UnixMilli(1_000_000)
	give := func(c sched.SubmitJob) {
		if _, err := m.Apply(now, c); err != nil {
			t.Fatal(err)
		}
	}
	hour := time.Hour
	definition := func(shape batch.Shape, nodes *batch.DefinitionNodes) *batch.Definition {
		return &batch.Definition{Name: "d", Revision: 1, Active: true, Runs: true, Container: batch.Container{Shape: shape}, Nodes: nodes}
	}
	wide := definition(batch.Shape{MilliCPU: 1000, MemoryMiB: 6000}, nil)
	give(sched.SubmitJob{Request: submit.Request{ID: "wide", Name: "wide", Queue: "q", Definition: wide.Ref(), Size: hosts, Timeout: &hour}, Given: sched.Given{Definition: wide}})
	m.Dispatch(now)
	m.Take()
	nodes := &batch.DefinitionNodes{Count: 2 * hosts, Open: -1, Ranges: []batch.NodeContainer{
		{From: 0, To: hosts - 1, Container: batch.Container{Shape: batch.Shape{MilliCPU: 5000, MemoryMiB: 1000}}},
		{From: hosts, To: 2*hosts - 1, Container: batch.Container{Shape: batch.Shape{MilliCPU: 3000, MemoryMiB: 1000}}},
	}}
	d := definition(batch.Shape{}, nodes)
	gang = sched.SubmitJob{Request: submit.Request{ID: "gang", Name: "gang", Queue: "q", Definition: d.Ref(), Timeout: &hour}, Given: sched.Given{Definition: d}}
	give(gang)
	m.Dispatch(now)
	m.Take()
	return m, now, gang
}

// BenchmarkGangIdle is a round in which nothing has changed, with a multi-node job at the head of a queue.
func BenchmarkGangIdle(b *testing.B) {
	m, now, _ := tangle(b, 40)
	for b.Loop() {
		m.Dispatch(now)
		m.Take()
	}
}

// BenchmarkGangPlan plans another such job.
func BenchmarkGangPlan(b *testing.B) {
	m, now, gang := tangle(b, 40)
	gang.ID = "next"
	for b.Loop() {
		if _, err := m.Answer(now, sched.PlanJob{Submit: gang}); err != nil {
			b.Fatal(err)
		}
	}
}

// TestGangForecastIsBounded: where the places of multi-node jobs are hard to find, a plan estimates instead of trying on.
func TestGangForecastIsBounded(t *testing.T) {
	for hosts, estimated := range map[int32]bool{4: false, 400: true} {
		m, now, gang := tangle(t, hosts)
		gang.ID = "next"
		answer, err := m.Answer(now, sched.PlanJob{Submit: gang})
		if err != nil {
			t.Fatal(err)
		}
		plan, _ := answer.(sched.Plan)
		if got := strings.Contains(plan.Basis, "at the rate at which"); got != estimated || plan.ExpectedStart <= batch.At(now) {
			t.Errorf("beside %d hosts it starts at %d (now it is %d), %s", hosts, plan.ExpectedStart, batch.At(now), plan.Basis)
		}
	}
}
