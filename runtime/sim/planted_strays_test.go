package sim

import (
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// plantedStraysWithin is how many seeds it may take to catch a planted bug that shows only where processes are left behind.
const plantedStraysWithin = 300

// TestPlantedStrayBugs grades the nets in stories of strays: every bug has to be caught, by the law that is made for it.
func TestPlantedStrayBugs(t *testing.T) {
	gradeByLaw(t, plantedStrays, 1, plantedStraysWithin, func(tell teller) []telling { return []telling{tell.strays} })
}

// plantedStrays are mistakes about processes that attempts leave behind, of holders and of the scheduler.
var plantedStrays = map[string]plantedBug{
	"an end is reported before what is left has gone": {"outlives", func() *tamper {
		return &tamper{holder: careless{endsEarly: true}}
	}},
	"a place is given away when its attempt is told to stop": {"capacity", func() *tamper {
		return &tamper{holder: careless{freesAtStop: true}}
	}},
	"a directory is used again in which something hides": {"foreign result", func() *tamper {
		return &tamper{holder: careless{reuses: true}}
	}},
	"what hides is not ended when nothing runs": {"left over", func() *tamper {
		return &tamper{holder: careless{leavesHidden: true}}
	}},
	"an attempt fails for what it has left": {"oracle", func() *tamper {
		return &tamper{holder: careless{blames: true}}
	}},
	"what was killed and does not go is waited for": {"held up", func() *tamper {
		return &tamper{holder: careless{waitsForEver: true}}
	}},
	"what a dead holder has left goes on": {"outlives", func() *tamper {
		return &tamper{holder: careless{forgets: true}}
	}},
	"losses are reported before what a dead holder has left is gone": {"outlives", func() *tamper {
		return &tamper{holder: careless{hurries: true}}
	}},
	"the directories of a dead holder are used again": {"foreign result", func() *tamper {
		return &tamper{holder: careless{namesAgain: true}}
	}},
	"what was told to stop is taken for ended": {"outlives", func() *tamper {
		told := map[batch.AttemptID]bool{}
		return &tamper{
			shut: []string{"oracle", "load"},
			onRound: func(r *sched.Round) {
				for _, o := range r.Orders {
					if stop, ok := o.(sched.StopAttempt); ok && !stop.Recall {
						told[stop.Attempt] = true
					}
				}
			},
			onEvent: func(ev sched.Event) sched.Event {
				c, ok := ev.(sched.Census)
				if !ok {
					return ev
				}
				var running []batch.AttemptStarted
				for _, s := range c.Running {
					if told[s.Attempt] {
						c.Ended = append(c.Ended, batch.Exit{Attempt: s.Attempt, Kind: batch.Lost, StartedAt: s.At, StoppedAt: c.AsOf})
						continue
					}
					running = append(running, s)
				}
				c.Running = running
				return c
			},
		}
	}},
}
