package sim

import (
	"slices"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// limitsRead has the time limits of queues read otherwise than they were given; the store does not know.
func limitsRead(change func(*batch.TimeLimit)) *tamper {
	given := map[string][]batch.TimeLimit{}
	read := func(queue string, limits []batch.TimeLimit) []batch.TimeLimit {
		given[queue] = limits
		taken := slices.Clone(limits)
		for i := range taken {
			change(&taken[i])
		}
		return taken
	}
	return &tamper{
		shut: []string{"load"},
		onEvent: func(ev sched.Event) sched.Event {
			switch c := ev.(type) {
			case sched.CreateQueue:
				c.Queue.TimeLimits = read(c.Queue.Name, c.Queue.TimeLimits)
				return c
			case sched.UpdateQueue:
				c.Queue.TimeLimits = read(c.Queue.Name, c.Queue.TimeLimits)
				return c
			default:
			}
			return ev
		},
		onDelta: func(d *batch.Delta) {
			for i := range d.Queues {
				d.Queues[i].TimeLimits = given[d.Queues[i].Name]
			}
		},
	}
}

// writesEndsAgain has each round write again which attempts had ended in the round before.
func writesEndsAgain() *tamper {
	var before []batch.Attempt
	return &tamper{onDelta: func(d *batch.Delta) {
		ended := d.Attempts
		d.Attempts = slices.Concat(ended, before)
		before = ended
	}}
}

// kindTaken has every dependency of one kind taken for one of another; "" leaves it out.
func kindTaken(of, as batch.DependencyKind) *tamper {
	return &tamper{onEvent: onSubmits(func(c *sched.SubmitJob) {
		var taken []batch.Dependency
		for _, d := range c.DependsOn {
			if d.Kind == of {
				if d.Kind == batch.DependSequential {
					continue
				}
				d.Kind = as
			}
			taken = append(taken, d)
		}
		c.DependsOn = taken
	})}
}

// takenForShort has every job expected to run as long as those of the shortest class; hidden tells the store otherwise.
func takenForShort(hidden bool) *tamper {
	names := map[batch.JobID]string{}
	return &tamper{
		shut: []string{"load", "history"},
		onEvent: onSubmits(func(c *sched.SubmitJob) {
			if c.Given.Definition != nil && c.Timeout == nil && c.Given.Definition.Timeout == 0 {
				names[c.ID] = c.Given.Definition.Name
				short := *c.Given.Definition
				short.Name = classes[0].name
				c.Given.Definition = &short
			}
		}),
		onDelta: func(d *batch.Delta) {
			d.Histories = nil
			for i := range d.Specs {
				if name, ok := names[d.Specs[i].Job]; ok {
					d.Specs[i].Definition.Name = name
				}
			}
			for i := range d.Jobs {
				j := &d.Jobs[i]
				name, ok := names[j.ID.Root()]
				if !ok {
					continue
				}
				j.Definition.Name = name
				if hidden && j.Run != nil {
					j.Run.Expected = 10 * time.Minute // as of a job without history
				}
			}
		},
	}
}
