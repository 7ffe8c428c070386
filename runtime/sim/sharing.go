package sim

import (
	"fmt"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// In a story of sharing, users submit overlapping work with reuse, claim and adopt it, and give it up. The dice of these are
// thrown in such stories alone.

// sharedNames are how many names submissions that adopt have between them.
const sharedNames = 2

// share makes a submission one that shares work, often of the same content as one of those before it.
func (p *plan) share(s *submission, earlier []submission) {
	c, key := &s.command, s.label
	if len(earlier) > 0 && s.nodes == 0 && p.dice.chance(400, "is the same", key) {
		s.like(earlier[p.dice.between(0, int64(len(earlier))-1, "same as", key)])
	}
	c.Body = fmt.Appendf(nil, `{"label":%q}`, key)
	if c.Reuse = p.dice.chance(850, "shares", key); !c.Reuse {
		return
	}
	if p.dice.chance(150, "bound", key) {
		c.Readable = []string{c.Queue}
	}
	if p.dice.chance(600, "claims", key) {
		c.Claim = claimOf(key)
		c.Name = fmt.Sprintf("shared-%d", p.dice.between(1, sharedNames, "shared name", key))
		c.Adopt = p.dice.chance(700, "adopts", key)
	}
}

// like gives s the content of another submission, unless that is a multi-node job.
func (s *submission) like(other submission) {
	if other.nodes > 0 {
		return
	}
	c, from := &s.command, other.command
	s.size, s.dependsOn = other.size, other.dependsOn
	c.Definition, c.Size, c.Points, c.Parameters, c.Overrides = from.Definition, from.Size, from.Points, from.Parameters, from.Overrides
	c.MaxConcurrency = 0
}

func claimOf(label string) string { return "claim-" + label }

// hold makes steps that keep, renew and give up claims.
func (p *plan) hold(name string, at micros, submitted []submission) (script []step) {
	for i := range p.dice.between(1, 6, "claim steps", name) {
		key := fmt.Sprintf("%s-c%d", name, i)
		at += p.gap(key) + p.gap(key+"+")
		s := p.holding(key, submitted)
		s.at = at
		script = append(script, s)
	}
	return script
}

func (p *plan) holding(key string, submitted []submission) step {
	label := submitted[p.dice.between(0, int64(len(submitted))-1, "holds which", key)].label
	claim := claimOf(label)
	if p.dice.chance(150, "another's claim", key) {
		claim = claimOf(key)
	}
	on := func(what string, command func(batch.JobID) sched.Command) step {
		return step{label: key, text: fmt.Sprintf("%s %s of %s", what, claim, label), command: func(u *user, _ batch.JobID) sched.Command {
			id, ok := target{label: label, child: -1}.of(u)
			if !ok {
				id = "unknown"
			}
			return command(id)
		}}
	}
	switch p.dice.between(0, 5, "holding", key) {
	case 0:
		return on("keep", func(id batch.JobID) sched.Command { return sched.ClaimJob{ID: id, Claim: claim} })
	case 1, 2:
		seconds := time.Duration(p.dice.between(1, 4, "renews for", key)) * time.Second
		return on("renew for "+seconds.String(), func(id batch.JobID) sched.Command {
			return sched.ClaimJob{ID: id, Claim: claim, For: seconds}
		})
	case 3:
		return on("give up", func(id batch.JobID) sched.Command { return sched.ReleaseJob{ID: id, Claim: claim} })
	default:
		return on("give up and end", func(id batch.JobID) sched.Command {
			return sched.ReleaseJob{ID: id, Claim: claim, End: true, Reason: "released by " + key}
		})
	}
}
