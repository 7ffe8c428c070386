package fair

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/heap"
)

// shareWorld is a pool of vCPUs and shares that want more of it than there is. Whenever something is free, the share with the lowest
// key gets its next attempt started; if that does not fit, everybody waits.
type shareWorld struct {
	shares  []*Share
	free    int64 // milliCPU
	now     batch.Time
	running heap.Heap[run]
	next    []run  // by share: the attempt it wants started
	drawn   uint64 // attempts drawn; each has dice of its own
	seed    uint64
	mean    int64                               // length of attempts, ms: half of it to one and a half
	idle    func(share int, at batch.Time) bool // nil: never
	served  func(share int, at batch.Time)
}

// run is an attempt.
type run struct {
	share      int
	size       int64 // milliCPU
	length     int64 // ms
	start, end batch.Time
}

// Before implements [heap.Item].
func (r run) Before(other run) bool { return r.end < other.end }

// Moved implements [heap.Item].
func (run) Moved(int) {}

func newShareWorld(weights []int64, pool, mean int64, window time.Duration, seed uint64) *shareWorld {
	w := &shareWorld{free: pool, now: epoch, seed: seed, mean: mean, next: make([]run, len(weights))}
	for i, weight := range weights {
		s := New(fmt.Sprint("share", i), NewDecay(window), 0)
		s.Weight, s.Jobs = weight, 1
		w.shares = append(w.shares, s)
		w.draw(i)
	}
	return w
}

// draw decides what a share wants next: a quarter of a vCPU to one.
func (w *shareWorld) draw(i int) {
	w.drawn++
	dice := w.seed + w.drawn*0x9e3779b97f4a7c15
	dice = (dice ^ dice>>30) * 0xbf58476d1ce4e5b9
	dice = (dice ^ dice>>27) * 0x94d049bb133111eb
	dice ^= dice >> 31
	w.next[i] = run{share: i, size: 250 * (1 + int64(dice%4)), length: max(w.mean/2+int64(dice>>8%uint64(w.mean+1)), 1)}
}

// lowest returns the share that is served next; -1 if all are idle.
func (w *shareWorld) lowest() int {
	best, key := -1, Key{}
	for i, s := range w.shares {
		if w.idle != nil && w.idle(i, w.now) {
			continue
		}
		if k := s.Key(w.now); best < 0 || k.Compare(key) < 0 {
			best, key = i, k
		}
	}
	return best
}

func (w *shareWorld) serve() {
	for i := w.lowest(); i >= 0 && w.next[i].size <= w.free; i = w.lowest() {
		r := w.next[i]
		r.start, r.end = w.now, w.now+batch.Time(r.length)
		w.free -= r.size
		w.shares[i].Hold(w.now, r.size)
		w.running.Push(r)
		w.draw(i)
		if w.served != nil {
			w.served(i, w.now)
		}
	}
}

// play goes on for that long and returns how many milliCPU times milliseconds each share got meanwhile.
func (w *shareWorld) play(length time.Duration) []int64 {
	from, to := w.now, w.now.Add(length)
	got := make([]int64, len(w.shares))
	for w.serve(); len(w.running) > 0 && w.running[0].end <= to; w.serve() {
		for w.now = w.running[0].end; len(w.running) > 0 && w.running[0].end == w.now; {
			r := w.running.Pop()
			w.free += r.size
			w.shares[r.share].Hold(w.now, -r.size)
			got[r.share] += r.size * int64(r.end-max(r.start, from))
		}
	}
	w.now = to
	for _, r := range w.running {
		got[r.share] += r.size * int64(to-max(r.start, from))
	}
	return got
}

// restart makes every share anew from its row and from what is live.
func (w *shareWorld) restart() {
	for i, old := range w.shares {
		s := Load(old.Row("q"), old.decay)
		s.Weight, s.Jobs = old.Weight, old.Jobs
		for _, r := range w.running {
			if r.share == i {
				s.Restore(r.size)
			}
		}
		w.shares[i] = s
	}
}

// deviations returns by how many hundredths of a per cent each share got more than its part of what all got.
func deviations(got, weights []int64) []int64 {
	var all, parts float64
	for i, n := range got {
		all += float64(n)
		parts += 1 / float64(weights[i])
	}
	off := make([]int64, len(got))
	for i, n := range got {
		off[i] = int64(10_000 * (float64(n)/all*parts*float64(weights[i]) - 1))
	}
	return off
}

// meanLength is an attempt length so small that one attempt is about a hundredth of what the heaviest share is
// to remember of its use: how long attempts are is not what this is about, only that use outlives them.
func meanLength(weights []int64, pool int64, window time.Duration) int64 {
	parts, heaviest := 0.0, slices.Max(weights)
	for _, weight := range weights {
		parts += float64(heaviest) / float64(weight)
	}
	remembered := float64(pool) / parts * float64(window.Milliseconds()) * 0.36
	return int64(remembered / 100 / 625)
}

// With steady demand, what a share gets converges to 1/weight within two per cent.
func TestUseConvergesToTheInverseOfTheWeight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.Int64Range(batch.DefaultWeight/8, batch.DefaultWeight*8), 2, 6).Draw(t, "weights")
		pool := rapid.Int64Range(2, 64).Draw(t, "vCPUs") * 1000
		window := time.Duration(rapid.Int64Range(60, 3600).Draw(t, "window")) * time.Second
		w := newShareWorld(weights, pool, meanLength(weights, pool, window), window, rapid.Uint64().Draw(t, "seed"))
		w.play(2 * window)
		off := deviations(w.play(2*window), weights)
		if slices.Max(off) > 200 || slices.Min(off) < -200 {
			t.Errorf("shares got %v hundredths of a per cent more than theirs", off)
		}
	})
}

