package sim

import (
	"fmt"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// sharingWithin is how many seeds it may take to catch a planted bug of shared work.
const sharingWithin = 300

// TestPlantedSharingBugs grades the nets of joining and claims: every bug has to be caught, by the law that is made for it.
func TestPlantedSharingBugs(t *testing.T) {
	gradeByLaw(t, plantedSharingBugs, sharedEvery, sharingWithin, func(tell teller) []telling { return []telling{tell.shared} })
}

// onCommand has change falsify every command of a kind.
func onCommand[C sched.Event](change func(C) sched.Event) func(sched.Event) sched.Event {
	return func(ev sched.Event) sched.Event {
		if c, ok := ev.(C); ok {
			return change(c)
		}
		return ev
	}
}

var plantedSharingBugs = map[string]plantedBug{
	"what runs for another submission is placed all the same": {"twice", func() *tamper {
		n := 0
		return &tamper{onEvent: onSubmits(func(c *sched.SubmitJob) {
			if n++; len(c.Given.PointKeys) > 0 {
				c.Given.PointKeys = append([]byte{}, c.Given.PointKeys...)
				for i := range c.Given.PointKeys {
					c.Given.PointKeys[i] ^= byte(n)
				}
			}
		})}
	}},
	"all children of an array are taken for one point": {"joined", func() *tamper {
		return &tamper{onEvent: onSubmits(func(c *sched.SubmitJob) {
			for i := batch.PointKeySize; i < len(c.Given.PointKeys); i++ {
				c.Given.PointKeys[i] = c.Given.PointKeys[i-batch.PointKeySize]
			}
		})}
	}},
	"who joined an attempt that failed is left behind": {"joined", func() *tamper {
		joined := map[batch.JobID]batch.JobID{}
		return &tamper{onDelta: func(d *batch.Delta) {
			for i := range d.Jobs {
				j := &d.Jobs[i]
				if j.Joined == "" && j.Status == batch.Runnable {
					j.Joined = joined[j.ID]
				}
				joined[j.ID] = j.Joined
			}
		}}
	}},
	"the result of another attempt is given to who joined": {"reuse", func() *tamper {
		var last batch.AttemptID
		return &tamper{onDelta: func(d *batch.Delta) {
			for i := range d.Jobs {
				j := &d.Jobs[i]
				if j.ReusedFrom != "" && j.Status == batch.Succeeded && last.Number > 0 {
					j.Result = last
				}
				if j.ReusedFrom == "" && j.Result.Number > 0 {
					last = j.Result
				}
			}
		}}
	}},
	"what waits is not told of a result": {"given", func() *tamper {
		return &tamper{onEvent: onExits(func(x *batch.Exit) bool {
			x.BaseKey = fmt.Sprintf("%032d", 0) + x.BaseKey[min(32, len(x.BaseKey)):]
			return true
		}), shut: []string{"reuse"}}
	}},
	"whose results may be read is not asked": {"readable", func() *tamper {
		return &tamper{onEvent: onSubmits(func(c *sched.SubmitJob) { c.Readable = nil }), shut: []string{"joined"}}
	}},
	"a released submission takes along what others wait for": {"released", func() *tamper {
		return &tamper{onEvent: onCommand(func(c sched.ReleaseJob) sched.Event {
			if c.End {
				return sched.TerminateJob{ID: c.ID, Reason: c.Reason}
			}
			return c
		}), shut: []string{"claim"}}
	}},
	"a release ends what others hold": {"claim", func() *tamper {
		return &tamper{onEvent: onCommand(func(c sched.ReleaseJob) sched.Event {
			return sched.TerminateJob{ID: c.ID, Reason: c.Reason}
		})}
	}},
	"a lapse ends the submission": {"claim", func() *tamper {
		return &tamper{onEvent: onCommand(func(c sched.ClaimJob) sched.Event {
			if c.For > 0 {
				return sched.ReleaseJob{ID: c.ID, Claim: c.Claim, End: true}
			}
			return c
		})}
	}},
	"a claim that is kept lapses": {"claim", func() *tamper {
		return &tamper{onEvent: onCommand(func(c sched.ClaimJob) sched.Event {
			if c.For == 0 {
				c.For = time.Second
			}
			return c
		})}
	}},
	"what is adopted is of other content": {"adopted", func() *tamper {
		return &tamper{onEvent: onSubmits(func(c *sched.SubmitJob) { c.Given.Key = "one for all" })}
	}},
}
