package joblog

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

func everything(Line) bool { return true }

// merged reads all pages. between is called after each.
func merged(t *testing.T, dir string, q MergeQuery, between func(q *MergeQuery)) []MergedLine {
	t.Helper()
	var all []MergedLine
	for range 1_000_000 {
		page, err := OpenDir(dir).Merge(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Lines) > q.Limit {
			t.Fatalf("a page of at most %d has %d lines", q.Limit, len(page.Lines))
		}
		all = append(all, page.Lines...)
		if !page.More {
			return all
		}
		q.Places = page.Places
		if between != nil {
			between(&q)
		}
	}
	t.Fatal("the pages do not end")
	return nil
}

// TestMerge reads many attempts of both series, some of which go on or begin between pages, in pages of every size.
func TestMerge(t *testing.T) {
	for _, limit := range []int{1, 2, 7, 100, 100_000} {
		t.Run(fmt.Sprint("by ", limit), func(t *testing.T) {
			dir := t.TempDir()
			dice := rand.New(rand.NewPCG(1, uint64(limit)))
			writers := map[Series]*Writer{}
			for _, series := range []Series{SeriesHolder, SeriesContainers} {
				w, err := OpenWriter(dir, series)
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = w.Close() }()
				writers[series] = w
			}
			now := batch.Time(1_000_000)
			var streams []*Stream
			var logs []Log
			var begun []string // what of a line a stream has written
			want := [][]string{}
			start := func() {
				id := attempt(fmt.Sprint("job", len(streams)))
				s := writers[Series(dice.IntN(2))].Stream(id)
				streams, logs = append(streams, s), append(logs, Log{Attempt: id, Ref: batch.LogFrom(s.From())})
				begun, want = append(begun, ""), append(want, nil)
			}
			write := func() {
				i := dice.IntN(len(streams))
				if logs[i].Stopped != 0 {
					return
				}
				now += batch.Time(dice.IntN(3))
				switch dice.IntN(4) {
				case 0, 1:
					part := strings.Repeat("p", dice.IntN(300))
					streams[i].WriteAt([]byte(part), now)
					begun[i] += part
				case 2:
					streams[i].WriteAt([]byte(fmt.Sprint("end", now, "\n")), now)
					want[i], begun[i] = append(want[i], begun[i]+fmt.Sprint("end", now)), ""
				case 3:
					streams[i].WriteAt([]byte("tail\nwhole\nhead"), now)
					want[i], begun[i] = append(want[i], begun[i]+"tail", "whole"), "head"
				}
			}
			for range 6 {
				start()
			}
			for i := range 1500 {
				write()
				if i%40 == 0 {
					writers[Series(dice.IntN(2))].Flush()
				}
			}
			// Within a round all output gets to the disk, as it does before a page when nobody is late.
			flush := func() {
				for _, w := range writers {
					w.Flush()
				}
			}
			flush()
			for i := range 3 {
				logs[i].Ref.Span, logs[i].Stopped = streams[i].Span(), 1
				if begun[i] != "" {
					want[i] = append(want[i], begun[i])
				}
			}
			rounds := 0
			got := merged(t, dir, MergeQuery{Logs: logs, Limit: limit, Bytes: 1 << 20, Keep: everything}, func(q *MergeQuery) {
				if rounds++; rounds > 30 {
					return
				}
				start()
				for range 10 {
					write()
				}
				flush()
				q.Logs = logs
			})
			lines := make([][]string, len(logs))
			last := batch.Time(0)
			for _, line := range got {
				lines[line.Log] = append(lines[line.Log], line.Text)
				if line.At < last {
					t.Fatalf("%q of %d comes after %d", line.Text, line.At, last)
				}
				last = line.At
			}
			for i := range logs {
				if !slices.Equal(lines[i], want[i]) {
					t.Errorf("of stream %d: %d lines, want %d", i, len(lines[i]), len(want[i]))
				}
			}
		})
	}
}

