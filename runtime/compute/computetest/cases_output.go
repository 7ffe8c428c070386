package computetest

import (
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
)

func logs(w *witness) {
	w.start(id(1), Behaviour{Output: "one\ntwo\nthree\n"})
	w.start(id(2), Behaviour{Output: "other\n"})
	w.start(id(3), Behaviour{})
	w.logIs(w.ended(id(1), 0), "one", "two", "three")
	w.logIs(w.ended(id(2), 0), "other")
	w.logIs(w.ended(id(3), 0))
	e := w.exited(id(1))
	w.bytesAre(e, len("one\ntwo\nthree\n"))
	tail, err := w.Logs.Page(w.t.Context(), joblog.PageQuery{Log: logOf(e), Backward: true, Window: joblog.Always, Limit: 2})
	if lines := tail.Lines; err != nil || len(lines) != 2 || lines[0].Text != "two" || lines[1].Text != "three" {
		w.t.Errorf("tail %+v, %v", tail, err)
	}
	w.forget(id(1))
	w.logIs(e, "one", "two", "three")
}

func logOf(e batch.Exit) joblog.Log {
	return joblog.Log{Attempt: e.Attempt, Ref: e.Log, Stopped: e.StoppedAt}
}

// bytesAre checks how much an attempt wrote, where that is known.
func (w *witness) bytesAre(e batch.Exit, want int) {
	w.t.Helper()
	if e.Log.Kind == batch.LogSegments && (e.Log.Span.Bytes != int64(want) || e.Log.Span.Dropped != 0) {
		w.t.Errorf("span %+v, want %d bytes", e.Log.Span, want)
	}
}

// logIs checks the log of an attempt that ended.
func (w *witness) logIs(e batch.Exit, want ...string) {
	w.t.Helper()
	lines, err := joblog.All(w.t.Context(), w.Logs, logOf(e))
	if err != nil {
		w.t.Fatal("reading the log: ", err)
	}
	var got []string
	for _, l := range lines {
		got = append(got, l.Text)
	}
	if !slices.Equal(got, want) {
		w.t.Errorf("log of %v: %q, want %q", e.Attempt, got, want)
	}
}

func many(w *witness) {
	const lanes, total = 4, 200
	var starts []compute.Start
	for i := range total {
		s := w.orderFor(id(i), Behaviour{Code: int32(i % 3), Output: strings.Repeat("x", i) + "\n"})
		s.Ahead = i >= lanes
		starts = append(starts, s)
	}
	w.give(starts...)
	for i := range total {
		w.bytesAre(w.ended(id(i), int32(i%3)), i+1)
	}
	for i := range total {
		w.forget(id(i))
	}
	if held := w.census(); len(held) != 0 {
		w.t.Errorf("%d attempts are left", len(held))
	}
}
