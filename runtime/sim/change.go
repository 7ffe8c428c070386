package sim

import (
	"fmt"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// change is one thing an administrator does to what users use; some take several steps.
func (p *plan) change(key string) []step {
	queue := p.queues[p.dice.between(0, int64(len(p.queues))-1, "which queue", key)]
	environment := p.envs[p.dice.between(0, int64(len(p.envs))-1, "which environment", key)]
	if steps := p.changeFeature(key, queue); steps != nil {
		return steps
	}
	last := int64(11)
	if p.kind {
		last = 4
	}
	switch p.dice.between(0, last, "change", key) {
	case 0, 1:
		return []step{p.resize(key, environment)}
	case 2, 3:
		priority := int32(p.dice.between(0, 3, "new priority", key))
		return []step{updateQueue(key, fmt.Sprintf("update queue %s priority=%d", queue, priority), queue, func(q *batch.Queue) { q.Priority = priority })}
	case 4:
		return []step{reorder(key, queue, p.order(key))}
	case 5, 6:
		return []step{p.enable(key+"-", environment, batch.Disabled), p.enable(key+"+", environment, batch.Enabled)}
	case 7:
		return []step{open(key+"-", queue, batch.Disabled), open(key+"+", queue, batch.Enabled)}
	case 8:
		return p.replaceQueue(key, queue)
	case 9:
		limits := p.timeLimits(key)
		return []step{updateQueue(key, fmt.Sprintf("update queue %s limits=%v", queue, limits), queue, func(q *batch.Queue) { q.TimeLimits = limits })}
	case 10:
		return p.spareEnvironment(key, queue)
	default:
		class := p.classes[p.dice.between(0, int64(len(p.classes))-1, "which class", key)].name
		return []step{p.register(class, false), p.deregister(key, class)}
	}
}

// changeFeature is a change of what only some seeds have; nil if it is to be another.
func (p *plan) changeFeature(key, queue string) []step {
	if len(p.consumables) > 0 && p.dice.chance(250, "change consumable", key) {
		return p.consume(key)
	}
	if len(p.policies) > 0 && p.dice.chance(200, "change policy", key) {
		if p.dice.chance(500, "swap", key) {
			return []step{p.swapPolicy(key, queue)}
		}
		return []step{p.updatePolicy(key)}
	}
	if p.dice.chance(100, "change strict", key) {
		strict := p.dice.chance(400, "becomes strict", key)
		return []step{updateQueue(key, fmt.Sprintf("update queue %s strict=%t", queue, strict), queue, func(q *batch.Queue) { q.Strict = strict })}
	}
	return nil
}

func (p *plan) resize(key, environment string) step {
	cpus := p.dice.between(1, 16, "new cpus", key) * 500
	text := fmt.Sprintf("update environment %s maxvCpus=%d/1000", environment, cpus)
	memory, alsoMemory := int64(0), p.dice.chance(250, "new memory too", key)
	if alsoMemory {
		memory = p.dice.between(0, 4, "new memory", key) * 1024
		text += fmt.Sprintf(" memory=%d", memory)
	}
	return updateEnvironment(key, text, environment, func(e *batch.Environment) {
		e.Max.MilliCPU, e.Body = cpus, []byte(`{"note":"resized"}`)
		if alsoMemory {
			e.Max.MemoryMiB = memory
		}
	})
}

// updateEnvironment is an update of an environment as it is stored, by change.
func updateEnvironment(key, text, name string, change func(*batch.Environment)) step {
	return step{label: key, text: text, update: func(s *store) sched.Command {
		e := s.Environments[name]
		e.Name = name
		change(&e)
		return sched.UpdateEnvironment{Environment: e}
	}}
}

func (p *plan) enable(key, environment string, state batch.State) step {
	text := fmt.Sprintf("update environment %s %s", environment, state)
	return updateEnvironment(key, text, environment, func(e *batch.Environment) { e.State = state })
}

// updateQueue is an update of a queue as it is stored, by change.
func updateQueue(key, text, name string, change func(*batch.Queue)) step {
	return step{label: key, text: text, update: func(s *store) sched.Command {
		q := s.queue(name)
		change(&q)
		return sched.UpdateQueue{Queue: q}
	}}
}

// reorder has a queue use other environments.
func reorder(key, queue string, order []batch.EnvironmentOrder) step {
	return updateQueue(key, fmt.Sprintf("update queue %s over %v", queue, order), queue, func(q *batch.Queue) { q.Environments = order })
}

func open(key, queue string, state batch.State) step {
	return updateQueue(key, fmt.Sprintf("update queue %s %s", queue, state), queue, func(q *batch.Queue) { q.State = state })
}

// replaceQueue deletes a queue with all its jobs and makes another of the same name.
func (p *plan) replaceQueue(key, queue string) []step {
	remove := step{label: key + "x", text: "delete queue " + queue, command: func(*user, batch.JobID) sched.Command {
		return sched.DeleteQueue{Name: queue}
	}}
	return []step{open(key+"-", queue, batch.Disabled), remove, p.createQueue(queue, false), open(key+"+", queue, batch.Enabled)}
}

// spareEnvironment makes an environment, has a queue prefer it for a while, and deletes it, perhaps while it runs something.
func (p *plan) spareEnvironment(key, queue string) []step {
	spare := "spare-" + key
	create := p.createEnvironment(spare)
	create.setup = false
	prefer := append([]batch.EnvironmentOrder{{Order: 0, Environment: spare}}, p.order(key)...)
	return []step{
		create,
		reorder(key+"+", queue, prefer),
		reorder(key+"-", queue, prefer[1:]),
		p.enable(key+"o", spare, batch.Disabled),
		{label: key + "x", text: "delete environment " + spare, command: func(*user, batch.JobID) sched.Command {
			return sched.DeleteEnvironment{Name: spare}
		}},
	}
}

func (p *plan) deregister(key, class string) step {
	ref := batch.DefinitionRef{Name: class, Revision: int32(p.dice.between(1, 2, "revision", key))}
	return step{label: key, text: "deregister " + ref.String(), command: func(*user, batch.JobID) sched.Command {
		return sched.DeregisterDefinition{Ref: ref}
	}}
}
