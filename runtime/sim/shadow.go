package sim

import (
	"cmp"
	"slices"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place"
)

// shadow is the books of hosts, environments and consumable resources as the rows have them, made anew each time: the slow
// twin of what the machine keeps. It can let attempts end as they are expected to.
type shadow struct {
	l       *laws
	at      batch.Time
	used    map[string]batch.Shape // by environment
	onHost  map[string]batch.Shape
	taken   map[string]int64 // replenishable resources
	held    map[string]int64 // milliCPU by queue UUID
	live    []expected
	without map[batch.JobID]bool
}

// expected is a live attempt and when it is expected to end.
type expected struct {
	row, top *batch.Job
	shape    batch.Shape
	end      batch.Time
}

// shadowOf makes the books of all live attempts but some.
func (l *laws) shadowOf(open []*batch.Job, at batch.Time, without map[batch.JobID]bool) *shadow {
	s := &shadow{l: l, at: at, used: map[string]batch.Shape{}, onHost: map[string]batch.Shape{}, taken: map[string]int64{}, held: map[string]int64{}, without: without}
	for _, row := range open {
		if row.Run == nil || row.Run.Ahead || row.Nodes != nil {
			continue
		}
		top := l.w.store.Jobs[row.ID.Root()]
		if without[row.ID] || without[row.ID.Root()] {
			s.untake(row, top)
			continue
		}
		s.add(row, top, 1)
		s.live = append(s.live, expected{row, top, shapeOf(top, row.ID), s.endOf(row.Run)})
	}
	slices.SortStableFunc(s.live, func(a, b expected) int { return cmp.Compare(a.end, b.end) })
	return s
}

// endOf is when an attempt is expected to end; one that is late is expected to go on for as long again.
func (s *shadow) endOf(run *batch.Run) batch.Time {
	end := run.Began().Add(run.Expected)
	for lasts := max(run.Expected, time.Millisecond); end <= s.at; lasts *= 2 {
		end = run.Began().Add(lasts)
	}
	return end
}

// inherits lets an attempt that waits at the driver have the place of the first in its lane that is expected to end.
func (s *shadow) inherits(row *batch.Job) {
	top := s.l.w.store.Jobs[row.ID.Root()]
	for i := range s.live {
		x := &s.live[i]
		same := x.row.Run.Environment == row.Run.Environment && x.row.Run.Host == row.Run.Host && x.shape == shapeOf(top, row.ID)
		if same && x.top.InContainer == top.InContainer {
			x.end = x.end.Add(row.Run.Expected)
			break
		}
	}
	slices.SortStableFunc(s.live, func(a, b expected) int { return cmp.Compare(a.end, b.end) })
}

func (s *shadow) add(row, top *batch.Job, sign int64) {
	shape := shapeOf(top, row.ID)
	shape = batch.Shape{MilliCPU: sign * shape.MilliCPU, MemoryMiB: sign * shape.MemoryMiB, GPUs: sign * shape.GPUs}
	s.used[row.Run.Environment] = s.used[row.Run.Environment].Plus(shape)
	s.onHost[row.Run.Host] = s.onHost[row.Run.Host].Plus(shape)
	s.held[top.QueueID] += shape.MilliCPU
	for _, need := range needsOf(top, row.ID) {
		if s.l.w.store.Consumables[need.Resource].Replenishable {
			s.taken[need.Resource] += sign * need.Quantity
		}
	}
}

// untake gives back what an attempt has used up.
func (s *shadow) untake(row, top *batch.Job) {
	for _, need := range needsOf(top, row.ID) {
		if !s.l.w.store.Consumables[need.Resource].Replenishable {
			s.taken[need.Resource] -= need.Quantity
		}
	}
}

// needsOf is what an attempt of a job takes of consumable resources.
func needsOf(top *batch.Job, id batch.JobID) []batch.Need {
	if _, index, isNode := id.SplitNode(); isNode {
		return top.Nodes.Range(index).Needs
	}
	return top.Needs
}

