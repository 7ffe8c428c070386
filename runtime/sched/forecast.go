package sched

import (
	"fmt"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
	"github.com/batchd/terraform-provider-batch/runtime/place/why"
)

// forecast plays a queue forward: running attempts end as expected, and what waits before j is placed in order, first in,
// first out, then count attempts of j. It looks at j's queue alone, and changes nothing.
func (m *Machine) forecast(at batch.Time, j *job, position int64, count int64) (out fleet.Outlook, basis string) {
	f := m.fleet.Forecast(at, j.queue.tried)
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
	out = f.Play(&w, count, j.top().row.MaxConcurrency)
	return out, m.basis(f, j, position)
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

// basis says what a forecast rests on.
func (m *Machine) basis(f *fleet.Forecast, j *job, position int64) string {
	text := "its duration from " + m.expectedBasis(j)
	if position > 1 {
		text += fmt.Sprintf(", and those of the %d attempt%s before it", position-1, why.Plural(position-1))
	}
	if f.Estimated() || position-1 > fleet.MaxForecast {
		text += ", at the rate at which the capacity does work"
	}
	return text
}
