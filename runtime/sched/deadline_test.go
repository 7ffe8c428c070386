package sched

import (
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
			if n := m.deadlines.Len(); n > 128 {
				t.Errorf("%d deadlines of one job", n)
			}
			if due, want := m.deadlines.Next(), j.row.Claims.NextLapse(); due != want {
				t.Errorf("the next deadline is %d, want %d", due, want)
			}
		})
	}
}
