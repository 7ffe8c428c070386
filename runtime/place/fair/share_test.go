package fair

import (
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

const epoch = batch.Time(1_700_000_000_000)

func TestShareSettlesWhenWhatItHoldsChanges(t *testing.T) {
	s := New("a", NewDecay(0), 0)
	s.Hold(epoch, 2000)
	if row := s.Row("q"); row != (batch.ShareUsage{QueueID: "q", Share: "a", AsOf: epoch}) {
		t.Fatalf("row after the first hold: %+v", row)
	}
	end := epoch.Add(time.Second)
	key := s.Key(end)
	if s.usage != 0 || s.asOf != epoch {
		t.Error("looking at a key has changed the share")
	}
	s.Hold(end, 0)
	if s.asOf != epoch {
		t.Error("holding nothing more has settled the share")
	}
	if long := epoch.Add(3 * batch.DefaultShareDecay); s.use(long) <= s.use(end) {
		t.Error("what is held for longer than a window does not count")
	}
	s.Hold(end, -2000)
	if row := s.Row("other"); row.AsOf != end || abs(row.Usage-2_000_000) > 20_000 {
		t.Errorf("two vCPUs for a second are %+v", row)
	}
	if s.Key(end).Compare(key) >= 0 {
		t.Error("a share that holds nothing any more is served no sooner")
	}
}

func TestShareLoadedFromItsRowHasTheSameKeys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := NewDecay(time.Duration(rapid.Int64Range(1, 3600).Draw(t, "window")) * time.Second)
		s, at := New("a", d, 0), epoch
		for range rapid.IntRange(1, 20).Draw(t, "changes") {
			at += batch.Time(rapid.Int64Range(0, 2*d.window).Draw(t, "pause"))
			s.Hold(at, rapid.Int64Range(-s.held, 64000).Draw(t, "delta"))
			loaded := Load(s.Row("q"), d)
			loaded.Restore(s.held)
			later := at + batch.Time(rapid.Int64Range(0, 2*d.window).Draw(t, "later"))
			if loaded.Key(later) != s.Key(later) || loaded.Active(later) != s.Active(later) {
				t.Fatalf("loaded: %+v, kept: %+v", loaded.Key(later), s.Key(later))
			}
			if rapid.Bool().Draw(t, "restart") {
				s = loaded
			}
		}
	})
}

func TestShareIsActiveUntilItsWindowHasPassed(t *testing.T) {
	s := New("a", NewDecay(time.Minute), 0)
	if s.Active(epoch) {
		t.Error("a share with neither jobs nor use is active")
	}
	s.Jobs = 1
	if !s.Active(epoch) {
		t.Error("a share with a job is not active")
	}
	s.Hold(epoch, 1000)
	end := epoch.Add(10 * time.Second)
	s.Hold(end, -1000)
	s.Jobs = 0
	if !s.Active(end.Add(time.Minute - time.Millisecond)) {
		t.Error("a share is not active although its use counts")
	}
	gone := end.Add(time.Minute)
	if s.Active(gone) || s.Key(gone) != (Key{}) {
		t.Error("use is left although the window has passed")
	}
	kept, forgotten := s, New("a", s.decay, 0)
	kept.Hold(gone, 500)
	forgotten.Hold(gone, 500)
	if kept.Row("q") != forgotten.Row("q") {
		t.Errorf("kept: %+v, forgotten: %+v", kept.Row("q"), forgotten.Row("q"))
	}
}

func TestRetuneKeepsWhatWasUsed(t *testing.T) {
	s := New("a", NewDecay(time.Minute), 0)
	s.Hold(epoch, 1000)
	at := epoch.Add(20 * time.Second)
	before := s.use(at)
	s.Retune(at, NewDecay(time.Hour))
	if s.use(at) != before || s.Row("q").AsOf != at {
		t.Errorf("use was %d, is %d at %d", before, s.use(at), s.asOf)
	}
	if s.use(at.Add(time.Minute)) <= before {
		t.Error("use does not grow with the longer window")
	}
}

func TestKeyIsAProductOf128Bits(t *testing.T) {
	heavy := New("heavy", NewDecay(MaxDecay), 0)
	heavy.Weight = batch.MaxWeight * batch.MaxShares
	heavy.Hold(epoch, largest)
	at := epoch.Add(MaxDecay)
	key := heavy.Key(at)
	_, into := heavy.decay.locate(at)
	want := new(big.Int).Mul(big.NewInt(heavy.Weight), big.NewInt(heavy.decay.level(largest, into)))
	got := new(big.Int).Or(new(big.Int).Lsh(new(big.Int).SetUint64(key.hi), 64), new(big.Int).SetUint64(key.lo))
	if got.Cmp(want) != 0 || key.hi == 0 {
		t.Errorf("key is %v, want %v", got, want)
	}
	light := New("light", heavy.decay, 0)
	light.Weight = heavy.Weight
	light.Hold(epoch, largest-1)
	if light.Key(at).Compare(key) >= 0 || key.Compare(light.Key(at)) <= 0 {
		t.Error("the share that holds less is not served first")
	}
}

