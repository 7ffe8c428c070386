package sim

import (
	"fmt"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/internal/long"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// plantedWithin is how many seeds it may take to catch a planted bug.
const plantedWithin = 100

// TestPlantedBugs grades the nets: every bug in the table has to be caught.
func TestPlantedBugs(t *testing.T) {
	long.Only(t, "plays each planted bug until it is caught")
	for name, plant := range plantedBugs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(plantedWithin) {
				var stats Stats
				tell := teller{seed: seed + 1, plant: plant, stats: &stats}
				for _, story := range []telling{tell.alone, tell.pair} {
					if w := story(cut{}); w != nil && w.failure != nil {
						t.Logf("seed %d: law %q: %.200s", seed+1, w.failure.Law, w.failure.Detail)
						return
					}
				}
			}
			t.Errorf("not caught within %d seeds", plantedWithin)
		})
	}
}

// plantedBug is a mistake, and the law that catches it.
type plantedBug struct {
	law   string
	plant func() *tamper
}

// gradeByLaw plays each bug in the stories of every step-th seed, up to the seed within, until the law that is made for it catches it.
func gradeByLaw(t *testing.T, bugs map[string]plantedBug, step, within uint64, stories func(teller) []telling) {
	long.Only(t, "plays each planted bug until it is caught")
	for name, bug := range bugs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			others := map[string]int{}
			for seed := step; seed <= within; seed += step {
				for _, tell := range stories(teller{seed: seed, plant: bug.plant, stats: &Stats{}}) {
					w := tell(cut{})
					if w == nil || w.failure == nil {
						continue
					}
					if w.failure.Law == bug.law {
						t.Logf("seed %d: law %q: %.200s", seed, w.failure.Law, w.failure.Detail)
						return
					}
					others[w.failure.Law]++
				}
			}
			t.Errorf("not caught by the law %q within %d seeds; by others: %v", bug.law, within, others)
		})
	}
}

