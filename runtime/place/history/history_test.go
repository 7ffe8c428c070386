package history_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/history"
)

func TestHistoryAveragesTheFirstRunsExactly(t *testing.T) {
	b, rows := history.Load(nil), []batch.History(nil)
	sum := int64(0)
	for n, millis := range []int64{1000, 3000, 2000, 6000, 8000, 1000, 2000, 9000} {
		b.Observe("d", time.Duration(millis)*time.Millisecond, &rows)
		sum += millis
		if got, want := b.Rows()[0].MeanMillis, sum/int64(n+1); abs(got-want) > 1 {
			t.Errorf("the mean of %d runs is %d, want %d", n+1, got, want)
		}
	}
	if len(rows) != 1 || rows[0].Runs != 8 {
		t.Errorf("eight runs in one round write %+v", rows)
	}
	rows = nil
	for _, definition := range []string{"d", "other", "d"} {
		b.Observe(definition, time.Second, &rows)
	}
	if len(rows) != 2 || rows[0].Runs != 10 || rows[1].Runs != 1 {
		t.Errorf("runs of two definitions write %+v", rows)
	}
	if again := history.Load(rows).Rows(); !slices.Equal(again, b.Rows()) {
		t.Errorf("loaded: %+v, kept: %+v", again, b.Rows())
	}
}

func TestHistoryFollowsAChange(t *testing.T) {
	b, rows := history.Load(nil), []batch.History(nil)
	learn := func(times int, millis ...int64) batch.History {
		for range times {
			for _, each := range millis {
				b.Observe("d", time.Duration(each)*time.Millisecond, &rows)
			}
		}
		return b.Rows()[0]
	}
	if h := learn(100, 60_000); h.MeanMillis != 60_000 || h.DeviationMillis != 0 {
		t.Errorf("runs that are alike give %+v", h)
	}
	if h := learn(1, 60_800); h.MeanMillis != 60_100 || h.DeviationMillis != 100 {
		t.Errorf("one eighth of the difference is taken: %+v", h)
	}
	if h := learn(100, 10_000); abs(h.MeanMillis-10_000) > 4 || h.DeviationMillis > 8 {
		t.Errorf("after a change: %+v", h)
	}
	if h := learn(200, 9_000, 11_000); abs(h.MeanMillis-10_000) > 150 || abs(h.DeviationMillis-1000) > 150 {
		t.Errorf("a second to either side: %+v", h)
	}
	if h := learn(1, -5); h.MeanMillis < 0 {
		t.Errorf("a clock that went back gives %+v", h)
	}
	for _, ran := range []time.Duration{0, math.MaxInt64, math.MaxInt64} {
		b.Observe("long", ran, &rows)
	}
	if d := b.Expect(0, "long"); d < math.MaxInt64-time.Second {
		t.Errorf("the longest run gives %v", d)
	}
}

func TestExpected(t *testing.T) {
	b := history.Load([]batch.History{
		{Definition: "price", Runs: 17, MeanMillis: 60_000, DeviationMillis: 5000},
		{Definition: "once", Runs: 1, MeanMillis: 1000},
	})
	for _, c := range []struct {
		timeout    time.Duration
		definition string
		want       time.Duration
		basis      string
	}{
		{time.Hour, "price", time.Hour, "its timeout"},
		{0, "price", 65 * time.Second, "17 earlier runs of definition price"},
		{0, "once", time.Second, "1 earlier run of definition once"},
		{0, "none", 10 * time.Minute, "no history: 10 minutes assumed"},
	} {
		if got, basis := b.Expect(c.timeout, c.definition), b.Basis(c.timeout, c.definition); got != c.want || basis != c.basis {
			t.Errorf("expected %v because of %q, want %v because of %q", got, basis, c.want, c.basis)
		}
	}
}

func abs(x int64) int64 { return max(x, -x) }