func TestKeyCountsWhatWaitsAtTheDriver(t *testing.T) {
	a, b := New("a", NewDecay(0), 0), New("b", NewDecay(0), 0)
	a.Hold(epoch, 1000)
	b.Ahead = 1000
	if a.Key(epoch) != b.Key(epoch) {
		t.Error("an attempt that waits for a place counts otherwise than one that holds one")
	}
	if b.Ahead = 2000; a.Key(epoch).Compare(b.Key(epoch)) >= 0 {
		t.Error("more attempts that wait do not count more")
	}
}

func TestReservation(t *testing.T) {
	for _, c := range []struct {
		total   int64
		percent int32
		active  int
		want    int64
	}{
		{8000, 50, 1, 4000},
		{8000, 50, 2, 2000},
		{8000, 50, 3, 1000},
		{8000, 0, 1, 0},
		{8000, 0, 0, 0},
		{8000, 50, 0, 8000},
		{1000, 33, 2, 108},
		{largest, 99, batch.MaxShares, 2_101_000},
		{0, 99, 3, 0},
	} {
		got := Reserved(c.total, c.percent, c.active)
		if abs(got-c.want) > c.want/1000 {
			t.Errorf("%d %% of %d with %d active shares: %d, want %d", c.percent, c.total, c.active, got, c.want)
		}
	}
}

func TestWeights(t *testing.T) {
	w := NewWeights([]batch.ShareWeight{{Identifier: "team*", Weight: 3000}, {Identifier: "alice", Weight: 5000}, {Identifier: "bob*", Weight: 20000}, {Identifier: "z*", Weight: 1}})
	names := []string{"alice", "team1", "team2", "team", "bob", "zed", "tea", "alice2", "a"}
	want := []int64{5000, 9000, 9000, 9000, 20000, 1, 10000, 10000, 10000}
	var active []*Share
	for _, name := range names {
		active = append(active, New(name, NewDecay(0), 0))
	}
	w.Assign(active)
	for i, s := range active {
		if s.Weight != want[i] {
			t.Errorf("share %s weighs %d, want %d", s.Name, s.Weight, want[i])
		}
	}
	w.Assign(active[:2])
	if active[1].Weight != 3000 {
		t.Errorf("alone with its prefix it weighs %d", active[1].Weight)
	}
	if (Weights{}).Assign(active); active[1].Weight != batch.DefaultWeight {
		t.Errorf("without a policy it weighs %d", active[1].Weight)
	}
}

func TestOverlappingAgreesWithEveryPair(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfN(rapid.StringMatching(`[ab]{0,3}\*?`), 0, 6).Draw(t, "names")
		var entries []batch.ShareWeight
		for _, name := range names {
			entries = append(entries, batch.ShareWeight{Identifier: name, Weight: 1})
		}
		matches := func(a, b string) bool {
			stem, isPrefix := strings.CutSuffix(a, "*")
			return isPrefix && strings.HasPrefix(strings.TrimSuffix(b, "*"), stem) || a == b
		}
		want := false
		for i, a := range names {
			want = want || slices.ContainsFunc(names[i+1:], func(b string) bool { return matches(a, b) || matches(b, a) })
		}
		a, b, got := Overlapping(entries)
		if got != want {
			t.Fatalf("%q overlap: %t (%q and %q)", names, got, a, b)
		}
		if got && !matches(a, b) && !matches(b, a) {
			t.Fatalf("%q and %q do not overlap", a, b)
		}
		if !got {
			wantOneWeight(t, entries)
		}
	})
}

// wantOneWeight checks lookups against all entries, one by one.
func wantOneWeight(t *rapid.T, entries []batch.ShareWeight) {
	for i := range entries {
		entries[i].Weight = int64(i + 1)
	}
	w := NewWeights(entries)
	for _, name := range []string{"", "a", "b", "ab", "abb", "bab", "bb", "c"} {
		want := int64(batch.DefaultWeight)
		for _, e := range entries {
			stem, isPrefix := strings.CutSuffix(e.Identifier, "*")
			if e.Identifier == name || isPrefix && strings.HasPrefix(name, stem) {
				want = e.Weight
			}
		}
		if got, _ := w.find(name); got != want {
			t.Fatalf("share %q weighs %d in %v, want %d", name, got, entries, want)
		}
	}
}

func BenchmarkKey(b *testing.B) {
	s := New("a", NewDecay(0), 0)
	s.Hold(epoch, 4000)
	for i := range b.N {
		s.Key(epoch + batch.Time(i))
	}
}
