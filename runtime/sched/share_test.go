package sched

import (
	"errors"
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
	s := newShare("a", newDecay(0))
	s.hold(epoch, 2000)
	if row := s.row("q"); row != (batch.ShareUsage{QueueID: "q", Share: "a", AsOf: epoch}) {
		t.Fatalf("row after the first hold: %+v", row)
	}
	end := epoch.Add(time.Second)
	key := s.key(end)
	if s.usage != 0 || s.asOf != epoch {
		t.Error("looking at a key has changed the share")
	}
	s.hold(end, 0)
	if s.asOf != epoch {
		t.Error("holding nothing more has settled the share")
	}
	if long := epoch.Add(3 * batch.DefaultShareDecay); s.use(long) <= s.use(end) {
		t.Error("what is held for longer than a window does not count")
	}
	s.hold(end, -2000)
	if row := s.row("other"); row.AsOf != end || abs(row.Usage-2_000_000) > 20_000 {
		t.Errorf("two vCPUs for a second are %+v", row)
	}
	if s.key(end).compare(key) >= 0 {
		t.Error("a share that holds nothing any more is served no sooner")
	}
}

func TestShareLoadedFromItsRowHasTheSameKeys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := newDecay(time.Duration(rapid.Int64Range(1, 3600).Draw(t, "window")) * time.Second)
		s, at := newShare("a", d), epoch
		for range rapid.IntRange(1, 20).Draw(t, "changes") {
			at += batch.Time(rapid.Int64Range(0, 2*d.window).Draw(t, "pause"))
			s.hold(at, rapid.Int64Range(-s.held, 64000).Draw(t, "delta"))
			loaded := loadShare(s.row("q"), d)
			loaded.restore(s.held)
			later := at + batch.Time(rapid.Int64Range(0, 2*d.window).Draw(t, "later"))
			if loaded.key(later) != s.key(later) || loaded.active(later) != s.active(later) {
				t.Fatalf("loaded: %+v, kept: %+v", loaded.key(later), s.key(later))
			}
			if rapid.Bool().Draw(t, "restart") {
				s = loaded
			}
		}
	})
}

func TestShareIsActiveUntilItsWindowHasPassed(t *testing.T) {
	s := newShare("a", newDecay(time.Minute))
	if s.active(epoch) {
		t.Error("a share with neither jobs nor use is active")
	}
	s.jobs = 1
	if !s.active(epoch) {
		t.Error("a share with a job is not active")
	}
	s.hold(epoch, 1000)
	end := epoch.Add(10 * time.Second)
	s.hold(end, -1000)
	s.jobs = 0
	if !s.active(end.Add(time.Minute - time.Millisecond)) {
		t.Error("a share is not active although its use counts")
	}
	gone := end.Add(time.Minute)
	if s.active(gone) || s.key(gone) != (shareKey{}) {
		t.Error("use is left although the window has passed")
	}
	kept, forgotten := s, newShare("a", s.decay)
	kept.hold(gone, 500)
	forgotten.hold(gone, 500)
	if kept.row("q") != forgotten.row("q") {
		t.Errorf("kept: %+v, forgotten: %+v", kept.row("q"), forgotten.row("q"))
	}
}

func TestRetuneKeepsWhatWasUsed(t *testing.T) {
	s := newShare("a", newDecay(time.Minute))
	s.hold(epoch, 1000)
	at := epoch.Add(20 * time.Second)
	before := s.use(at)
	s.retune(at, newDecay(time.Hour))
	if s.use(at) != before || s.row("q").AsOf != at {
		t.Errorf("use was %d, is %d at %d", before, s.use(at), s.asOf)
	}
	if s.use(at.Add(time.Minute)) <= before {
		t.Error("use does not grow with the longer window")
	}
}

