package sim

// Stats is what a number of stories came to.
type Stats struct {
	Stories int
	Steps   int
	Rounds  int
	Jobs    int // submissions and children that had a row
	Runs    int // attempts that really ran
	Waited  int // attempts that waited for a place in a lane
	Recalls int // attempts that were taken back before they ran
	Faults  [faultKinds]int
}

// Add adds t to s.
func (s *Stats) Add(t Stats) {
	s.Stories += t.Stories
	s.Steps += t.Steps
	s.Rounds += t.Rounds
	s.Jobs += t.Jobs
	s.Runs += t.Runs
	s.Waited += t.Waited
	s.Recalls += t.Recalls
	for kind := range s.Faults {
		s.Faults[kind] += t.Faults[kind]
	}
}

func (w *world) stats() Stats {
	s := Stats{Stories: 1, Steps: w.steps, Rounds: w.engine.rounds, Jobs: len(w.store.Jobs), Faults: w.faults.tally, Waited: w.waited, Recalls: w.recalled}
	for _, t := range w.truth {
		s.Runs += t.begun
	}
	return s
}

// Run plays the story of a seed twice, and for some seeds a pair of kind stories of which one has crashes. It returns
// the first law that was broken, with the shortest story found that breaks it; nil if none was.
func Run(seed uint64) (Stats, *Failure) { return run(seed, nil) }

// run is Run with a planted bug.
func run(seed uint64, plant func() *tamper) (stats Stats, failure *Failure) {
	teller := teller{seed: seed, plant: plant, stats: &stats}
	for _, tell := range teller.stories() {
		if w := tell(cut{}); w != nil && w.failure != nil {
			w.failure.Scenario = shorten(tell, w)
			return stats, w.failure
		}
	}
	return stats, nil
}

// cut says what is left out of a story, and whether it is told in words.
type cut struct {
	steps, faults map[string]bool
	told          bool
}

// telling tells a story and returns the world in which a law was broken, or another in which none was.
type telling func(cut) *world

// teller tells the stories of a seed.
type teller struct {
	seed  uint64
	plant func() *tamper
	stats *Stats
}

// stories are all that are told of a seed.
func (t teller) stories() []telling {
	return []telling{t.alone, t.shared, t.unfitNow, t.straysNow, t.launchesNow, t.accountsNow, t.pair}
}

// play plays a story; change is applied before it begins.
func (t teller) play(c cut, kind bool, change func(*world)) *world {
	return t.playPlan(c, newPlan(t.seed, kind, false), change)
}

func (t teller) playPlan(c cut, p *plan, change func(*world)) *world {
	p.dropped, p.muted = c.steps, c.faults
	var planted *tamper
	if t.plant != nil {
		planted = t.plant()
	}
	w := newWorld(p, planted)
	w.story.told = c.told
	change(w)
	w.play()
	t.stats.Add(w.stats())
	return w
}

// alone tells the story of the seed.
func (t teller) alone(c cut) *world { return t.twice(c, false, func(*world) {}) }

// unfit tells the story of the seed with machines that refuse starts, every other one with shared work.
func (t teller) unfit(c cut) *world { return t.twice(c, t.seed%2 == 0, (*world).makeUnfit) }

// unfitNow is unfit for some seeds.
func (t teller) unfitNow(c cut) *world {
	if t.seed%unfitEvery > 1 {
		return nil
	}
	return t.unfit(c)
}

// strays tells the story of the seed with strays, every other one with shared work.
func (t teller) strays(c cut) *world { return t.twice(c, t.seed%2 == 0, (*world).makeStrays) }

// straysNow is strays for some seeds: others than those of unfitNow.
func (t teller) straysNow(c cut) *world {
	if at := t.seed % straysEvery; at != 2 && at != 3 {
		return nil
	}
	return t.strays(c)
}

// launches tells the story of the seed with hosts that are launched, every other one with shared work.
func (t teller) launches(c cut) *world { return t.twice(c, t.seed%2 == 0, (*world).makeLaunches) }

// launchesNow is launches for some seeds: others than those of unfitNow and straysNow.
func (t teller) launchesNow(c cut) *world {
	if at := t.seed % launchesEvery; at != 4 && at != 5 {
		return nil
	}
	return t.launches(c)
}

// accounts tells the story of the seed with environments that are provisioned, every other one with shared work.
func (t teller) accounts(c cut) *world { return t.twice(c, t.seed%2 == 0, (*world).makeAccounts) }

// accountsNow is accounts for some seeds.
func (t teller) accountsNow(c cut) *world {
	if t.seed%accountsEvery != 1 {
		return nil
	}
	return t.accounts(c)
}

// twice tells a story, and tells it again with nobody looking.
func (t teller) twice(c cut, shared bool, change func(*world)) *world {
	first := t.playPlan(c, newPlan(t.seed, false, shared), change)
	if first.failure != nil {
		return first
	}
	second := t.playPlan(c, newPlan(t.seed, false, shared), func(w *world) {
		change(w)
		w.laws.blind = true
	})
	if a, b := first.story.sum(), second.story.sum(); a != b || second.failure != nil {
		first.broken("same story", "the same seed told two stories, %s and %s", a, b)
	}
	return first
}

// shared tells a story of the seed in which users share work.
func (t teller) shared(c cut) *world {
	if t.seed%sharedEvery != 0 {
		return nil
	}
	return t.playPlan(c, newPlan(t.seed, false, true), func(*world) {})
}

// pair tells two kind stories, one in which the process keeps dying and one in which it does not.
func (t teller) pair(c cut) *world {
	if t.seed%pairEvery != 0 {
		return nil
	}
	without := t.play(c, true, func(w *world) { w.faults.rates, w.story.deaf = rates{}, true })
	if without.failure != nil {
		return without
	}
	with := t.play(c, true, func(w *world) { w.faults.rates, w.story.deaf = crashRates(), true })
	if a, b := without.ending(), with.ending(); with.failure == nil && a != b {
		with.broken("same ending", "it ends differently than without crashes\n%s", difference(b, a))
	}
	return with
}
