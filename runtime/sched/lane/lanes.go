package lane

import (
	"maps"
	"slices"
	"strings"
)

// Lanes are all lanes in which anything is. [New] makes them.
type Lanes[J comparable] struct {
	lanes    map[Key]*Lane[J]
	draining []*Lane[J]
}

// New returns no lanes.
func New[J comparable]() Lanes[J] { return Lanes[J]{lanes: map[Key]*Lane[J]{}} }

// Find returns the lane of a key; nil if nothing is in it.
func (s *Lanes[J]) Find(key Key) *Lane[J] { return s.lanes[key] }

// Make returns the lane of a key, for something to be put into it.
func (s *Lanes[J]) Make(key Key) *Lane[J] {
	l := s.lanes[key]
	if l == nil {
		l = &Lane[J]{Key: key, Name: key.String()}
		s.lanes[key] = l
	}
	return l
}

// Tidy forgets l, and its pace, if nothing is in it.
func (s *Lanes[J]) Tidy(l *Lane[J]) {
	if l.Holding == 0 && len(l.ahead) == 0 {
		delete(s.lanes, l.Key)
	}
}

// Drain has l drained if anything waits there: more may run in it than was decided.
func (s *Lanes[J]) Drain(l *Lane[J]) {
	if was := l.draining; len(l.ahead) > 0 != was {
		l.draining = !was
		if l.draining {
			s.draining = append(s.draining, l)
		}
	}
}

// Draining returns what waits in lanes that are drained, in no order. A lane in which nothing waits any longer is drained no more.
func (s *Lanes[J]) Draining() (waiting []J) {
	still := s.draining[:0]
	for _, l := range s.draining {
		waiting = append(waiting, l.ahead...)
		if l.draining = len(l.ahead) > 0; l.draining {
			still = append(still, l)
		}
	}
	s.draining = still
	return waiting
}

// AheadIn returns what waits for a place in an environment, in no order.
func (s *Lanes[J]) AheadIn(environment string) (waiting []J) {
	for _, l := range s.lanes {
		if l.Key.Environment == environment {
			waiting = append(waiting, l.ahead...)
		}
	}
	return waiting
}

// Sorted returns all lanes by name.
func (s *Lanes[J]) Sorted() []*Lane[J] {
	return slices.SortedFunc(maps.Values(s.lanes), func(a, b *Lane[J]) int { return strings.Compare(a.Name, b.Name) })
}
