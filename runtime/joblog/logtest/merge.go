package logtest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
)

// several are attempts whose lines have the same times.
func several(n int) (all []batch.AttemptID) {
	for i := range int32(n) {
		all = append(all, batch.AttemptID{Job: batch.JobID(fmt.Sprint("job", i)), Number: i%2 + 1})
	}
	return all
}

// merging asks for all lines of attempts that have stopped.
func (s *Subject) merging(attempts []batch.AttemptID, limit int) joblog.MergeQuery {
	q := joblog.MergeQuery{Limit: limit, Bytes: 1 << 20, Keep: func(joblog.Line) bool { return true }}
	for _, id := range attempts {
		q.Logs = append(q.Logs, s.Log(id, stopped))
	}
	return q
}

// merged reads every page. between is called after each.
func (s *Subject) merged(t *testing.T, q joblog.MergeQuery, between func()) (lines []joblog.MergedLine) {
	t.Helper()
	for {
		page, err := s.Reader.Merge(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Lines) > q.Limit {
			t.Errorf("a page of %d lines, at most %d were asked for", len(page.Lines), q.Limit)
		}
		lines = append(lines, page.Lines...)
		if !page.More {
			return lines
		}
		q.Places = page.Places
		between()
	}
}

// Lines of all logs come in the order of their times, each with an id of its own, and only those that are kept.
func testMerge(t *testing.T, s Subject) {
	attempts := several(4)
	for i := range 5 {
		for _, id := range attempts {
			s.Write(id, batch.Time(1000+10*i), fmt.Sprint(id, i))
		}
	}
	q := s.merging(attempts, 100)
	q.Keep = func(line joblog.Line) bool { return line.At != 1020 }
	lines := s.merged(t, q, func() {})
	if len(lines) != 16 || !slices.IsSortedFunc(lines, func(a, b joblog.MergedLine) int { return int(a.At - b.At) }) {
		t.Errorf("%d lines, want 16 in order: %+v", len(lines), lines)
	}
	ids := map[string]bool{}
	for _, line := range lines {
		ids[fmt.Sprint(line.ID, " of ", line.Log)] = true
	}
	if len(ids) != len(lines) {
		t.Errorf("%d lines have %d ids", len(lines), len(ids))
	}
}

// Pages of every size have each line once that was there at the first page, also while attempts write and new ones are added. A
// line has the same id on pages of any size.
func testMergedPages(t *testing.T, s Subject) {
	attempts := several(3)
	var want []string
	for i := range 6 {
		for _, id := range attempts {
			text := fmt.Sprint(id, " ", i)
			s.Write(id, batch.Time(1000+10*(i/2)), text)
			want = append(want, text)
		}
	}
	slices.Sort(want)
	var ids map[string]string
	for limit := 1; limit <= len(want)+1; limit++ {
		q := s.merging(attempts, limit)
		n := 0
		lines := s.merged(t, q, func() {
			if n++; n <= len(attempts) {
				s.Write(attempts[n-1], stopped, fmt.Sprint("later ", limit))
			}
		})
		got, these := []string{}, map[string]string{}
		for _, line := range lines {
			if line.At < stopped {
				got = append(got, line.Text)
				these[line.Text] = line.ID
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Fatalf("by %d: %q, want %q", limit, got, want)
		}
		for text, id := range these {
			if ids != nil && ids[text] != id {
				t.Errorf("by %d: %q has id %s, and had %s", limit, text, id, ids[text])
			}
		}
		ids = these
	}
}
