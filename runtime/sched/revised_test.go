package sched_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// updateEnvironment is an update of the compute environment with that name, as rows have it, by change.
func updateEnvironment(rows *batch.Rows, name string, change func(*batch.Environment)) sched.UpdateEnvironment {
	e := rows.Environments[name]
	e.Name = name
	change(&e)
	return sched.UpdateEnvironment{Environment: e}
}

// updateQueue is an update of the job queue with that name, as rows have it, by change.
func updateQueue(rows *batch.Rows, name string, change func(*batch.Queue)) sched.UpdateQueue {
	q := batch.Queue{Name: name}
	for _, row := range rows.LiveQueues() {
		if row.Name == name {
			q = row
		}
	}
	change(&q)
	return sched.UpdateQueue{Queue: q}
}

// updatePolicy is an update of the scheduling policy with that name, as rows have it, by change.
func updatePolicy(rows *batch.Rows, name string, change func(*batch.Policy)) sched.UpdatePolicy {
	p := rows.Policies[name]
	p.Name = name
	change(&p)
	return sched.UpdatePolicy{Policy: p}
}

// TestAnUpdateOfAnotherRevisionIsStale: of two updates that were made from the same row, the second is refused and changes nothing. So is one of
// an environment that was deleted and made again meanwhile.
func TestAnUpdateOfAnotherRevisionIsStale(t *testing.T) {
	s := newScene(t)
	larger := s.updated(func(e *batch.Environment) { e.Max.MilliCPU = 8000 })
	disabled := s.updated(func(e *batch.Environment) { e.State = batch.Disabled })
	s.do(larger)
	if _, err := s.m.Apply(s.now, disabled); !errors.Is(err, batch.ErrStale) {
		t.Errorf("the second update of a revision: %v", err)
	}
	if e := s.rows.Environments["e"]; e.Revision != 2 || e.State != batch.Enabled || e.Max.MilliCPU != 8000 {
		t.Errorf("the environment is %+v", e)
	}

	alone := batch.Environment{Name: "alone", UUID: "first", Kind: batch.Local, State: batch.Disabled}
	s.do(sched.CreateEnvironment{Environment: alone})
	late := updateEnvironment(&s.rows, "alone", func(e *batch.Environment) { e.State = batch.Enabled })
	s.do(sched.DeleteEnvironment{Name: "alone"})
	alone.UUID = "second"
	s.do(sched.CreateEnvironment{Environment: alone})
	if _, err := s.m.Apply(s.now, late); !errors.Is(err, batch.ErrStale) {
		t.Errorf("the update of an environment that was made again: %v", err)
	}
}

// TestOfTwoUpdatesOfAQueueTheSecondIsStale: see TestAnUpdateOfAnotherRevisionIsStale.
func TestOfTwoUpdatesOfAQueueTheSecondIsStale(t *testing.T) {
	s := newScene(t)
	first := updateQueue(&s.rows, "q", func(q *batch.Queue) { q.Priority = 7 })
	second := updateQueue(&s.rows, "q", func(q *batch.Queue) { q.State = batch.Disabled })
	s.do(first)
	if _, err := s.m.Apply(s.now, second); !errors.Is(err, batch.ErrStale) {
		t.Errorf("the second update of a revision: %v", err)
	}
	s.do(updateQueue(&s.rows, "q", func(q *batch.Queue) { q.State = batch.Disabled }))
	if row := s.rows.Queues["q"]; row.Revision != 3 || row.Priority != 7 || row.State != batch.Disabled {
		t.Errorf("the queue is %+v", row)
	}
	late := updateQueue(&s.rows, "q", func(q *batch.Queue) { q.State = batch.Enabled })
	s.do(sched.DeleteQueue{Name: "q"})
	again := batch.Queue{Name: "q", UUID: "again", Revision: 3, Environments: []batch.EnvironmentOrder{{Order: 1, Environment: "e"}}}
	s.do(sched.CreateQueue{Queue: again})
	if _, err := s.m.Apply(s.now, late); !errors.Is(err, batch.ErrStale) {
		t.Errorf("the update of a queue that was made again: %v", err)
	}
}

// TestTheTypeOfAQueueFollowsFromItsEnvironments: whatever the environments of a queue were when the client looked at them, the machine decides by
// what they are when the queue is made or changed.
func TestTheTypeOfAQueueFollowsFromItsEnvironments(t *testing.T) {
	s := newScene(t)
	create := func(name string, kind batch.Kind) {
		s.do(sched.CreateEnvironment{Environment: batch.Environment{Name: name, UUID: name + string(kind), Kind: kind, State: batch.Disabled}})
	}
	over := func(name string, kind batch.QueueType, environments ...string) sched.CreateQueue {
		q := batch.Queue{Name: name, UUID: name, Type: kind}
		for i, e := range environments {
			q.Environments = append(q.Environments, batch.EnvironmentOrder{Order: int32(i), Environment: e})
		}
		return sched.CreateQueue{Queue: q}
	}
	refused := func(c sched.Command, want string) {
		t.Helper()
		if _, err := s.m.Apply(s.now, c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", c, err, want)
		}
	}
	is := func(name string, want batch.QueueType) {
		t.Helper()
		if got := s.rows.Queues[name].Type; got != want {
			t.Errorf("queue %s is of type %q, want %q", name, got, want)
		}
	}
	create("cloud", batch.EC2)
	asEC2, asAny := over("asked", batch.QueueECS, "cloud", "e"), over("any", "", "cloud")
	s.do(sched.DeleteEnvironment{Name: "cloud"})
	refused(asEC2, "compute environment cloud does not exist")
	create("cloud", batch.Fargate)
	refused(asEC2, `jobQueueType: given "ECS"; allowed is ECS_FARGATE over these compute environments, or nothing`)
	s.do(asAny)
	is("any", batch.QueueFargate)

	s.do(over("here", "", "e"))
	is("here", batch.QueueECS)
	s.do(over("wanted", batch.QueueFargate, "e"))
	is("wanted", batch.QueueFargate)
	create("other", batch.Spot)
	s.do(updateQueue(&s.rows, "wanted", func(q *batch.Queue) { q.Priority = 1 }))
	is("wanted", batch.QueueFargate)
	s.do(updateQueue(&s.rows, "wanted", func(q *batch.Queue) { q.Environments = []batch.EnvironmentOrder{{Environment: "other"}} }))
	is("wanted", batch.QueueECS)
	refused(updateQueue(&s.rows, "wanted", func(q *batch.Queue) {
		q.Environments = []batch.EnvironmentOrder{{Order: 1, Environment: "other"}, {Order: 2, Environment: "cloud"}}
	}), "mixes Fargate with EC2")
}
