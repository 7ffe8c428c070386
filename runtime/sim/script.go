package sim

import (
	"fmt"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/submit"
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
	if p.kind {
		return script
	}
	if p.sharing {
		script = append(script, p.hold(name, at, submitted)...)
		at = script[len(script)-1].at
	}
	for i := range p.dice.between(0, 4, "retries", name) {
		key := fmt.Sprintf("%s-r%d", name, i)
		at += p.gap(key) + p.gap(key+"+")
		s := p.retry(key, submitted)
		s.at = at
		script = append(script, s)
	}
	return script
}

// retry runs again what has failed of a submission.
func (p *plan) retry(key string, submitted []submission) step {
	t := target{label: submitted[p.dice.between(0, int64(len(submitted))-1, "retries which", key)].label, child: -1}
	return step{label: key, text: "retry " + t.label, command: func(u *user, _ batch.JobID) sched.Command {
		id, ok := t.of(u)
		if !ok {
			id = "unknown"
		}
		return sched.RetryJob{ID: id}
	}}
}

// submission is a job as a user wants it.
type submission struct {
	label     string
	size      int32
	nodes     int32 // at least that many, of a multi-node job
	dependsOn []dependency
	command   sched.SubmitJob // all but what follows from the answers to earlier steps
}

// submission plans a job; earlier is what it may depend on.
func (p *plan) submission(key string, earlier []submission) submission {
	class := p.classes[p.dice.between(0, int64(len(p.classes))-1, "class", key)].name
	s := submission{label: key, command: sched.SubmitJob{
		Request: submit.Request{
			Name: key, Queue: p.queues[p.dice.between(0, int64(len(p.queues))-1, "queue", key)],
			Definition: batch.DefinitionRef{Name: class}, Token: "token-" + key, Body: []byte(`{}`),
		},
	}}
	p.shareOf(&s)
	if class == gangClass.name {
		s.nodes = 2
		p.overrideNodes(&s.command, key)
	} else {
		p.shapeArray(&s, class, earlier)
		p.overrides(&s.command, key)
	}
	if len(earlier) > 0 && p.dice.chance(350, "depends", key) {
		p.depend(&s, earlier)
	}
	c := &s.command
	if p.dice.chance(300, "own retry", key) {
		c.Retry = &batch.Retry{Attempts: int32(p.dice.between(1, 4, "own attempts", key))}
	}
	c.FailOnResultError = p.dice.chance(100, "fails on result error", key)
	if p.dice.chance(100, "tags", key) {
		c.Tags = map[string]string{"job": key}
	}
	if !p.kind {
		p.temper(c, key)
	}
	if p.sharing {
		p.share(&s, earlier)
	}
	return s
}

// overrides changes what attempts of a single job or array ask for.
func (p *plan) overrides(c *sched.SubmitJob, key string) {
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
	if len(p.consumables) > 0 && p.dice.chance(250, "own needs", key) {
		c.Consumables = p.needs(key)
	}
}

// shareOf gives a submission its share and its priority.
func (p *plan) shareOf(s *submission) {
	c, key := &s.command, s.label
	if p.policyOf(c.Queue) != "" {
		c.Share = shares[p.dice.between(0, int64(len(shares))-1, "share", key)]
	}
	if !p.kind && p.dice.chance(20, "wrong share", key) {
		c.Share = "wrong"
	}
	if p.dice.chance(200, "own priority", key) {
		priority := int32(p.dice.between(0, 5, "own priority number", key))
		c.Priority = &priority
	}
}

