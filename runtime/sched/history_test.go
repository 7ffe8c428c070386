package sched

import (
	"math"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

func TestHistoryAveragesTheFirstRunsExactly(t *testing.T) {
	m := loaded(batch.Snapshot{})
	sum := int64(0)
	for n, millis := range []int64{1000, 3000, 2000, 6000, 8000, 1000, 2000, 9000} {
		m.observe("d", time.Duration(millis)*time.Millisecond)
		sum += millis
		if got, want := m.histories["d"].row.MeanMillis, sum/int64(n+1); abs(got-want) > 1 {
			t.Errorf("the mean of %d runs is %d, want %d", n+1, got, want)
		}
	}
	rows := m.Take().Delta.Histories
	if len(rows) != 1 || rows[0].Runs != 8 {
		t.Errorf("eight runs in one round write %s", text(rows))
	}
	m.observe("d", time.Second)
	m.observe("other", time.Second)
	m.observe("d", time.Second)
	rows = m.Take().Delta.Histories
	if len(rows) != 2 || rows[0].Runs != 10 || rows[1].Runs != 1 {
		t.Errorf("runs of two definitions write %s", text(rows))
	}
	if again := loaded(batch.Snapshot{Histories: rows}); state(again) != state(m) {
		t.Errorf("loaded: %s, kept: %s", state(again), state(m))
	}
}

func TestHistoryFollowsAChange(t *testing.T) {
	m := loaded(batch.Snapshot{})
	learn := func(times int, millis ...int64) batch.History {
		for range times {
			for _, each := range millis {
				m.observe("d", time.Duration(each)*time.Millisecond)
			}
		}
		return m.histories["d"].row
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
	m.observe("long", 0)
	m.observe("long", math.MaxInt64)
	m.observe("long", math.MaxInt64)
	if d, _ := m.expected(0, "long"); d < math.MaxInt64-time.Second {
		t.Errorf("the longest run gives %v", d)
	}
}

func TestExpected(t *testing.T) {
	m := loaded(batch.Snapshot{Histories: []batch.History{
		{Definition: "price", Runs: 17, MeanMillis: 60_000, DeviationMillis: 5000},
		{Definition: "once", Runs: 1, MeanMillis: 1000},
	}})
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
		if got, basis := m.expected(c.timeout, c.definition); got != c.want || basis != c.basis {
			t.Errorf("expected %v because of %q, want %v because of %q", got, basis, c.want, c.basis)
		}
	}
}
