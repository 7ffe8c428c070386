package sim

// Stats is what a number of stories came to.
type Stats struct {
	Stories int
	Steps   int
	Rounds  int
	Jobs    int // submissions and children that had a row
	Runs    int // attempts that really ran
	Faults  [faultKinds]int
}

// Add adds t to s.
func (s *Stats) Add(t Stats) {
	s.Stories += t.Stories
	s.Steps += t.Steps
	s.Rounds += t.Rounds
	s.Jobs += t.Jobs
	s.Runs += t.Runs
	for kind := range s.Faults {
		s.Faults[kind] += t.Faults[kind]
	}
}

func (w *World) stats() Stats {
	s := Stats{Stories: 1, Steps: w.steps, Rounds: w.engine.rounds, Jobs: len(w.store.jobs), Faults: w.faults.tally}
	for _, t := range w.host.truth {
		s.Runs += t.begun
	}
	return s
}

// Run plays the story of a seed twice, and for some seeds a pair of kind stories of which one has crashes. It returns
// the first law that was broken; nil if none was.
func Run(seed uint64) (Stats, *Failure) {
	var stats Stats
	first := playOnce(newPlan(seed, false), nil, &stats)
	if first.failure != nil {
		return stats, first.failure
	}
	second := playOnce(newPlan(seed, false), nil, &stats)
	if a, b := first.story.sum(), second.story.sum(); a != b || second.failure != nil {
		first.broken("same story", "the same seed told two stories, %s and %s", a, b)
		return stats, first.failure
	}
	if seed%pairEvery != 0 {
		return stats, nil
	}
	kind, crashing := newPlan(seed, true), newPlan(seed, true)
	kind.rates, crashing.rates = rates{}, crashRates()
	without := playOnce(kind, nil, &stats)
	if without.failure != nil {
		return stats, without.failure
	}
	with := playOnce(crashing, nil, &stats)
	if with.failure != nil {
		return stats, with.failure
	}
	if a, b := without.ending(), with.ending(); a != b {
		with.broken("same ending", "with crashes it ends differently\n%s", difference(a, b))
	}
	return stats, with.failure
}

func playOnce(p *plan, t *tamper, stats *Stats) *World {
	w := newWorld(p, t)
	w.play()
	stats.Add(w.stats())
	return w
}
