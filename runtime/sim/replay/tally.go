package replay

import (
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// tally counts what was used.
type tally struct {
	uses  []use               // in order of first mention
	index map[destination]int // of uses, without priority
	of    []int               // by job: its use
}

// use is what the jobs of one queue and share used. Amounts are times a second.
type use struct {
	queue, share string
	amount       batch.Shape
}

func newTally(jobs int) tally { return tally{index: map[destination]int{}, of: make([]int, jobs)} }

// goes notes where a job went.
func (t *tally) goes(job int, to destination) {
	to.priority = 0
	i, known := t.index[to]
	if !known {
		i = len(t.uses)
		t.index[to] = i
		t.uses = append(t.uses, use{queue: to.queue, share: to.share})
	}
	t.of[job] = i
}

// use adds an attempt of job that held shape for ms milliseconds.
func (t *tally) use(job int, shape batch.Shape, ms int64) {
	u := &t.uses[t.of[job]]
	u.amount = u.amount.Plus(held(shape, ms))
}

// held is shape times milliseconds, in seconds.
func held(shape batch.Shape, ms int64) batch.Shape {
	return batch.Shape{
		MilliCPU: scale(shape.MilliCPU, ms, 1000), MemoryMiB: scale(shape.MemoryMiB, ms, 1000), GPUs: scale(shape.GPUs, ms, 1000),
	}
}

// Spread is how a number was distributed. Percentiles are by nearest rank: values that occurred.
type Spread[N ~int64] struct {
	Mean N `json:"mean"`
	P50  N `json:"p50"`
	P90  N `json:"p90"`
	P99  N `json:"p99"`
	Max  N `json:"max"`
}

// spread returns the distribution of values, which it sorts. Of none it is zero.
func spread[N ~int64](values []N) Spread[N] {
	if len(values) == 0 {
		return Spread[N]{}
	}
	slices.Sort(values)
	var whole, rest N // the mean, kept apart from what does not divide so that no sum is too large
	n := N(len(values))
	for _, v := range values {
		whole, rest = whole+v/n, rest+v%n
	}
	return Spread[N]{
		Mean: whole + rest/n, P50: rank(values, 50), P90: rank(values, 90), P99: rank(values, 99), Max: values[len(values)-1],
	}
}

// rank is the percentile of sorted values.
func rank[N any](values []N, percent int) N {
	at := (len(values)*percent+99)/100 - 1
	return values[min(max(at, 0), len(values)-1)]
}

// waiting is the waits of some jobs.
type waiting struct {
	waits []int64
	slow  []Milli
}

// add takes a job that waited and ran that long, in milliseconds.
func (w *waiting) add(wait, ran int64) {
	w.waits = append(w.waits, wait)
	w.slow = append(w.slow, max(1000, Milli(scale(wait+ran, 1000, max(ran, boundedSlowdownFloor)))))
}
