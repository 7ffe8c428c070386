package sched_test

import (
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/why"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

func (s *scene) plan(c sched.SubmitJob) sched.Plan {
	s.t.Helper()
	answer, err := s.m.Answer(s.now, sched.PlanJob{Submit: c})
	if err != nil {
		s.t.Fatalf("plan %s: %v", c.ID, err)
	}
	p, ok := answer.(sched.Plan)
	if !ok {
		s.t.Fatalf("plan %s was answered with %T", c.ID, answer)
	}
	return p
}

// TestAPlanWaitsForWhatJobsWaitFor: what keeps a job from being placed although its environment has room keeps a submission like it, too.
func TestAPlanWaitsForWhatJobsWaitFor(t *testing.T) {
	like := map[why.Code]sched.SubmitJob{
		why.Invalid: job("p", "q"), why.NoHost: job("p", "q"), why.HostFault: job("p", "q"),
		why.ShareReservation: job("p", "f", share("one")),
		why.Consumable: job("p", "q", func(c *sched.SubmitJob) {
			c.Consumables = []batch.Need{{Resource: "licence", Quantity: 2}}
		}),
	}
	for code, submit := range like {
		t.Run(string(code), func(t *testing.T) {
			s := newScene(t)
			causes[code](s)
			before := s.m.Dump()
			p := s.plan(submit)
			if p.Code != code || p.Waits != p.Runs || p.ExpectedStart != 0 || p.Sentence == "" {
				t.Errorf("code %s, %d of %d wait, start %d (%s), want code %s and no start", p.Code, p.Waits, p.Runs, p.ExpectedStart, p.Sentence, code)
			}
			if s.m.Dump() != before {
				t.Error("the question changed the machine")
			}
		})
	}
}

// TestAPlanCountsItsShare: what a policy reserves is what it would reserve once the submission is there, and not what it reserved when
// work of the queue was placed last. A share with a submission is active, so half of two vCPUs is not reserved.
func TestAPlanCountsItsShare(t *testing.T) {
	s := newScene(t)
	s.fair(50)
	s.submit(job("a", "f", share("one"))) // holds all that one share may
	s.started("a")
	s.exited("a", time.Minute)
	s.submit(job("b", "q", vcpus(2))) // holds the whole environment
	for name, pause := range map[string]time.Duration{"at once": 0, "when what the share has used is forgotten": 30 * 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			s.now = s.now.Add(pause)
			before := s.m.Dump()
			for _, identifier := range []string{"one", "new"} {
				if p := s.plan(job("p", "f", share(identifier))); p.Code != why.Busy {
					t.Errorf("a submission of share %s waits for %s (%s), want %s", identifier, p.Code, p.Sentence, why.Busy)
				}
			}
			if s.m.Dump() != before {
				t.Error("the question changed the machine")
			}
		})
	}
}

// TestAPlanStartsAsManyAsMay: the environment has room for two.
func TestAPlanStartsAsManyAsMay(t *testing.T) {
	licence := func(c *sched.SubmitJob) { c.Consumables = []batch.Need{{Resource: "licence", Quantity: 1}} }
	for name, submit := range map[string]sched.SubmitJob{
		"one finds the consumable resource that it needs": job("p", "q", size(5), licence),
		"the policy reserves the room of the other":       job("p", "f", size(5), share("one")),
		"maxConcurrency is one":                           job("p", "q", size(5), func(c *sched.SubmitJob) { c.MaxConcurrency = 1 }),
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.fair(50)
			s.do(sched.CreateConsumable{Consumable: batch.Consumable{Name: "licence", Total: 1, Replenishable: true}})
			if p := s.plan(submit); p.Runs != 5 || p.Waits != 4 || p.ExpectedEnd.Sub(batch.At(s.now)) != minutes(5) {
				t.Errorf("%d of %d wait, the last ends at %d; want 4 of 5, in 5 minutes", p.Waits, p.Runs, p.ExpectedEnd)
			}
			s.submit(submit)
			if running := s.m.View().Attempts; running != 1 {
				t.Errorf("%d were started", running)
			}
		})
	}
}

// TestAPlanKnowsWhoseTurnItIs: of two shares, the one that has had less goes first, whether or not anything of it waits.
func TestAPlanKnowsWhoseTurnItIs(t *testing.T) {
	for name, c := range map[string]struct {
		waiting, planned string
		want             why.Code
	}{
		"a new share goes first":                {waiting: "one", planned: "new", want: why.Busy},
		"a share with use goes after a new one": {waiting: "two", planned: "one", want: why.FairShare},
		"work goes after that of its own share": {waiting: "one", planned: "one", want: why.QueueOrder},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.fair(0)
			s.submit(job("a", "f", share("one"), vcpus(2)), job("b", "f", share(c.waiting)))
			if p := s.plan(job("p", "f", share(c.planned))); p.Code != c.want {
				t.Errorf("it waits for %s (%s), want %s", p.Code, p.Sentence, c.want)
			}
			s.submit(job("p", "f", share(c.planned)))
			if x := s.explain("p"); x.Code != c.want {
				t.Errorf("once submitted, it waits for %s (%s), want %s", x.Code, x.Sentence, c.want)
			}
		})
	}
}