// plantedBugs are mistakes that the nets must never let through. A bug found elsewhere is planted here first.
var plantedBugs = map[string]func() *tamper{
	"the exit of an earlier attempt is accepted": func() *tamper {
		newest := map[batch.JobID]int32{}
		return &tamper{
			onRound: func(r *sched.Round) {
				for _, o := range r.Orders {
					if start, ok := o.(sched.StartAttempt); ok {
						newest[start.Attempt.Job] = start.Attempt.Number
					}
				}
			},
			onEvent: onExits(func(x *batch.Exit) bool {
				x.Attempt.Number = max(x.Attempt.Number, newest[x.Attempt.Job])
				return true
			}),
		}
	},
	"the end of an attempt is written twice": writesEndsAgain,
	"an exit is not seen": func() *tamper {
		return &tamper{onEvent: onExits(func(x *batch.Exit) bool { return len(x.Attempt.Job)%5 != 0 })}
	},
	"orders leave before the commit": func() *tamper {
		return &tamper{before: func(r sched.Round) []sched.Order { return r.Orders }}
	},
	"answers leave before the commit": func() *tamper { return &tamper{answersEarly: true} },
	"an attempt is started again under the next number": func() *tamper {
		return &tamper{onRound: func(r *sched.Round) {
			for _, o := range r.Orders {
				if start, ok := o.(sched.StartAttempt); ok {
					start.Attempt.Number++
					r.Orders = append(r.Orders, start)
					return
				}
			}
		}}
	},
	"an exit is forgotten before the commit": func() *tamper {
		return &tamper{before: func(r sched.Round) (early []sched.Order) {
			for _, o := range r.Orders {
				if forget, ok := o.(sched.ForgetAttempt); ok {
					early = append(early, forget)
				}
			}
			return early
		}}
	},
	"what inherited a place is not started": func() *tamper {
		ahead := map[batch.AttemptID]bool{}
		return &tamper{onRound: func(r *sched.Round) {
			var kept []sched.Order
			for _, o := range r.Orders {
				start, ok := o.(sched.StartAttempt)
				if ok && !start.Ahead && ahead[start.Attempt] {
					continue
				}
				ahead[start.Attempt] = ok && start.Ahead
				kept = append(kept, o)
			}
			r.Orders = kept
		}}
	},
	"one attempt too many": func() *tamper {
		return &tamper{onEvent: onSubmits(func(c *sched.SubmitJob) { c.Retry = &batch.Retry{Attempts: attemptsOf(*c) + 1} })}
	},
	"what waits ahead counts twice": func() *tamper {
		return &tamper{onRound: func(r *sched.Round) {
			for i, o := range r.Orders {
				if start, ok := o.(sched.StartAttempt); ok {
					start.Ahead = false
					r.Orders[i] = start
				}
			}
			for i := range r.Delta.Jobs {
				if run := r.Delta.Jobs[i].Run; run != nil {
					run.Ahead = false
				}
			}
		}}
	},
	"a line of the log is dropped": func() *tamper {
		return &tamper{onDelta: func(d *batch.Delta) {
			if n := len(d.Transitions); n > 2 {
				d.Transitions = d.Transitions[:n-1]
			}
		}}
	},
	"dependencies are not read": func() *tamper {
		return &tamper{onEvent: onSubmits(func(c *sched.SubmitJob) { c.DependsOn = nil })}
	},
	"a job that has ended is written again": func() *tamper {
		var last *batch.Job
		return &tamper{onDelta: func(d *batch.Delta) {
			if last != nil {
				again := *last
				again.StatusReason, last = "again", nil
				d.Jobs = append(d.Jobs, again)
				return
			}
			for _, j := range d.Jobs {
				if j.Status.Terminal() {
					last = &j
				}
			}
		}}
	},
	"a code is misread": func() *tamper {
		return &tamper{onEvent: onExits(func(x *batch.Exit) bool {
			if x.Code != nil {
				zero := int32(0)
				x.Code = &zero
			}
			return true
		})}
	},
	"a row is not written": func() *tamper {
		rounds := 0
		return &tamper{onDelta: func(d *batch.Delta) {
			if rounds++; rounds%7 == 0 && len(d.Jobs) > 0 {
				d.Jobs = d.Jobs[:len(d.Jobs)-1]
			}
		}}
	},
	"the order of a map leaks": func() *tamper {
		leak := map[string]bool{}
		for i := range 40 {
			leak[fmt.Sprint(i)] = true
		}
		return &tamper{onRound: func(r *sched.Round) {
			for text := range leak {
				r.Notes = append(r.Notes, sched.Note{Text: text})
				return
			}
		}}
	},
	"deadlines pass unseen": func() *tamper {
		return &tamper{onRound: func(r *sched.Round) { r.WakeAt = time.Time{} }}
	},
	"another job's result is reused": func() *tamper {
		return &tamper{onEvent: onSubmits(func(c *sched.SubmitJob) {
			last := max(c.Size, int32(len(c.Points))) - 1
			if source, ok := c.Given.Reusable[0]; ok && last > 0 {
				c.Given.Reusable = map[int32]batch.Job{last: source}
			}
		})}
	},
	"a result that was not taken is passed over": func() *tamper {
		return &tamper{onEvent: onExits(func(x *batch.Exit) bool {
			x.ResultError = ""
			return true
		})}
	},
	"a result that was not taken is reused": func() *tamper {
		return &tamper{onDelta: func(d *batch.Delta) {
			for i := range d.Jobs {
				if j := &d.Jobs[i]; j.Status == batch.Succeeded && j.ResultError != "" {
					j.ContentKey = "of nothing"
				}
			}
		}}
	},
	"results that were not taken are not counted": func() *tamper {
		return &tamper{onDelta: func(d *batch.Delta) {
			for i := range d.Jobs {
				if a := d.Jobs[i].Array; a != nil && a.ResultErrors > 0 {
					changed := *a
					changed.ResultErrors--
					d.Jobs[i].Array = &changed
				}
			}
		}}
	},
	"a count drifts": func() *tamper {
		return &tamper{onDelta: func(d *batch.Delta) {
			for _, j := range d.Jobs {
				if j.Array != nil && j.Array.Counts[batch.Running] > 1 {
					j.Array.Counts[batch.Running]--
				}
			}
		}}
	},
	"a recall is taken for an end": func() *tamper {
		return &tamper{onEvent: onExits(func(x *batch.Exit) bool {
			if x.Kind == batch.Recalled {
				zero := int32(0)
				x.Kind, x.Code = batch.Exited, &zero
			}
			return true
		})}
	},
	"a token is not recognised": func() *tamper {
		n := 0
		return &tamper{onEvent: onSubmits(func(c *sched.SubmitJob) {
			n++
			c.Token, c.Given.Existing = fmt.Sprintf("%s %d", c.Token, n), nil
		})}
	},
	"a stop is not given": func() *tamper {
		return &tamper{onRound: func(r *sched.Round) {
			var kept []sched.Order
			for _, o := range r.Orders {
				if _, ok := o.(sched.StopAttempt); !ok {
					kept = append(kept, o)
				}
			}
			r.Orders = kept
		}}
	},
	"a limit is read too large": func() *tamper {
		return &tamper{
			onEvent: func(ev sched.Event) sched.Event {
				if c, ok := ev.(sched.CreateEnvironment); ok {
					c.Environment.Max.MilliCPU += 1000
					return c
				}
				return ev
			},
			onDelta: func(d *batch.Delta) {
				for i := range d.Environments {
					if len(d.Environments[i].Body) == 0 { // never updated
						d.Environments[i].Max.MilliCPU -= 1000
					}
				}
			},
		}
	},
}

// onExits has change falsify every exit the machine is told, by a report or in a census; what it answers false for
// is not told.
func onExits(change func(*batch.Exit) bool) func(sched.Event) sched.Event {
	return func(ev sched.Event) sched.Event {
		switch ev := ev.(type) {
		case sched.Reported:
			exited, ok := ev.Report.(batch.AttemptExited)
			if !ok {
				return ev
			}
			if !change(&exited.Exit) {
				return nil
			}
			return sched.Reported{Report: exited}
		case sched.Census:
			var ended []batch.Exit
			for _, x := range ev.Ended {
				if change(&x) {
					ended = append(ended, x)
				}
			}
			ev.Ended = ended
			return ev
		default:
			return ev
		}
	}
}

// onSubmits has change falsify every submission the machine is told.
func onSubmits(change func(*sched.SubmitJob)) func(sched.Event) sched.Event {
	return func(ev sched.Event) sched.Event {
		if c, ok := ev.(sched.SubmitJob); ok {
			change(&c)
			return c
		}
		return ev
	}
}
