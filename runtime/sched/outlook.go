package sched

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
	"github.com/batchd/terraform-provider-batch/runtime/place/why"
)

// View returns the machine for readers.
func (m *Machine) View() View {
	v := View{Unfinished: len(m.jobs), Attempts: len(m.attempts)}
	for _, q := range m.rankedQueues() {
		head := QueueView{Name: q.row.Name, Runnable: q.counts[batch.Runnable], Counts: q.counts, Ended: q.ended}
		if c := q.line.First(); c != nil {
			head.Head = c.Head().row.ID
		}
		v.Queues = append(v.Queues, head)
	}
	faults := why.FaultsByPool(byID(m.faulty))
	for _, e := range m.fleet.Environments {
		shown := EnvironmentView{Name: e.Row.Name, Used: e.Used, Max: e.Row.Max, HostMilliCPU: m.fleet.HostMilliCPU(e)}
		if len(faults) > 0 {
			shown.Fault = clip(faults[m.fleet.Pool(e)].StatusReason())
		}
		v.Environments = append(v.Environments, shown)
	}
	for _, h := range byID(m.shown) {
		v.Hosts = append(v.Hosts, view(h))
	}
	slices.SortFunc(v.Environments, func(a, b EnvironmentView) int { return strings.Compare(a.Name, b.Name) })
	return v
}

// byID returns hosts in order of their ids.
func byID(hosts map[*fleet.Host]bool) []*fleet.Host {
	return slices.SortedFunc(maps.Keys(hosts), func(a, b *fleet.Host) int { return strings.Compare(a.Row.ID, b.Row.ID) })
}

func view(h *fleet.Host) HostView {
	v := HostView{ID: h.Row.ID}
	for i := range h.Runners {
		r := &h.Runners[i]
		shown := RunnerView{Runner: r.Kind, Live: r.Live}
		if r.Fault != nil {
			shown.Fault, shown.Since = r.Fault.Reason, r.Fault.Since
		}
		if r.Limit != nil {
			shown.Limit, shown.LimitReason = int(r.Limit.Attempts), r.Limit.Reason
		}
		v.Runners = append(v.Runners, shown)
	}
	return v
}

// position is how many attempts of j's share in its queue are placed before it, or before the unborn child of array j at index,
// plus one. It is not known when more than maxScan entries would have to be counted.
func (m *Machine) position(j *job, index int32) (int64, bool) {
	rank := j.Rank()
	if j.isArray() {
		rank.Index = index
	}
	own := 0
	if j.isArray() {
		own = int(j.unbornBelow(index))
	}
	return j.classOf().Lineup.Position(j, rank, own, maxScan)
}

// unbornBelow is how many children of array j without a row come before index.
func (j *job) unbornBelow(index int32) (n int32) {
	for i := range j.children.EachUnborn {
		if i >= index {
			break
		}
		n++
	}
	return n
}

// front returns what is placed next in a queue, and what attempts of it hold.
func (m *Machine) front(at batch.Time, query QueueFront) (Front, error) {
	q := m.queues[query.Queue]
	if q == nil {
		return Front{}, batch.Errorf(batch.NotFound, "job queue %s does not exist", query.Queue)
	}
	f := Front{MilliCPU: m.heldBy(q), Fair: m.fair(q) != nil}
	f.Shares, f.Active = m.shareFronts(at, q)
	m.inService(at, q, func(j *job) bool {
		since := max(j.row.BlockedAt, j.row.CreatedAt)
		if !j.isArray() {
			f.Jobs = append(f.Jobs, FrontJob{Job: j.row.ID, Since: since})
			return len(f.Jobs) < query.Limit
		}
		left := min(j.Places(), query.Limit-len(f.Jobs))
		for i := range j.children.EachUnborn {
			if left <= 0 {
				break
			}
			f.Jobs = append(f.Jobs, FrontJob{Job: j.row.ID.Child(i), Since: max(since, j.row.Array.Unborn.At)})
			left--
		}
		return len(f.Jobs) < query.Limit
	})
	return f, nil
}

// heldBy is how many thousandths of a vCPU attempts of q hold.
func (m *Machine) heldBy(q *queue) (milli int64) {
	for _, j := range m.attempts {
		if j.queue == q && !j.row.Run.Ahead {
			milli += j.shape().MilliCPU
		}
	}
	return milli
}

// inService yields the work of q in the order in which it would be placed if nothing else happened: each time the first
// of the share that has had least.
func (m *Machine) inService(at batch.Time, q *queue, yield func(*job) bool) {
	defer m.imagineRanks(at, q)()
	q.line.InService(at, (*job).milliCPU, yield)
}

// unmet returns the jobs that j depends on and that have not ended.
func (m *Machine) unmet(j *job) (ids []batch.JobID) {
	for _, d := range j.row.DependsOn {
		if status, live := m.statusOf(d.Job); d.Kind != batch.DependSequential && live && !status.Terminal() {
			ids = append(ids, d.Job)
		}
	}
	return ids
}

// forecast plays a queue forward: running attempts end as expected, and what waits before j is placed in order, first in,
// first out, then count attempts of j. It looks at j's queue alone, and changes nothing.
func (m *Machine) forecast(at batch.Time, j *job, position int64, count int64) (out fleet.Outlook, basis string) {
	f := m.fleet.Forecast(at, m.tried(j))
	defer f.Undo()
	ahead := position - 1
	if ahead <= fleet.MaxForecast {
		for other := range j.classOf().Lineup.InOrder {
			if ahead <= 0 || other == j && !j.isArray() {
				break
			}
			n := min(int64(other.Places()), ahead)
			w := m.work(other)
			if !f.PlaceAll(&w, n) {
				return fleet.Outlook{}, "what waits before it has no place that can be foreseen"
			}
			ahead -= n
		}
	} else {
		m.flow(f, j)
	}
	w := m.work(j)
	out = f.Play(&w, count, m.atOnce(j))
	return out, m.forecastBasis(f, j, position)
}

// atOnce is how many attempts of j may be live at once as things are, however much room there is: its array, the consumable resources
// that it needs and the shares of its queue bound them.
func (m *Machine) atOnce(j *job) int64 {
	most := min(m.fleet.Enough(j.ask().Needs), j.allowed())
	if row := &j.top().row; row.MaxConcurrency > 0 {
		most = min(most, int64(row.MaxConcurrency))
	}
	return most
}

// flow lets the time pass that all of the work before j takes at the rate of the capacity.
func (m *Machine) flow(f *fleet.Forecast, j *job) {
	for _, c := range j.classOf().Lineup.Heads() {
		var count int64
		for _, other := range c.Entries {
			if other != j && other.Rank().Before(j.Rank()) {
				count += int64(other.Places())
			}
		}
		w := m.work(c.Head())
		f.Flow(&w, count)
	}
}

// forecastBasis says what a forecast rests on.
func (m *Machine) forecastBasis(f *fleet.Forecast, j *job, position int64) string {
	text := "its duration from " + m.lastsBecause(j)
	if position > 1 {
		text += fmt.Sprintf(", and those of the %d attempt%s before it", position-1, why.Plural(position-1))
	}
	if f.Estimated() || position-1 > fleet.MaxForecast {
		text += ", at the rate at which the capacity does work"
	}
	return text
}