// depend picks what s waits for.
func (p *plan) depend(s *submission, earlier []submission) {
	for i := range p.dice.between(1, 4, "dependencies", s.label) {
		key := fmt.Sprintf("%s on %d", s.label, i)
		kind := batch.DependOnSuccess
		switch p.dice.between(0, 7, "dependency kind", key) {
		case 0, 1:
			kind = batch.DependAfterAny
		case 2:
			kind = batch.DependAfterFailed
		}
		s.dependsOn = append(s.dependsOn, dependency{p.pick(key, earlier), kind})
		if kind == batch.DependAfterFailed && p.kind { // which of several reasons to fail comes first depends on time
			s.dependsOn = s.dependsOn[len(s.dependsOn)-1:]
			return
		}
	}
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
func (p *plan) shapeArray(s *submission, class string, earlier []submission) {
	key := s.label
	large := int64(12)
	if p.dice.chance(300, "large", key) {
		large = 24
		if class == "tiny" || class == "short" {
			large = 140
		}
	}
	kind := p.dice.between(0, 9, "kind", key)
	size := int32(p.dice.between(2, large, "size", key))
	if other := p.pickArray(key, earlier); other != nil && kind <= 5 && p.dice.chance(400, "n to n", key) {
		size = other.size
		s.dependsOn = append(s.dependsOn, dependency{target{label: other.label, child: -1}, batch.DependNToN})
	} else if kind <= 5 && p.dice.chance(150, "sequential", key) {
		size = min(size, 20)
		s.dependsOn = append(s.dependsOn, dependency{kind: batch.DependSequential})
	}
	switch kind {
	case 0, 1, 2, 3:
		s.size, s.command.Size = size, size
	case 4, 5:
		s.size = size
		for i := range s.size {
			// Few different values, so that jobs have content in common.
			s.command.Points = append(s.command.Points, map[string]string{"p": fmt.Sprint(p.dice.between(0, 5, "offset", key) + int64(i))})
		}
	default:
		s.command.Parameters = map[string]string{"p": fmt.Sprint(p.dice.between(0, 5, "parameter", key))}
	}
	if s.size > 0 && p.dice.chance(250, "max concurrency", key) {
		s.command.MaxConcurrency = int32(p.dice.between(1, 5, "concurrency", key))
	}
}

// pickArray names one of the arrays; nil if there is none.
func (p *plan) pickArray(key string, from []submission) *submission {
	var arrays []submission
	for _, s := range from {
		if s.size > 1 {
			arrays = append(arrays, s)
		}
	}
	if len(arrays) == 0 {
		return nil
	}
	return &arrays[p.dice.between(0, int64(len(arrays))-1, "pick array", key)]
}

// pick names one of the submissions, or a child of it.
func (p *plan) pick(key string, from []submission) target {
	s := from[p.dice.between(0, int64(len(from))-1, "pick", key)]
	if s.size > 0 && p.dice.chance(400, "pick child", key) {
		return target{label: s.label, child: int32(p.dice.between(0, int64(s.size)-1, "child", key))}
	}
	return target{label: s.label, child: -1}
}

// step submits s, with what it depends on as far as that was accepted.
func (s submission) step() step {
	text := fmt.Sprintf("submit %s to %s of %s size=%d points=%d retry=%v timeout=%v reuse=%t cpus=%v share=%s priority=%v concurrency=%d needs=%v nodes=%v after %v",
		s.label, s.command.Queue, s.command.Definition, s.command.Size, len(s.command.Points), shown(s.command.Retry), shown(s.command.Timeout),
		s.command.Reuse, shown(s.command.Overrides.MilliCPU), s.command.Share, shown(s.command.Priority), s.command.MaxConcurrency,
		s.command.Consumables, shown(s.command.Nodes.Count), s.dependsOn)
	return step{label: s.label, text: text, asks: s.label, command: func(u *user, id batch.JobID) sched.Command {
		c := s.command
		c.ID = id
		for _, d := range s.dependsOn {
			if on, ok := d.on.of(u); ok || d.kind == batch.DependSequential {
				c.DependsOn = append(c.DependsOn, batch.Dependency{Job: on, Kind: d.kind})
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
	for _, s := range submitted {
		if s.label == t.label && s.nodes > 0 && p.dice.chance(300, "a node", key) {
			t.child, t.node = int32(p.dice.between(0, int64(s.nodes)-1, "node", key)), true
		}
	}
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
	switch p.dice.between(0, 7, "treatment", key) {
	case 0, 1:
		return onJob("cancel", func(id batch.JobID) sched.Command { return sched.CancelJob{ID: id, Reason: "cancelled by " + key} })
	case 2, 3:
		return onJob("terminate", func(id batch.JobID) sched.Command { return sched.TerminateJob{ID: id, Reason: "terminated by " + key} })
	case 4:
		return onJob("tag", func(id batch.JobID) sched.Command {
			return sched.SetTags{Resource: batch.ResourceJob + "/" + string(id), Set: map[string]string{"by": key}, Remove: []string{"job"}}
		})
	case 5, 6:
		return p.retry(key, submitted)
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
