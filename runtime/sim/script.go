package sim

import (
	"fmt"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// user makes the script of somebody who submits jobs and does things to them.
func (p *plan) user(name string) []step {
	var script []step
	var submitted []submission
	at := micros(0)
	for i := range p.dice.between(3, 11, "steps", name) {
		key := fmt.Sprintf("%s-%02d", name, i)
		at += p.gap(key)
		var s step
		if len(submitted) == 0 || p.kind || p.dice.chance(700, "submits", key) {
			next := p.submission(key, submitted)
			submitted = append(submitted, next)
			s = next.step()
		} else {
			s = p.treatment(key, submitted)
		}
		s.at = at
		script = append(script, s)
	}
	return script
}

// submission is a job as a user wants it.
type submission struct {
	label     string
	size      int32
	dependsOn []target
	command   sched.SubmitJob // all but what follows from the answers to earlier steps
}

// submission plans a job; earlier is what it may depend on.
func (p *plan) submission(key string, earlier []submission) submission {
	class := classes[p.dice.between(0, int64(len(classes))-1, "class", key)].name
	s := submission{label: key, command: sched.SubmitJob{
		Name: key, Queue: p.queues[p.dice.between(0, int64(len(p.queues))-1, "queue", key)],
		Definition: batch.DefinitionRef{Name: class}, Token: "token-" + key, Body: []byte(`{}`),
	}}
	p.shapeArray(&s, class)
	if len(earlier) > 0 && p.dice.chance(350, "depends", key) {
		for i := range p.dice.between(1, 4, "dependencies", key) {
			s.dependsOn = append(s.dependsOn, p.pick(fmt.Sprintf("%s on %d", key, i), earlier))
		}
	}
	c := &s.command
	if p.dice.chance(300, "own retry", key) {
		c.Retry = &batch.Retry{Attempts: int32(p.dice.between(1, 4, "own attempts", key))}
	}
	if p.dice.chance(250, "own cpus", key) {
		cpus := p.dice.between(1, 12, "own cpus number", key) * 250
		c.Overrides.MilliCPU = &cpus
	}
	if p.dice.chance(60, "own memory", key) {
		memory := p.dice.between(1, 6, "own memory number", key) * 1024
		if p.kind { // what no host can hold is ended in the end, whenever that is
			memory = min(memory, p.host.Capacity.MemoryMiB)
		}
		c.Overrides.MemoryMiB = &memory
	}
	if p.dice.chance(40, "gpu", key) && !(p.kind && p.host.Capacity.GPUs == 0) {
		gpus := int64(1)
		c.Overrides.GPUs = &gpus
	}
	if p.dice.chance(100, "tags", key) {
		c.Tags = map[string]string{"job": key}
	}
	if !p.kind {
		p.temper(c, key)
	}
	return s
}

// temper adds what makes the outcome depend on time or on what other jobs did.
func (p *plan) temper(c *sched.SubmitJob, key string) {
	if p.dice.chance(200, "reuse", key) {
		c.Reuse = true
	}
	if p.dice.chance(100, "own timeout", key) {
		timeout := time.Duration(p.dice.between(10, 3000, "own timeout length", key)) * time.Millisecond
		c.Timeout = &timeout
	}
	if p.dice.chance(20, "nowhere", key) {
		c.Queue = "nowhere"
	}
}

// shapeArray makes s an array, or leaves it single.
func (p *plan) shapeArray(s *submission, class string) {
	key := s.label
	large := int64(12)
	if p.dice.chance(300, "large", key) {
		large = 24
		if class == "tiny" || class == "short" {
			large = 140
		}
	}
	switch p.dice.between(0, 9, "kind", key) {
	case 0, 1, 2, 3:
		s.size = int32(p.dice.between(2, large, "size", key))
		s.command.Size = s.size
	case 4, 5:
		s.size = int32(p.dice.between(1, large, "points", key))
		for i := range s.size {
			// Few different values, so that jobs have content in common.
			s.command.Points = append(s.command.Points, map[string]string{"p": fmt.Sprint(p.dice.between(0, 5, "offset", key) + int64(i))})
		}
	default:
		s.command.Parameters = map[string]string{"p": fmt.Sprint(p.dice.between(0, 5, "parameter", key))}
	}
}

// pick names one of the submissions, or a child of it.
func (p *plan) pick(key string, from []submission) target {
	s := from[p.dice.between(0, int64(len(from))-1, "pick", key)]
	if s.size > 0 && p.dice.chance(400, "pick child", key) {
		return target{s.label, int32(p.dice.between(0, int64(s.size)-1, "child", key))}
	}
	return target{s.label, -1}
}

// step submits s, with what it depends on as far as that was accepted.
func (s submission) step() step {
	text := fmt.Sprintf("submit %s to %s of %s size=%d points=%d retry=%v timeout=%v reuse=%t cpus=%v after %v", s.label, s.command.Queue,
		s.command.Definition, s.command.Size, len(s.command.Points), shown(s.command.Retry), shown(s.command.Timeout), s.command.Reuse,
		shown(s.command.Overrides.MilliCPU), s.dependsOn)
	return step{label: s.label, text: text, asks: s.label, command: func(u *user, id batch.JobID) sched.Command {
		c := s.command
		c.ID = id
		for _, t := range s.dependsOn {
			if on, ok := t.of(u); ok {
				c.DependsOn = append(c.DependsOn, batch.Dependency{Job: on})
			}
		}
		return c
	}}
}

func shown[T any](value *T) any {
	if value == nil {
		return "-"
	}
	return *value
}

// treatment is what a user does to a job submitted before.
func (p *plan) treatment(key string, submitted []submission) step {
	t := p.pick(key, submitted)
	name := fmt.Sprintf("%s/%d", t.label, t.child)
	onJob := func(what string, make func(batch.JobID) sched.Command) step {
		return step{label: key, text: what + " " + name, command: func(u *user, _ batch.JobID) sched.Command {
			id, ok := t.of(u)
			if !ok {
				id = "unknown"
			}
			return make(id)
		}}
	}
	switch p.dice.between(0, 5, "treatment", key) {
	case 0, 1:
		return onJob("cancel", func(id batch.JobID) sched.Command { return sched.CancelJob{ID: id, Reason: "cancelled by " + key} })
	case 2, 3:
		return onJob("terminate", func(id batch.JobID) sched.Command { return sched.TerminateJob{ID: id, Reason: "terminated by " + key} })
	case 4:
		return onJob("tag", func(id batch.JobID) sched.Command {
			return sched.SetTags{Resource: batch.ResourceJob + "/" + string(id), Set: map[string]string{"by": key}, Remove: []string{"job"}}
		})
	default:
		for _, s := range submitted {
			if s.label == t.label {
				again := s.step()
				again.label, again.text = key, "again: "+again.text
				return again
			}
		}
		panic("sim: the picked submission is not there")
	}
}
