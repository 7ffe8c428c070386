package sched_test

import (
	"errors"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// updateEnvironment is an update of the compute environment with that name, as rows have it, by change.
func updateEnvironment(rows *batch.Rows, name string, change func(*batch.Environment)) sched.UpdateEnvironment {
	e := rows.Environments[name]
	e.Name = name
	change(&e)
	return sched.UpdateEnvironment{Environment: e}
}

// TestAnUpdateOfAnotherRevisionIsStale: of two updates that were made from the same row, the second is refused and changes nothing. So is one of
// an environment that was deleted and made again meanwhile.
func TestAnUpdateOfAnotherRevisionIsStale(t *testing.T) {
	s := newScene(t)
	larger := s.updated(func(e *batch.Environment) { e.Max.MilliCPU = 8000 })
	disabled := s.updated(func(e *batch.Environment) { e.State = batch.Disabled })
	s.do(larger)
	if _, err := s.m.Apply(s.now, disabled); !errors.Is(err, sched.ErrStale) {
		t.Errorf("the second update of a revision: %v", err)
	}
	if e := s.rows.Environments["e"]; e.Revision != 2 || e.State != batch.Enabled || e.Max.MilliCPU != 8000 {
		t.Errorf("the environment is %+v", e)
	}

	alone := batch.Environment{Name: "alone", UUID: "first", Kind: batch.Local, State: batch.Disabled}
	s.do(sched.CreateEnvironment{Environment: alone})
	late := updateEnvironment(&s.rows, "alone", func(e *batch.Environment) { e.State = batch.Enabled })
	s.do(sched.DeleteEnvironment{Name: "alone"})
	alone.UUID = "second"
	s.do(sched.CreateEnvironment{Environment: alone})
	if _, err := s.m.Apply(s.now, late); !errors.Is(err, sched.ErrStale) {
		t.Errorf("the update of an environment that was made again: %v", err)
	}
}
