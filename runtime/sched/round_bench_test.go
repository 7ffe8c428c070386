package sched_test

import (
	pq "container/heap"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

const (
	endsPerRound   = 1000
	measuredRounds = 400
)

// loadFleet queues arrays and single jobs of a few dozen kinds over all queues, and fills the hosts.
func loadFleet(t testing.TB, hosts, queues, arrays int, size int32, singles int) *fleet {
	t.Helper()
	f := newFleet(t, hosts, queues)
	for i := range max(arrays, singles) {
		if i < arrays {
			f.submit(f.queue(i), size, i%kinds)
		}
		if i < singles {
			f.submit(f.queue(i), 0, (i/queues*7+i)%kinds)
		}
	}
	f.fill()
	return f
}

// BenchmarkRound is a round of a large, full machine that ends 1,000 attempts and places their successors.
func BenchmarkRound(b *testing.B) {
	f := loadFleet(b, fleetHosts, fleetQueues, 100, 10_000, 100_000)
	var took time.Duration
	started, n := 0, 0
	for b.Loop() {
		d, s := f.round(f.some(endsPerRound))
		took, started, n = took+d, started+s, n+1
	}
	b.ReportMetric(float64(took.Microseconds())/1000/float64(n), "ms/round")
	b.ReportMetric(float64(started)/float64(n), "starts/round")
}

// TestBench prints measures in the form of make bench: name, value, unit, and the ratio to a reference.
func TestBench(t *testing.T) {
	if os.Getenv("BENCH") == "" {
		t.Skip("set BENCH=1, or run 'make bench', to measure")
	}
	t.Run("round", benchRound)
	t.Run("plan", benchPlan)
	t.Run("curve", benchCurve)
	t.Run("memory", benchMemory)
	t.Run("load", benchLoad)
}

// report prints one measure; ratio 0 means that there is no reference.
func report(name string, value float64, unit string, ratio float64) {
	if ratio == 0 {
		fmt.Printf("%-36s %12.2f %-10s -\n", name, value, unit)
		return
	}
	fmt.Printf("%-36s %12.2f %-10s %.2f\n", name, value, unit, ratio)
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// benchRound measures rounds of a machine with 1,000,000 children and 100,000 single jobs queued over 50 queues and
// 5,000 full hosts. Its reference is the least that any such round has to do.
func benchRound(t *testing.T) {
	f := loadFleet(t, fleetHosts, fleetQueues, 100, 10_000, 100_000)
	least := newLeast(100_000)
	var all, reference []time.Duration
	started := 0
	for range measuredRounds {
		d, s := f.round(f.some(endsPerRound))
		all, started = append(all, d), started+s
		reference = append(reference, least.round(endsPerRound))
	}
	slices.Sort(all)
	slices.Sort(reference)
	median := reference[len(reference)/2]
	report("round-1000-ends-p50", millis(all[len(all)/2]), "ms", float64(all[len(all)/2])/float64(median))
	report("round-1000-ends-p90", millis(all[len(all)*9/10]), "ms", float64(all[len(all)*9/10])/float64(reference[len(reference)*9/10]))
	report("round-1000-ends-p99", millis(all[len(all)*99/100]), "ms", float64(all[len(all)*99/100])/float64(reference[len(reference)*99/100]))
	report("  reference-rows-map-heap-p50", millis(median), "ms", 1)
	report("  starts-per-round", float64(started)/measuredRounds, "1", 0)
}

// least is what any machine has to do in a round: find each attempt that ended, write two rows of it and of its
// successor, and take and give places in an order of as many as are queued.
type least struct {
	byID  map[batch.JobID]*batch.Job
	ids   []batch.JobID
	order ranks
	next  int
}

func newLeast(n int) *least {
	l := &least{byID: make(map[batch.JobID]*batch.Job, n)}
	for i := range n {
		j := &batch.Job{ID: batch.JobID(uuidOf(i)), Seq: int64(i*7919) % int64(n)}
		l.byID[j.ID], l.ids, l.order = j, append(l.ids, j.ID), append(l.order, j)
	}
	pq.Init(&l.order)
	return l
}

func (l *least) round(n int) time.Duration {
	begin := time.Now()
	var written []batch.Job
	for range n {
		l.next = (l.next + 31337) % len(l.ids)
		written = append(written, *l.byID[l.ids[l.next]])
		first, _ := pq.Pop(&l.order).(*batch.Job)
		written = append(written, *first)
		first.Seq += int64(len(l.ids))
		pq.Push(&l.order, first)
	}
	if len(written) != 2*n {
		panic("rows are missing")
	}
	return time.Since(begin)
}

// ranks is a heap of jobs by number.
type ranks []*batch.Job

func (r ranks) Len() int           { return len(r) }
func (r ranks) Less(i, k int) bool { return r[i].Seq < r[k].Seq }
func (r ranks) Swap(i, k int)      { r[i], r[k] = r[k], r[i] }

// Push implements [heap.Interface].
func (r *ranks) Push(x any) {
	j, _ := x.(*batch.Job)
	*r = append(*r, j)
}

// Pop implements [heap.Interface].
func (r *ranks) Pop() any {
	last := (*r)[len(*r)-1]
	*r = (*r)[:len(*r)-1]
	return last
}

// benchCurve measures what a placement costs, its exit included, by how much is queued. As much stays queued: what
// started is replaced between the rounds. The ratio is to a thousand queued.
func benchCurve(t *testing.T) {
	const most = 1_000_000
	for _, kind := range []string{"singles", "children"} {
		first := 0.0
		for n := 1000; n <= most; n *= 10 {
			size := int32(min(n/10, 10_000))
			if kind == "singles" {
				size = 0
			}
			if n == most && size == 0 {
				break
			}
			cost := placementCost(t, n, size)
			if first == 0 {
				first = cost
			}
			report(fmt.Sprintf("placement-%d-%s", n, kind), cost, "us", cost/first)
		}
	}
}

// placementCost is in microseconds, with n jobs or children of arrays of that size queued.
func placementCost(t *testing.T, n int, size int32) float64 {
	const hosts, queues, ends, rounds = 1000, 10, 200, 200
	f := newFleet(t, hosts, queues)
	f.keepQueued(n, size)
	f.fill()
	f.keepQueued(n, size)
	var all time.Duration
	placed := 0
	for range rounds {
		took, started := f.round(f.some(ends))
		all, placed = all+took, placed+started
		f.keepQueued(n, size)
	}
	return float64(all.Nanoseconds()) / 1000 / float64(placed)
}

// keepQueued submits until n wait and no host has room.
func (f *fleet) keepQueued(n int, size int32) {
	for f.waiting() < n {
		for i := 0; i < n; i += 10 * max(int(size), 1) {
			f.submit(f.queue(f.queued), size, f.queued*7%kinds)
		}
		f.fill()
	}
}

func (f *fleet) waiting() (n int) {
	for _, q := range f.m.View().Queues {
		n += q.Runnable
	}
	return n
}

// benchMemory measures what is kept in memory; the ratio is to the limit.
func benchMemory(t *testing.T) {
	arrays, ended, applied, loaded := measureMemory(t)
	for _, size := range []int32{10, 10_000, 1_000_000} {
		report(fmt.Sprintf("memory-array-of-%d", size), arrays[size], "bytes", arrays[size]/arrayLimit)
	}
	report("memory-ended-child", ended, "bytes", ended/endedLimit)
	report("memory-single-submitted", applied, "bytes", applied/singleLimit)
	report("memory-single-loaded", loaded, "bytes", loaded/singleLimit)
}

// benchLoad measures how long a machine takes to come up from rows, without reading them; the ratio is to the limit.
func benchLoad(t *testing.T) {
	load := func(name string, s batch.Snapshot, limit time.Duration) {
		begin := time.Now()
		m := sched.Load(s, sched.Config{})
		took := time.Since(begin)
		m.Dispatch(time.UnixMilli(2000))
		report(name, millis(took), "ms", float64(took)/float64(limit))
	}
	load("load-100000-singles", stored(t, manyQueued, 0), 900*time.Millisecond)
	s := stored(t, 1, 1_000_000)
	load("load-array-of-1000000", s, 50*time.Millisecond)
	for i := range int32(500_000) {
		s.Ended = append(s.Ended, batch.EndedChild{Array: s.Jobs[0].ID, Index: i, Status: batch.Succeeded})
	}
	load("load-array-of-1000000-half-ended", s, 50*time.Millisecond)
}