// wants is what a submission, or one child of an array, takes at once.
func wants(top *batch.Job) map[string]int64 {
	all := map[string]int64{}
	for _, need := range top.Needs {
		all[need.Resource] += need.Quantity
	}
	if top.Nodes != nil {
		for _, r := range top.Nodes.Ranges {
			for _, need := range r.Needs {
				all[need.Resource] += need.Quantity * int64(r.To-r.From+1)
			}
		}
	}
	return all
}

// available is how much of a resource there is for more attempts; none of one that does not exist.
func (s *shadow) available(resource string) int64 {
	return s.l.w.store.Consumables[resource].Total - s.taken[resource]
}

// pool returns the hosts that an environment places attempts on: those that name it; if none does, those of its kind that
// name nobody.
func (w *world) pool(e batch.Environment) []batch.Host {
	var own, common []batch.Host
	for _, id := range sortedKeys(w.store.Hosts) {
		h := w.store.Hosts[id]
		switch {
		case slices.Contains(h.Environments, e.Name):
			own = append(own, h)
		case len(h.Environments) == 0 && h.Kind == e.Kind:
			common = append(common, h)
		}
	}
	if len(own) > 0 || len(e.Offers) > 0 {
		return own
	}
	return common
}

// rooms are what the hosts of an environment have free.
func (s *shadow) rooms(hosts []batch.Host) *place.Rooms {
	rooms := place.NewRooms(len(hosts))
	for i, h := range hosts {
		if !h.Ready || h.Closing != nil {
			continue
		}
		free := h.Capacity
		if h.Kind == batch.Local {
			free.MilliCPU = unbounded
		}
		rooms.Set(i, free.Minus(s.onHost[h.ID]))
	}
	return rooms
}

// fits reports whether all of a submission, or one child of an array, finds its place in an environment now.
func (s *shadow) fits(top *batch.Job, e batch.Environment) bool {
	demands := demandsOf(top)
	if !e.Open() || place.Fit(place.Total(demands), roomOf(e.Max).Minus(s.used[e.Name])) == 0 {
		return false
	}
	for resource, quantity := range wants(top) {
		if s.available(resource) < quantity {
			return false
		}
	}
	_, ok := place.Pack(demands, s.rooms(s.l.w.pool(e)))
	return ok
}

// fitsSomewhere returns an environment of its queue in which work finds its place now.
func (s *shadow) fitsSomewhere(w *waiting) (batch.Environment, bool) {
	for _, o := range w.queue.Tried() {
		if e := s.l.w.store.Environments[o.Environment]; s.fits(w.top, e) {
			return e, true
		}
	}
	return batch.Environment{}, false
}

// earliest is when work finds its place, if live attempts end as they are expected to and nothing else is started; false if
// it does not even then. The books are used up.
func (s *shadow) earliest(w *waiting) (batch.Time, bool) {
	best, found := batch.Time(0), false
	for _, o := range w.queue.Tried() {
		e := s.l.w.store.Environments[o.Environment]
		if at, ok := s.earliestIn(w, e); ok && (!found || at < best) {
			best, found = at, true
		}
	}
	return best, found
}

func (s *shadow) earliestIn(w *waiting, e batch.Environment) (batch.Time, bool) {
	if !e.Open() {
		return 0, false
	}
	if s.fits(w.top, e) {
		return s.at, true
	}
	var ended []expected
	defer func() {
		for _, x := range ended {
			s.add(x.row, x.top, 1)
		}
	}()
	for _, x := range s.live {
		s.add(x.row, x.top, -1)
		ended = append(ended, x)
		if s.fits(w.top, e) {
			return x.end, true
		}
	}
	return 0, false
}

// lasts is how long an attempt of a submission is expected to run, as the rows say.
func (l *laws) lasts(top *batch.Job) time.Duration {
	if top.Timeout > 0 {
		return top.Timeout
	}
	h := l.w.store.Histories[top.Definition.Name]
	if h.Runs == 0 {
		return 10 * time.Minute
	}
	return time.Duration(max(h.MeanMillis+h.DeviationMillis, 1)) * time.Millisecond
}
