package sim

import (
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// launchOrder looks at an order to launch hosts: it names hosts of one group that are committed, and a pool that may be asked.
func (l *laws) launchOrder(o sched.LaunchHosts) {
	for _, id := range o.Hosts {
		row, ok := l.w.store.Hosts[id]
		if !ok || row.Launch == nil || row.Launch.Group != o.Group || int(row.Launch.Count) != o.Count || row.Launch.Offer != o.Offers[0] ||
			!slices.Equal(row.Environments, []string{o.Environment}) {
			l.w.broken("launch order", "host %s of group %s is to be launched as %s for %s, the store has %+v", id, o.Group, o.Offers[0].Type, o.Environment, row)
			return
		}
	}
	at := batch.At(l.w.engine.last)
	closed := func(offer batch.Offer) bool {
		return slices.ContainsFunc(sortedKeys(l.w.store.Environments), func(name string) bool { return at < l.w.cloud.closed[poolOf{name, offer.Pool}] })
	}
	if !slices.ContainsFunc(o.Offers, func(offer batch.Offer) bool { return !closed(offer) }) {
		l.w.broken("closed pool", "group %s is to be launched at %d, all of its pools are closed: %+v", o.Group, at-epoch, o.Offers)
	}
}

// releaseOrder looks at an order to give a host back: nothing runs there.
func (l *laws) releaseOrder(o sched.ReleaseHost) {
	for _, row := range l.w.store.openRows() {
		if row.Run != nil && row.Nodes == nil && row.Run.Host == o.Host {
			l.w.broken("release", "host %s is given back, where attempt %s is live", o.Host, row.AttemptID())
		}
	}
}

// launches looks at the hosts that a turn has ordered: there is work for them that has no host to wait for, and the environment is not
// beyond its maximum without the last of them.
func (l *laws) launches(open []*batch.Job) {
	if l.w.cloud == nil {
		return
	}
	added := map[string][]batch.Host{}
	for _, h := range l.turn.delta.Hosts {
		if h.Launch != nil && h.Launch.Stage == batch.Ordered && h.SeenAt == l.turn.at {
			added[h.Environments[0]] = append(added[h.Environments[0]], h)
		}
	}
	for _, name := range sortedKeys(added) {
		e := l.w.store.Environments[name]
		size, coming := int64(0), int64(0)
		waits, largest := l.mayUse(e, open)
		for _, h := range l.w.store.Hosts {
			if h.Launch == nil || h.Launch.Stage == batch.Gone || !slices.Contains(h.Environments, name) {
				continue
			}
			size += hostSize(h)
			if h.Launch.Stage.Coming() && h.SeenAt != l.turn.at && largest.Fits(h.Launch.Offer.Shape) {
				coming++
			}
		}
		last := added[name][len(added[name])-1]
		switch least := size - hostSize(last); {
		case least >= max(e.Max.MilliCPU, e.MinMilliCPU):
			l.w.broken("launch bound", "environment %s has hosts of %d milliCPU, at most %d are wanted, and %s is ordered", name, least, e.Max.MilliCPU, last.ID)
		case e.Resources != nil && e.Resources.NeverOver && size > max(e.Max.MilliCPU, e.MinMilliCPU):
			l.w.broken("launch bound", "environment %s has hosts of %d milliCPU with %s, which is ordered, and at most %d are wanted", name, size, last.ID, e.Max.MilliCPU)
		case least >= e.MinMilliCPU && coming >= waits:
			l.w.broken("launched twice", "%d attempts wait that may use environment %s, %d hosts are coming for them, and %s is ordered", waits, name, coming, last.ID)
		}
	}
}

// hostSize is how many milliCPU a launched host has.
func hostSize(h batch.Host) int64 {
	if h.Ready {
		return h.Capacity.MilliCPU
	}
	return h.Launch.MostMilliCPU()
}

// mayUse is how many attempts wait that may be placed in e, and the largest of each part that one asks for.
func (l *laws) mayUse(e batch.Environment, open []*batch.Job) (count int64, largest batch.Shape) {
	for _, q := range l.lines(open, nil) {
		if !slices.ContainsFunc(q.queue.Environments, func(o batch.EnvironmentOrder) bool { return o.Environment == e.Name }) {
			continue
		}
		for _, w := range q.work {
			for _, d := range demandsOf(w.top) {
				largest = largest.Max(d.Shape)
			}
			switch {
			case w.top.Nodes != nil:
				count += int64(w.top.Nodes.Count)
			case w.row.Array != nil:
				count += int64(w.row.Array.Counts[batch.Runnable])
			default:
				count++
			}
		}
	}
	return count, largest
}

// keptHosts reports whether launched hosts are there that should have been given back by the end of a story, or that are not what the
// rows say.
func (w *world) keptHosts() bool {
	if w.cloud == nil {
		return false
	}
	size := map[string]int64{}
	for _, h := range w.store.Hosts {
		if h.Launch != nil && h.Launch.Stage != batch.Gone {
			if h.Launch.Stage != batch.Serving {
				return true
			}
			size[h.Environments[0]] += hostSize(h)
		}
	}
	for _, i := range w.cloud.launched {
		row := w.store.Hosts[i.id]
		if i.stage != batch.Gone && (row.Launch == nil || row.Launch.Stage != batch.Serving) {
			return true
		}
	}
	for _, h := range w.store.Hosts {
		if h.Launch == nil || h.Launch.Stage != batch.Serving {
			continue
		}
		name := h.Environments[0]
		if size[name]-hostSize(h) >= w.store.Environments[name].MinMilliCPU {
			return true
		}
	}
	return false
}