// A line that nobody finishes is not waited for without end, and is not told twice.
func TestMergeHoldsBackOnlySoMuch(t *testing.T) {
	dir := t.TempDir()
	w := open(t, dir)
	slow, busy := w.Stream(attempt("slow")), w.Stream(attempt("busy"))
	slow.Write([]byte("slowly"))
	w.Flush()
	line := strings.Repeat("x", 1000) + "\n"
	for range 3000 {
		busy.Write([]byte(line))
	}
	slow.Write([]byte(" on\nrest"))
	q := MergeQuery{Limit: 100, Bytes: 1 << 20, Keep: everything, Logs: []Log{
		{Attempt: attempt("slow"), Ref: batch.LogRef{Span: slow.Span()}, Stopped: 1}, {Attempt: attempt("busy"), Ref: batch.LogFrom(busy.From())},
	}}
	var texts []string
	others := 0
	for _, l := range merged(t, dir, q, nil) {
		if l.Log == 0 {
			texts = append(texts, l.Text)
		} else {
			others++
		}
	}
	if !slices.Equal(texts, []string{"slowly", " on", "rest"}) || others != 3000 {
		t.Errorf("%q, and %d of the other", texts, others)
	}
}

// What was written long before is not read, and what lies far apart is jumped over.
func TestMergeSince(t *testing.T) {
	dir := t.TempDir()
	line := strings.Repeat("x", 1000) + "\n"
	var logs []Log
	for i := range 3 {
		w, err := OpenWriter(dir, SeriesHolder) // a segment of its own
		if err != nil {
			t.Fatal(err)
		}
		id := attempt(fmt.Sprint("job", i))
		s := w.Stream(id)
		for range 100 {
			s.Write([]byte(line))
		}
		logs = append(logs, Log{Attempt: id, Ref: batch.LogRef{Span: s.Span()}, Stopped: 1})
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	old := time.Now().Add(-time.Hour)
	for segment := logs[0].Ref.Span.From.Segment; segment < logs[2].Ref.Span.From.Segment; segment++ {
		if err := os.Chtimes(segmentPath(dir, segment), old, old); err != nil {
			t.Fatal(err)
		}
	}
	got := merged(t, dir, MergeQuery{Logs: logs, Since: batch.At(time.Now().Add(-time.Minute)), Limit: 64, Bytes: 1 << 20, Keep: everything}, nil)
	if len(got) != 100 || got[0].Log != 2 {
		t.Errorf("%d lines since a minute", len(got))
	}
	got = merged(t, dir, MergeQuery{Logs: []Log{logs[0], logs[2]}, Limit: 64, Bytes: 1 << 20, Keep: everything}, nil)
	if len(got) != 200 {
		t.Errorf("%d lines of the first and the last", len(got))
	}
	for _, place := range []Place{{At: batch.LogPosition{Segment: 1, Offset: -5}, Open: []int64{-9, 3, 1 << 40}}, {At: batch.LogPosition{Segment: 99}}, {At: batch.LogPosition{Segment: -1}}} {
		if _, err := OpenDir(dir).Merge(t.Context(), MergeQuery{Logs: logs, Places: []Place{place}, Limit: 9, Bytes: 9, Keep: everything}); err != nil {
			t.Errorf("from %+v: %v", place, err)
		}
	}
}

// TestTailHoldsBackAnUnfinishedLine leaves out what is not a whole line yet, as reading forward does, until the attempt has ended.
func TestTailHoldsBackAnUnfinishedLine(t *testing.T) {
	dir := t.TempDir()
	w := open(t, dir)
	s := w.Stream(attempt("job"))
	tail := func(to batch.LogPosition) []string {
		t.Helper()
		lines, err := OpenDir(dir).tail(t.Context(), attempt("job"), s.From(), to, 10)
		if err != nil {
			t.Fatal(err)
		}
		var texts []string
		for _, l := range lines {
			texts = append(texts, l.Text)
		}
		return texts
	}
	s.Write([]byte("hal"))
	w.Flush()
	if got := tail(batch.LogPosition{}); got != nil {
		t.Errorf("half a line: %q", got)
	}
	s.Write([]byte("f\nnext"))
	w.Flush()
	if got := tail(batch.LogPosition{}); !slices.Equal(got, []string{"half"}) {
		t.Errorf("a line and a half: %q", got)
	}
	if got := tail(s.Span().To); !slices.Equal(got, []string{"half", "next"}) {
		t.Errorf("after the end: %q", got)
	}
}
