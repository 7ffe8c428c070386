package fair

import (
	"math"
	"math/big"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// largest is what 5,000 hosts of 64 vCPUs have, in milliCPU.
const largest = 5000 * 64 * 1000

func TestHalvingTableIsExact(t *testing.T) {
	one := big.NewInt(1)
	for k, entry := range halving {
		// entry is the nearest to 2^(63-k/64) if 2^(64*64-k) lies between (2*entry-1)^64 and (2*entry+1)^64.
		exact := new(big.Int).Lsh(one, uint(64*64-k))
		double := new(big.Int).Lsh(new(big.Int).SetUint64(entry), 1)
		power := func(x *big.Int) *big.Int { return new(big.Int).Exp(x, big.NewInt(64), nil) }
		low := power(new(big.Int).Sub(double, one))
		high := power(new(big.Int).Add(double, one))
		if low.Cmp(exact) > 0 || high.Cmp(exact) < 0 {
			t.Errorf("entry %d is not the nearest", k)
		}
	}
}

func TestShrinkHalves(t *testing.T) {
	for _, c := range []struct{ x, steps, want int64 }{
		{1000, 0, 1000},
		{1000, 64, 500},
		{1000, 2, 979}, // 978.57, rounded to the nearest
		{-1000, 128, -250},
		{3, 64, 2}, // 1.5, rounded to the nearest
		{math.MaxInt64, 0, math.MaxInt64},
		{math.MaxInt64, 64 * 62, 2},
		{math.MaxInt64, 64 * 63, 0},
		{math.MaxInt64, 1 << 50, 0},
	} {
		if got := shrink(c.x, c.steps); got != c.want {
			t.Errorf("shrink(%d, %d) = %d, want %d", c.x, c.steps, got, c.want)
		}
	}
}

// slowUse goes from line to line of the grid.
func slowUse(d Decay, usage, held int64, from, to batch.Time) float64 {
	use := float64(usage)
	step := float64(d.window) / stepsPerWindow
	at := float64(from)
	for {
		line := (math.Floor(at/step+1e-9) + 1) * step
		if line > float64(to)+1e-9 {
			return use + float64(held)*(float64(to)-at)
		}
		use = (use + float64(held)*(line-at)) * math.Exp2(-1.0/stepsPerHalf)
		at = line
	}
}

func TestUseAgreesWithSlowTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := NewDecay(time.Duration(rapid.Int64Range(1, 7*24*3600).Draw(t, "window")) * time.Second)
		usage := rapid.Int64Range(0, 1<<50).Draw(t, "usage")
		held := rapid.Int64Range(0, largest).Draw(t, "held")
		from := batch.Time(rapid.Int64Range(0, 1<<31).Draw(t, "from"))
		to := from + batch.Time(rapid.Int64Range(0, 2*d.window).Draw(t, "pause"))
		got, want := float64(d.use(usage, held, from, to)), slowUse(d, usage, held, from, to)
		// The mean life is rounded to 1/256 of a millisecond and to 2^-24 of a step.
		if math.Abs(got-want) > 2+float64(held)/128+want*1e-9 {
			t.Errorf("use is %.0f, the twin says %.0f", got, want)
		}
	})
}

// However often use is looked at on the way, the end is the same but for one unit a look, which decays too.
func TestUseDoesNotDriftWithLooks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := NewDecay(time.Duration(rapid.Int64Range(1, 7*24*3600).Draw(t, "window")) * time.Second)
		held := rapid.Int64Range(0, largest).Draw(t, "held")
		usage := rapid.Int64Range(0, d.level(largest, 0)).Draw(t, "usage")
		from := batch.Time(rapid.Int64Range(1, 1<<41).Draw(t, "from"))
		at, often := from, usage
		looks := rapid.SliceOfN(rapid.Int64Range(0, d.window/4), 1, 30).Draw(t, "looks")
		for _, pause := range looks {
			next := at + batch.Time(pause)
			often, at = d.use(often, held, at, next), next
		}
		once := d.use(usage, held, from, at)
		if abs(once-often) > int64(len(looks)) {
			t.Errorf("one look gives %d, %d looks give %d", once, len(looks), often)
		}
	})
}

func TestUseOlderThanTheWindowWeighsLittle(t *testing.T) {
	for _, window := range []time.Duration{time.Second, batch.DefaultShareDecay, 7*time.Minute + time.Second, MaxDecay} {
		d := NewDecay(window)
		from := batch.Time(1_700_000_000_123)
		const usage = 1 << 40
		if after := d.use(usage, 0, from, from.Add(window)); after > usage/16+1 {
			t.Errorf("window %v: %d of %d is left after it", window, after, usage)
		}
		half := d.use(usage, 0, from, from.Add(window/4))
		if abs(half-usage/2) > usage/100 {
			t.Errorf("window %v: %d of %d is left after a quarter of it", window, half, usage)
		}
	}
}

// Two months on everything there is, at the longest memory: use grows to its level, and never over the edge.
func TestUseDoesNotOverflow(t *testing.T) {
	d := NewDecay(MaxDecay)
	at, use := batch.Time(1_700_000_000_000), int64(0)
	for day := 1; day <= 60; day++ {
		next := at.Add(24 * time.Hour)
		grown := d.use(use, largest, at, next)
		if grown < use-use>>6 || grown < 0 || grown > 1<<58 {
			t.Fatalf("day %d: use went from %d to %d", day, use, grown)
		}
		at, use = next, grown
	}
	_, into := d.locate(at)
	if level := d.level(largest, into); abs(use-level) > level>>20 {
		t.Errorf("use is %d after 60 days, its level %d", use, level)
	}
}

func abs(x int64) int64 { return max(x, -x) }