func TestKeyIsAProductOf128Bits(t *testing.T) {
	heavy := newShare("heavy", newDecay(maxShareDecay))
	heavy.weight = batch.MaxWeight * batch.MaxShares
	heavy.hold(epoch, largest)
	at := epoch.Add(maxShareDecay)
	key := heavy.key(at)
	_, into := heavy.decay.locate(at)
	want := new(big.Int).Mul(big.NewInt(heavy.weight), big.NewInt(heavy.decay.level(largest, into)))
	got := new(big.Int).Or(new(big.Int).Lsh(new(big.Int).SetUint64(key.hi), 64), new(big.Int).SetUint64(key.lo))
	if got.Cmp(want) != 0 || key.hi == 0 {
		t.Errorf("key is %v, want %v", got, want)
	}
	light := newShare("light", heavy.decay)
	light.weight = heavy.weight
	light.hold(epoch, largest-1)
	if light.key(at).compare(key) >= 0 || key.compare(light.key(at)) <= 0 {
		t.Error("the share that holds less is not served first")
	}
}

func TestKeyCountsWhatWaitsAtTheDriver(t *testing.T) {
	a, b := newShare("a", newDecay(0)), newShare("b", newDecay(0))
	a.hold(epoch, 1000)
	b.ahead = 1000
	if a.key(epoch) != b.key(epoch) {
		t.Error("an attempt that waits for a place counts otherwise than one that holds one")
	}
	if b.ahead = 2000; a.key(epoch).compare(b.key(epoch)) >= 0 {
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
		got := reservedMilliCPU(c.total, c.percent, c.active)
		if abs(got-c.want) > c.want/1000 {
			t.Errorf("%d %% of %d with %d active shares: %d, want %d", c.percent, c.total, c.active, got, c.want)
		}
	}
}

func TestCheckShare(t *testing.T) {
	for _, c := range []struct {
		name       string
		fair       bool
		identifier string
		known      bool
		active     int
		want       string // how the refusal begins; empty: none
	}{
		{"first in first out", false, "", false, 0, ""},
		{"fair", true, "a", false, 499, ""},
		{"known share of a full queue", true, "a", true, 500, ""},
		{"none given", true, "", false, 3, "shareIdentifier must be specified."},
		{"given to first in first out", false, "a", false, 0, "shareIdentifier: given \"a\""},
		{"one too many", true, "a", false, 500, "shareIdentifier: \"a\" would be one too many"},
	} {
		wantRefusal(t, c.name, checkShare("q", c.fair, c.identifier, c.known, c.active), batch.InvalidRequest, c.want)
	}
}

// wantRefusal checks that err is a refusal that begins so; empty: that there is none.
func wantRefusal(t *testing.T, name string, err error, kind batch.ErrorKind, want string) {
	t.Helper()
	var refusal *batch.Error
	switch {
	case want == "" && err != nil:
		t.Errorf("%s: refused: %v", name, err)
	case want == "":
	case !errors.As(err, &refusal):
		t.Errorf("%s: no refusal, but %v", name, err)
	case refusal.Kind != kind || !strings.Contains(refusal.Message, want):
		t.Errorf("%s: refused with kind %d: %q; want kind %d: %q", name, refusal.Kind, refusal.Message, kind, want)
	}
}

func TestWeights(t *testing.T) {
	w := newWeights([]batch.ShareWeight{{Identifier: "team*", Weight: 3000}, {Identifier: "alice", Weight: 5000}, {Identifier: "bob*", Weight: 20000}, {Identifier: "z*", Weight: 1}})
	names := []string{"alice", "team1", "team2", "team", "bob", "zed", "tea", "alice2", "a"}
	want := []int64{5000, 9000, 9000, 9000, 20000, 1, 10000, 10000, 10000}
	var active []*share
	for _, name := range names {
		active = append(active, newShare(name, newDecay(0)))
	}
	w.assign(active)
	for i, s := range active {
		if s.weight != want[i] {
			t.Errorf("share %s weighs %d, want %d", s.name, s.weight, want[i])
		}
	}
	w.assign(active[:2])
	if active[1].weight != 3000 {
		t.Errorf("alone with its prefix it weighs %d", active[1].weight)
	}
	if (weights{}).assign(active); active[1].weight != batch.DefaultWeight {
		t.Errorf("without a policy it weighs %d", active[1].weight)
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
		a, b, got := overlapping(entries)
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
	w := newWeights(entries)
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
	s := newShare("a", newDecay(0))
	s.hold(epoch, 4000)
	for i := range b.N {
		s.key(epoch + batch.Time(i))
	}
}
