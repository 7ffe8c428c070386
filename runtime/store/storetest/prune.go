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

// Old lines of the audit log go from the oldest, many too. The newest stays, numbers are not given again, and pages go on.
func testPruneAudits(t *testing.T, open Open) {
	const lines = 5000
	s, reopen := open(t)
	audit := func(i int) batch.Audit {
		return batch.Audit{At: batch.Time(i * int(time.Minute.Milliseconds())), Who: "k", Action: "SubmitJob", Denied: i%3 == 0}
	}
	add := func(from, to int) {
		var d batch.Delta
		for i := from; i <= to; i++ {
			d.Audits = append(d.Audits, audit(i))
		}
		commit(t, s, d)
	}
	newest := func(q store.AuditQuery) store.AuditLine {
		t.Helper()
		q.Limit = 1
		found := must(s.Audits(t.Context(), q))(t)
		if len(found) != 1 {
			t.Fatalf("%d lines of %+v", len(found), q)
		}
		return found[0]
	}
	prune := func(age time.Duration, gone int64) {
		t.Helper()
		same(t, "gone", must(s.PruneAudits(t.Context(), store.Retention{AuditAge: age}))(t), gone)
	}
	add(1, lines)
	prune(0, 0)
	seen := newest(store.AuditQuery{})
	middle := must(s.Audits(t.Context(), store.AuditQuery{Before: seen.Seq - 98, Limit: 1}))(t)[0]
	same(t, "before", middle.Audit, audit(lines-99))
	prune(100*time.Minute, lines-101) // what is a hundred minutes older than the newest stays
	yes := true
	twice(s, func() store.Store { s = reopen(); return s }, func(s store.Store) {
		var kept []batch.Audit
		for i := lines; i >= lines-100; i-- {
			kept = append(kept, audit(i))
		}
		same(t, "kept", auditPages(t, s, store.AuditQuery{Limit: 7}), kept)
		same(t, "a page in the middle", must(s.Audits(t.Context(), store.AuditQuery{Before: middle.Seq}))(t),
			[]store.AuditLine{{Seq: middle.Seq - 1, Audit: audit(lines - 100)}})
		same(t, "a page before the first", must(s.Audits(t.Context(), store.AuditQuery{Before: middle.Seq - 1}))(t), nil)
		same(t, "denied", len(auditPages(t, s, store.AuditQuery{Denied: &yes, Limit: 2})), 33)
	})
	prune(100*time.Minute, 0)
	prune(time.Millisecond, 100)
	same(t, "the newest stays", must(s.Audits(t.Context(), store.AuditQuery{}))(t), []store.AuditLine{seen})
	add(lines+1, lines+1)
	if line := newest(store.AuditQuery{}); line.Seq <= seen.Seq || line.Audit != audit(lines+1) {
		t.Errorf("line %+v after %d", line, seen.Seq)
	}
	commit(t, s, batch.Delta{Audits: []batch.Audit{audit(1)}}) // a clock that was set back
	prune(time.Millisecond, 0)
	same(t, "in order", len(must(s.Audits(t.Context(), store.AuditQuery{}))(t)), 3)
}
