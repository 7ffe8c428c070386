package sim

import (
	"slices"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/why"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// TestPlantedFeatureBugs grades the nets of shares, gangs, consumable resources, gates and places: every bug has to be caught,
// and by the law that is made for it.
func TestPlantedFeatureBugs(t *testing.T) {
	gradeByLaw(t, plantedFeatureBugs, 1, plantedWithin, func(tell teller) []telling { return []telling{tell.alone, tell.pair} })
}

var plantedFeatureBugs = map[string]plantedBug{
	"a gang is placed without its last node": {"gang", func() *tamper {
		return &tamper{onRound: func(r *sched.Round) {
			for _, gang := range slices.Clone(r.Delta.Jobs) {
				if gang.Nodes != nil && gang.Status == batch.Starting {
					left := gang.ID.Node((gang.Nodes.Main + 1) % gang.Nodes.Count)
					r.Delta.Jobs = slices.DeleteFunc(r.Delta.Jobs, func(j batch.Job) bool { return j.ID == left })
				}
			}
		}}
	}},
	"a node is let start before the main one runs": {"order", func() *tamper {
		return &tamper{onRound: func(r *sched.Round) {
			for _, j := range r.Delta.Jobs {
				if j.Run != nil && j.Run.Held {
					r.Orders = append(r.Orders, sched.StartAttempt{Attempt: j.AttemptID(), Host: j.Run.Host, Environment: j.Run.Environment})
				}
			}
		}}
	}},
	"nodes go on when the main one has ended": {"stop", func() *tamper {
		return &tamper{onRound: func(r *sched.Round) {
			r.Orders = slices.DeleteFunc(r.Orders, func(o sched.Order) bool {
				stop, ok := o.(sched.StopAttempt)
				_, _, isNode := stop.Attempt.Job.SplitNode()
				return ok && isNode
			})
		}}
	}},
	"one child more than may be is live": {"concurrency", func() *tamper {
		return &tamper{onEvent: onSubmits(func(c *sched.SubmitJob) {
			if c.MaxConcurrency > 0 {
				c.MaxConcurrency++
			}
		})}
	}},
	"what an attempt took that never ran is not given back": {"consumable", func() *tamper {
		return &tamper{onDelta: func(d *batch.Delta) {
			never := slices.ContainsFunc(d.Attempts, func(a batch.Attempt) bool { return a.StartedAt == 0 })
			for i := range d.Consumables {
				if c := &d.Consumables[i]; never && !c.Replenishable && c.Total > 0 {
					c.Total--
				}
			}
		}}
	}},
	"consumable resources are not looked at": {"consumable", func() *tamper {
		needs := map[batch.JobID][]batch.Need{}
		return &tamper{
			onEvent: onSubmits(func(c *sched.SubmitJob) {
				if c.Given.Definition == nil || c.Given.Definition.Nodes != nil {
					return
				}
				needs[c.ID] = c.Given.Definition.Needs
				if c.Consumables != nil {
					needs[c.ID] = c.Consumables
				}
				c.Consumables = []batch.Need{}
			}),
			onDelta: func(d *batch.Delta) {
				for i := range d.Jobs {
					if wanted := needs[d.Jobs[i].ID]; len(wanted) > 0 {
						d.Jobs[i].Needs = wanted
					}
				}
			},
		}
	}},
	"an update that is repeated counts again": {"consumable", func() *tamper {
		return &tamper{onEvent: func(ev sched.Event) sched.Event {
			if c, ok := ev.(sched.UpdateConsumable); ok && c.Operation == sched.AddTotal {
				c.Quantity++
				return c
			}
			return ev
		}}
	}},
	"past use is never forgotten": {"shares", func() *tamper {
		used := map[batch.InQueue]int64{}
		return &tamper{onDelta: func(d *batch.Delta) {
			for i := range d.Shares {
				row := &d.Shares[i]
				name := batch.InQueue{Queue: row.QueueID, Name: row.Share}
				row.Usage = max(row.Usage, used[name])
				used[name] = row.Usage
			}
		}}
	}},
	"a share is forgotten while it counts": {"shares", func() *tamper {
		return &tamper{onDelta: func(d *batch.Delta) {
			for i := range d.Shares {
				d.Shares[i].Deleted = d.Shares[i].Usage > 0
			}
		}}
	}},
	"use of a share is not written": {"shares", func() *tamper {
		rounds := 0
		return &tamper{onDelta: func(d *batch.Delta) {
			if rounds++; rounds%5 == 0 {
				d.Shares = nil
			}
		}}
	}},
	"a retry counts attempts anew": {"attempts", func() *tamper {
		return &tamper{onDelta: func(d *batch.Delta) {
			for i := range d.Jobs {
				if j := &d.Jobs[i]; j.AttemptsBefore > 0 && j.Run == nil {
					j.Attempt, j.AttemptsBefore = j.Attempt-j.AttemptsBefore, 0
				}
			}
		}}
	}},
	"N_TO_N lets go whatever the outcome": {"dependencies", func() *tamper { return kindTaken(batch.DependNToN, batch.DependAfterAny) }},
	"SEQUENTIAL lets all children go":     {"dependencies", func() *tamper { return kindTaken(batch.DependSequential, "") }},
	"AFTER_FAILED is taken for AFTER_ANY": {"dependencies", func() *tamper { return kindTaken(batch.DependAfterFailed, batch.DependAfterAny) }},
	"AFTER_ANY is taken for success":      {"reason", func() *tamper { return kindTaken(batch.DependAfterAny, batch.DependOnSuccess) }},
	"the vCPUs of a host elsewhere are not counted": {"host limit", func() *tamper {
		real := map[string]batch.Shape{}
		enlarge := func(h *batch.Host) {
			if h.Kind != batch.Local {
				real[h.ID] = h.Capacity
				h.Capacity.MilliCPU = unbounded
			}
		}
		return &tamper{
			onEvent: func(ev sched.Event) sched.Event {
				switch ev := ev.(type) {
				case sched.Reported:
					if ready, ok := ev.Report.(batch.HostReady); ok {
						enlarge(&ready.Host)
						return sched.Reported{Report: ready}
					}
				case sched.Census:
					ev.Hosts = slices.Clone(ev.Hosts)
					for i := range ev.Hosts {
						enlarge(&ev.Hosts[i])
					}
					return ev
				default:
				}
				return ev
			},
			onDelta: func(d *batch.Delta) {
				for i := range d.Hosts {
					if shape, ok := real[d.Hosts[i].ID]; ok {
						d.Hosts[i].Capacity = shape
					}
				}
			},
		}
	}},
	"a strict queue lets others pass": {"strict", func() *tamper {
		strict := map[string]bool{}
		return &tamper{
			shut: []string{"load"},
			onEvent: func(ev sched.Event) sched.Event {
				switch c := ev.(type) {
				case sched.CreateQueue:
					strict[c.Queue.Name], c.Queue.Strict = c.Queue.Strict, false
					return c
				case sched.UpdateQueue:
					strict[c.Queue.Name], c.Queue.Strict = c.Queue.Strict, false
					return c
				default:
				}
				return ev
			},
			onDelta: func(d *batch.Delta) {
				for i := range d.Queues {
					d.Queues[i].Strict = strict[d.Queues[i].Name]
				}
			},
		}
	}},
	"nothing is backfilled": {"idle", func() *tamper {
		return &tamper{
			shut: []string{"load"},
			onEvent: func(ev sched.Event) sched.Event {
				switch c := ev.(type) {
				case sched.CreateQueue:
					c.Queue.Strict = true
					return c
				case sched.UpdateQueue:
					c.Queue.Strict = true
					return c
				default:
				}
				return ev
			},
			onDelta: func(d *batch.Delta) {
				for i := range d.Queues {
					d.Queues[i].Strict = false
				}
			},
		}
	}},
	"long work is backfilled as if it were short": {"delay", func() *tamper { return takenForShort(true) }},
	"an attempt is expected to run as another":    {"expected", func() *tamper { return takenForShort(false) }},
	"a question ends what it asks about": {"question", func() *tamper {
		return &tamper{onQuestion: func(m *sched.Machine, now time.Time, q sched.Query) (any, error) {
			answer, err := m.Answer(now, q)
			if asked, ok := q.(sched.ExplainJob); ok {
				_, _ = m.Apply(now, sched.TerminateJob{ID: asked.ID, Reason: "asked"})
			}
			return answer, err
		}}
	}},
	"a question changes what rows do not say": {"load", func() *tamper {
		queues := map[string]batch.Queue{} // as they were written last
		return &tamper{
			shut: []string{"question"},
			onDelta: func(d *batch.Delta) {
				for _, q := range d.Queues {
					queues[q.Name] = q
				}
			},
			onQuestion: func(m *sched.Machine, now time.Time, q sched.Query) (any, error) {
				if front, ok := q.(sched.QueueFront); ok {
					raised := queues[front.Queue]
					raised.Priority = 99
					_, _ = m.Apply(now, sched.UpdateQueue{Queue: raised})
					_ = m.Take()
				}
				return m.Answer(now, q)
			},
		}
	}},
	"a question finds nothing and falls": {"panic", func() *tamper {
		return &tamper{onQuestion: func(m *sched.Machine, now time.Time, q sched.Query) (any, error) {
			answer, err := m.Answer(now, q)
			if x, ok := answer.(sched.Explanation); ok && x.Code == why.MaxConcurrency {
				panic("index out of range")
			}
			return answer, err
		}}
	}},
	"an ended child is explained": {"answer", func() *tamper {
		return &tamper{onQuestion: func(m *sched.Machine, now time.Time, q sched.Query) (any, error) {
			answer, err := m.Answer(now, q)
			if asked, ok := q.(sched.ExplainJob); ok && err != nil {
				return sched.Explanation{Job: asked.ID, Status: batch.Failed, Code: why.Busy, Sentence: "It waits."}, nil
			}
			return answer, err
		}}
	}},
	"a plan takes what is refused": {"plan", func() *tamper {
		return &tamper{onQuestion: func(m *sched.Machine, now time.Time, q sched.Query) (any, error) {
			if asked, ok := q.(sched.PlanJob); ok {
				asked.Submit.Share = ""
				q = asked
			}
			return m.Answer(now, q)
		}}
	}},
	"a time limit is read too short": {"time limit", func() *tamper {
		return limitsRead(func(l *batch.TimeLimit) { l.After /= 2 })
	}},
	"a time limit is read too long": {"time limit", func() *tamper {
		return limitsRead(func(l *batch.TimeLimit) { l.After *= 2 })
	}},
	"a time limit is for any reason": {"time limit", func() *tamper {
		return limitsRead(func(l *batch.TimeLimit) { l.Reason = "" })
	}},
	"a timeout is read too long": {"timeout", func() *tamper {
		return &tamper{shut: []string{"expected", "load"}, onEvent: onSubmits(func(c *sched.SubmitJob) {
			if c.Timeout != nil {
				longer := 3 * *c.Timeout
				c.Timeout = &longer
			}
		})}
	}},
	"a history counts failures": {"history", func() *tamper {
		return &tamper{onDelta: func(d *batch.Delta) {
			for i := range d.Histories {
				d.Histories[i].MeanMillis *= 2
			}
		}}
	}},
}
