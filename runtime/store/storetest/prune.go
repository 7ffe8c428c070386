package storetest

import (
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// logOf commits lines from..to of the log, those of one minute each, so many to a commit.
func logOf(t *testing.T, s store.Store, from, to int64, together int) {
	t.Helper()
	var d batch.Delta
	for seq := from; seq <= to; seq++ {
		d.Transitions = append(d.Transitions, logLine(seq))
		if len(d.Transitions) == together || seq == to {
			commit(t, s, d)
			d = batch.Delta{}
		}
	}
}

func logLine(seq int64) batch.Transition {
	return batch.Transition{
		Seq: seq, Job: batch.JobID("array").Child(int32(seq % 9)), From: batch.Runnable, To: batch.Starting,
		At: batch.Time(seq * time.Minute.Milliseconds()),
	}
}

// What is old goes, but not before every cursor has passed it, unless the log is too long.
func testPrune(t *testing.T, open Open) {
	s, reopen := open(t)
	logOf(t, s, 1, 100, 7)
	ten := store.Retention{Age: 10 * time.Minute}
	prune := func(r store.Retention, gone, first int64) {
		t.Helper()
		same(t, "gone", must(s.PruneTransitions(t.Context(), r))(t), gone)
		twice(s, func() store.Store { s = reopen(); return s }, func(s store.Store) {
			t.Helper()
			same(t, "first", must(s.FirstTransition(t.Context()))(t), first)
			want := []batch.Transition{}
			for seq := first; seq <= 100; seq++ {
				want = append(want, logLine(seq))
			}
			same(t, "kept", must(s.Transitions(t.Context(), 0, 1000))(t), want)
			same(t, "kept after the first", must(s.Transitions(t.Context(), first, 2))(t), want[1:min(3, len(want))])
			same(t, "LastTransition", must(s.Load(t.Context()))(t).LastTransition, 100)
		})
	}
	prune(store.Retention{}, 0, 1)
	commit(t, s, batch.Delta{Cursors: []batch.Cursor{{Name: "slow"}, {Name: "fast", Seq: 50, At: 3}}})
	prune(ten, 0, 1)
	commit(t, s, batch.Delta{Cursors: []batch.Cursor{{Name: "slow", Seq: 20}}})
	prune(ten, 20, 21)
	prune(ten, 0, 21)
	prune(store.Retention{Age: 10 * time.Minute, Lines: 77}, 3, 24)
	commit(t, s, batch.Delta{Cursors: []batch.Cursor{{Name: "slow", Deleted: true}}})
	prune(ten, 27, 51) // the one that is left decides
	commit(t, s, batch.Delta{Cursors: []batch.Cursor{{Name: "fast", Seq: 100}}})
	prune(ten, 39, 90) // line 90 is ten minutes older than the newest, not more
	prune(store.Retention{Age: time.Millisecond}, 10, 100)
	prune(store.Retention{Lines: 1}, 0, 100)
	logOf(t, s, 101, 103, 1)
	same(t, "the log goes on", must(s.Transitions(t.Context(), 99, 10))(t),
		[]batch.Transition{logLine(100), logLine(101), logLine(102), logLine(103)})
}

func testCursors(t *testing.T, open Open) {
	s, reopen := open(t)
	commit(t, s, batch.Delta{Cursors: []batch.Cursor{{Name: "b", Seq: 3, At: 4}, {Name: "a", Seq: 1 << 40, At: 5}}})
	commit(t, s, batch.Delta{Cursors: []batch.Cursor{{Name: "b", Seq: 7, At: 8}, {Name: "c", Seq: 2}, {Name: "none", Deleted: true}}})
	commit(t, s, batch.Delta{Cursors: []batch.Cursor{{Name: "c", Seq: 2, At: 9, Deleted: true}}})
	twice(s, reopen, func(s store.Store) {
		want := []batch.Cursor{{Name: "a", Seq: 1 << 40, At: 5}, {Name: "b", Seq: 7, At: 8}}
		same(t, "Cursors", must(s.Cursors(t.Context()))(t), want)
		same(t, "Load", must(s.Load(t.Context()))(t).Cursors, want)
	})
}

// A long log goes too, and a reader that was left behind finds out.
func testPruneMany(t *testing.T, open Open) {
	const last, kept = 60_000, 1500
	s, reopen := open(t)
	logOf(t, s, 1, last, 5000)
	commit(t, s, batch.Delta{Cursors: []batch.Cursor{{Name: "stuck", Seq: 3}}})
	same(t, "gone", must(s.PruneTransitions(t.Context(), store.Retention{Lines: kept}))(t), last-kept)
	twice(s, reopen, func(s store.Store) {
		lines := must(s.Transitions(t.Context(), 3, 10_000))(t)
		if len(lines) != kept || lines[0] != logLine(last-kept+1) || lines[kept-1] != logLine(last) {
			t.Fatalf("%d lines from %v", len(lines), lines[0])
		}
		same(t, "FirstTransition", must(s.FirstTransition(t.Context()))(t), last-kept+1)
	})
}