// The same for attempts of a length that people have, on a window that they have.
func TestUseConvergesWithLongAttempts(t *testing.T) {
	const steep = batch.DefaultWeight
	for _, c := range []struct {
		name    string
		weights []int64
		pool    int64
		mean    time.Duration
		window  time.Duration
		within  int64 // hundredths of a per cent
	}{
		{"three alike", []int64{steep, steep, steep}, 16_000, 2 * time.Second, 0, 10},
		{"one to four", []int64{steep, 4 * steep}, 16_000, 2 * time.Second, 0, 50},
		{"steep", []int64{steep / 8, steep, 8 * steep}, 16_000, 2 * time.Second, 0, 200},
		{"small pool", []int64{steep, 2 * steep, 4 * steep}, 4_000, 2 * time.Second, 0, 100},
		{"minutes", []int64{steep, 2 * steep, 4 * steep}, 64_000, 2 * time.Minute, 0, 100},
		{"ten minutes", []int64{steep, 2 * steep, 4 * steep}, 64_000, 10 * time.Minute, 0, 200},
		{"hours in a week", []int64{steep / 2, steep, 4 * steep}, 64_000, time.Hour, MaxDecay, 200},
	} {
		w := newShareWorld(c.weights, c.pool, c.mean.Milliseconds(), c.window, 7)
		window := time.Duration(w.shares[0].decay.window) * time.Millisecond
		w.play(10 * window)
		off := deviations(w.play(10*window), c.weights)
		t.Logf("%s: %v hundredths of a per cent off", c.name, off)
		if slices.Max(off) > c.within || slices.Min(off) < -c.within {
			t.Errorf("%s: shares got %v hundredths of a per cent more than theirs, at most %d are allowed", c.name, off, c.within)
		}
	}
}

// At the first moment nothing has been used: what is there is divided all the same.
func TestBurstIsDivided(t *testing.T) {
	weights := []int64{batch.DefaultWeight, batch.DefaultWeight, 2 * batch.DefaultWeight}
	w := newShareWorld(weights, 100_000, 1000, 0, 3)
	w.serve()
	for i, want := range []int64{40_000, 40_000, 20_000} {
		if held := w.shares[i].held; abs(held-want) > 1000 {
			t.Errorf("share %d holds %d of the first 100 vCPUs, want about %d", i, held, want)
		}
	}
}

// A share that comes back after its use was forgotten gets more than its part at first, but never everything.
func TestShareThatComesBackStarvesNobody(t *testing.T) {
	for _, away := range []time.Duration{150 * time.Second, batch.DefaultShareDecay, 5 * batch.DefaultShareDecay} {
		w := newShareWorld([]int64{10_000, 10_000, 10_000}, 16_000, 2000, 0, 11)
		w.play(batch.DefaultShareDecay)
		back := w.now.Add(away)
		w.idle = func(i int, at batch.Time) bool { return i == 0 && at < back }
		if got := w.play(away); got[0] > got[1]/10 {
			t.Fatalf("a share that wanted nothing got %v", got)
		}
		const quarter = batch.DefaultShareDecay / 4
		for n := range 4 {
			got := w.play(quarter)
			all := got[0] + got[1] + got[2]
			for i := 1; i < 3; i++ {
				if got[i] < all/10 {
					t.Errorf("away for %v: in quarter %d of a window after that, share %d got %d of %d", away, n+1, i, got[i], all)
				}
			}
			if got[0] < all*33/100 {
				t.Errorf("away for %v: in quarter %d of a window after that, it got %d of %d", away, n+1, got[0], all)
			}
		}
		w.play(batch.DefaultShareDecay)
		if off := deviations(w.play(batch.DefaultShareDecay), []int64{1, 1, 1}); slices.Max(off) > 200 {
			t.Errorf("away for %v: two windows after that, shares got %v hundredths of a per cent more than theirs", away, off)
		}
	}
}

// Restarts change nothing: not who is served, not when.
func TestRestartChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.Int64Range(batch.DefaultWeight/8, batch.DefaultWeight*8), 2, 4).Draw(t, "weights")
		seed := rapid.Uint64().Draw(t, "seed")
		pause := time.Duration(rapid.Int64Range(1, 60_000).Draw(t, "pause")) * time.Millisecond
		story := func(restart bool) (told []string) {
			w := newShareWorld(weights, 8_000, 20_000, 0, seed)
			w.idle = func(i int, at batch.Time) bool { return i == 0 && int64(at)/900_000%2 == 1 }
			w.served = func(i int, at batch.Time) { told = append(told, fmt.Sprint(i, at)) }
			for range 40 {
				w.play(pause)
				if restart {
					w.restart()
				}
			}
			w.play(2 * batch.DefaultShareDecay)
			return told
		}
		if kept, restarted := story(false), story(true); !slices.Equal(kept, restarted) {
			t.Errorf("%d starts without restarts, %d with, or others", len(kept), len(restarted))
		}
	})
}
