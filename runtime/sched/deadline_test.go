package sched

import (
	"fmt"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// TestRenewedClaimsLeaveNoDeadlines renews one of two claims many times: while the other lapses first, while this one does, and in
// turn. The deadlines stay as few as what they are of.
func TestRenewedClaimsLeaveNoDeadlines(t *testing.T) {
	const renewals, first = 10_000, batch.Time(1_000_000)
	for name, until := range map[string]func(i batch.Time) batch.Time{
		"the other lapses first": func(i batch.Time) batch.Time { return first + i },
		"it lapses first":        func(i batch.Time) batch.Time { return i + 1 },
		"in turn":                func(i batch.Time) batch.Time { return first + 1 - 2*(i%2) },
	} {
		t.Run(name, func(t *testing.T) {
			m, j := &Machine{}, &job{row: batch.Job{ID: "a"}}
			j.row.Claims = j.row.Claims.With(batch.Claim{Name: "other", Until: first})
			for i := range batch.Time(renewals) {
				j.row.Claims = j.row.Claims.With(batch.Claim{Name: "own", Until: until(i)})
				m.armClaims(j)
			}
			if n := len(m.deadlines.Heap); n > 2*minDeadlines {
				t.Errorf("%d deadlines of one job", n)
			}
			if due, want := m.deadlines.next(), j.row.Claims.NextLapse(); due != want {
				t.Errorf("the next deadline is %d, want %d", due, want)
			}
		})
	}
}

// TestDeadlinesComeInOrder mixes deadlines of many jobs, some of which do not count any more, with room running out often.
func TestDeadlinesComeInOrder(t *testing.T) {
	m := &Machine{}
	want := map[batch.Time]int{}
	for i := range batch.Time(1000) {
		j := &job{row: batch.Job{ID: batch.JobID(fmt.Sprint(i)), Seq: int64(i)}, due: 1 + i*7919%1000}
		m.deadlines.push(deadline{at: j.due + 1, job: j}) // of a timeout that was changed
		m.deadlines.push(deadline{at: j.due, job: j})
		want[j.due]++
	}
	before := batch.Time(0)
	for due := m.deadlines.next(); due != 0; due = m.deadlines.next() {
		if due < before {
			t.Fatalf("%d comes after %d", due, before)
		}
		before = due
		want[due]--
		m.deadlines.Pop()
	}
	for at, n := range want {
		if n != 0 {
			t.Errorf("%d deadlines at %d did not come", n, at)
		}
	}
}
