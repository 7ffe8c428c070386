package sim

import (
	"fmt"
	"maps"
	"strings"
)

// shorten leaves steps and faults out of a story for as long as it still breaks the same law, and returns what is left
// as text.
func shorten(tell telling, broken *world) string {
	s := shrinker{tell: tell, law: broken.failure.Law, best: broken, cut: cut{steps: map[string]bool{}, faults: map[string]bool{}}}
	all := len(broken.labels())
	for before := -1; before != s.size(); {
		before = s.size()
		s.leaveOut(s.best.labels(), func(c *cut) map[string]bool { return c.steps })
		s.leaveOut(s.best.faults.fired, func(c *cut) map[string]bool { return c.faults })
	}
	s.cut.told = true
	last := tell(s.cut)
	return last.scenario(all, storyTail)
}

// shrinker looks for a shorter story that breaks the same law.
type shrinker struct {
	tell  telling
	law   string
	best  *world
	cut   cut
	plays int
}

func (s *shrinker) size() int { return len(s.best.labels()) + len(s.best.faults.fired) }

// leaveOut tries to do without names: halves first, then ever smaller parts.
func (s *shrinker) leaveOut(names []string, set func(*cut) map[string]bool) {
	for part := max(len(names)/2, 1); part > 0; part /= 2 {
		var kept []string
		for from := 0; from < len(names); from += part {
			some := names[from:min(from+part, len(names))]
			if !s.without(some, set) {
				kept = append(kept, some...)
			}
		}
		names = kept
	}
}

// without reports whether the law is still broken when some are left out too.
func (s *shrinker) without(some []string, set func(*cut) map[string]bool) bool {
	if s.plays >= maxShrinkPlays {
		return false
	}
	s.plays++
	c := cut{steps: maps.Clone(s.cut.steps), faults: maps.Clone(s.cut.faults)}
	for _, name := range some {
		set(&c)[name] = true
	}
	w := s.tell(c)
	if w == nil || w.failure == nil || w.failure.Law != s.law {
		return false
	}
	s.best, s.cut = w, c
	return true
}

// labels are the steps of a story.
func (w *world) labels() []string {
	var labels []string
	for _, script := range w.plan.scripts {
		for _, s := range script {
			if !w.plan.dropped[s.label] {
				labels = append(labels, s.label)
			}
		}
	}
	return labels
}

// scenario is a story as text: its steps, its faults, and the last lines of what was said.
func (w *world) scenario(all, tail int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "story of seed %d, kind users: %t, %d of %d steps, host %v\n", w.plan.seed, w.plan.kind, len(w.labels()), all, w.plan.host.Capacity)
	for i, script := range w.plan.scripts {
		for _, s := range script {
			if !w.plan.dropped[s.label] {
				fmt.Fprintf(&b, "  user %d, from %s: %s\n", i, std(s.at), s.text)
			}
		}
	}
	for _, name := range w.faults.fired {
		fmt.Fprintf(&b, "  fault %s\n", name)
	}
	lines := w.story.lines
	if n := len(lines) - tail; n > 0 {
		fmt.Fprintf(&b, "  (%d lines left out)\n", n)
		lines = lines[n:]
	}
	for _, line := range lines {
		b.WriteString(line + "\n")
	}
	return b.String()
}
