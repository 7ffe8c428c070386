package replay

import (
	"fmt"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Comparison is one workload played twice in one world: with backfill in every queue, and with none.
type Comparison struct {
	With       Report     `json:"with"`
	Without    Report     `json:"without"`
	Difference Difference `json:"difference"`
}

// Difference is what backfill changed.
type Difference struct {
	// MeanWaitMs is the mean wait with backfill less the one without; MeanWait the first by the second.
	MeanWaitMs int64    `json:"meanWaitMs"`
	MeanWait   Fraction `json:"meanWait"`
	MakespanMs int64    `json:"makespanMs"`
	// Jobs is about every job that was placed both times; Heads about those that, with backfill, were at some moment first in
	// their queue and held back: the ones that backfill must not delay.
	Jobs  Shift `json:"jobs"`
	Heads Shift `json:"heads"`
}

// Shift is how much later jobs started with backfill than without; earlier is less than 0. Percentiles are by nearest
// rank.
type Shift struct {
	Earlier int           `json:"earlier"` // jobs
	Same    int           `json:"same"`
	Later   int           `json:"later"`
	MinMs   int64         `json:"minMs"`
	By      Spread[int64] `json:"byMs"`
	LaterBy Spread[int64] `json:"laterByMs"` // of the jobs that started later
}

// CompareBackfill plays w in world with and without backfill. Progress is told of both as of one run.
func CompareBackfill(world *World, w *Workload, o Options) (*Comparison, error) {
	both := func(backfill bool, done int) (*Outcome, error) {
		half := o
		half.Heads = backfill
		if o.Progress != nil {
			half.Progress = func(ended, total int) error { return o.Progress(done*total+ended, 2*total) }
		}
		return Run(world.WithBackfill(backfill), w, half)
	}
	with, err := both(true, 0)
	if err != nil {
		return nil, fmt.Errorf("with backfill: %w", err)
	}
	without, err := both(false, 1)
	if err != nil {
		return nil, fmt.Errorf("without backfill: %w", err)
	}
	return &Comparison{With: with.Report, Without: without.Report, Difference: difference(with, without)}, nil
}

func difference(with, without *Outcome) Difference {
	d := Difference{
		MeanWaitMs: with.Report.Wait.Mean - without.Report.Wait.Mean, MeanWait: fraction(with.Report.Wait.Mean, without.Report.Wait.Mean),
		MakespanMs: with.Report.MakespanMs - without.Report.MakespanMs,
	}
	var all, heads []int64
	n := 0
	for job := range with.load.Jobs {
		for range with.load.Jobs[job].parts() {
			a, b := with.parts[n], without.parts[n]
			n++
			if a.startedAt == 0 || b.startedAt == 0 {
				continue
			}
			later := int64(a.startedAt - b.startedAt)
			all = append(all, later)
			if with.heads[job] {
				heads = append(heads, later)
			}
		}
	}
	d.Jobs, d.Heads = shift(all), shift(heads)
	return d
}

func shift(values []int64) Shift {
	if len(values) == 0 {
		return Shift{}
	}
	s := Shift{By: spread(values), MinMs: slices.Min(values)}
	var later []int64
	for _, v := range values {
		switch {
		case v < 0:
			s.Earlier++
		case v == 0:
			s.Same++
		default:
			s.Later++
			later = append(later, v)
		}
	}
	s.LaterBy = spread(later)
	return s
}

// Start is when a job, or the first child of an array, started, in milliseconds after the first submission.
type Start struct {
	Job    string
	AtMs   int64
	Placed bool
	Head   bool // it was first in its queue and held back; only known if asked for
}

// Starts lists when the jobs of the workload started, in its order.
func (o *Outcome) Starts() []Start {
	all := make([]Start, len(o.load.Jobs))
	n := 0
	for job := range o.load.Jobs {
		s := &all[job]
		s.Job, s.Head = o.load.Jobs[job].Name, o.heads != nil && o.heads[job]
		for range o.load.Jobs[job].parts() {
			if at := o.parts[n].startedAt; at != 0 && (!s.Placed || at-epoch < batch.Time(s.AtMs)) {
				s.Placed, s.AtMs = true, int64(at-epoch)
			}
			n++
		}
	}
	return all
}
