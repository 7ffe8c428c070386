package computetest

import (
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

func logs(w *witness) {
	w.start(id(1), Behaviour{Output: "one\ntwo\nthree\n"})
	w.start(id(2), Behaviour{Output: "other\n"})
	w.start(id(3), Behaviour{})
	w.logIs(w.ended(id(1), 0), "one", "two", "three")
	w.logIs(w.ended(id(2), 0), "other")
	w.logIs(w.ended(id(3), 0))
	e := w.exited(id(1))
	if e.Log.Bytes != int64(len("one\ntwo\nthree\n")) || e.Log.Dropped != 0 {
		w.t.Errorf("span %+v", e.Log)
	}
	tail, err := w.Logs.Tail(w.t.Context(), id(1), e.Log.From, e.Log.To, 2)
	if err != nil || len(tail) != 2 || tail[0].Text != "two" || tail[1].Text != "three" {
		w.t.Errorf("tail %+v, %v", tail, err)
	}
	w.forget(id(1))
	w.logIs(e, "one", "two", "three")
}

// logIs checks the log of an attempt that ended.
func (w *witness) logIs(e batch.Exit, want ...string) {
	w.t.Helper()
	lines, _, err := w.Logs.Read(w.t.Context(), e.Attempt, e.Log.From, e.Log.To, 100)
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
		if e := w.ended(id(i), int32(i%3)); e.Log.Bytes != int64(i+1) {
			w.t.Errorf("span %+v, want %d bytes", e.Log, i+1)
		}
	}
	for i := range total {
		w.forget(id(i))
	}
	if held := w.census(); len(held) != 0 {
		w.t.Errorf("%d attempts are left", len(held))
	}
}
