package sched

import (
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/line"
)

// TestRefusedAgainAndAgain refuses one job many times while nothing starts: it is set back once.
func TestRefusedAgainAndAgain(t *testing.T) {
	m, j := &Machine{setBack: map[batch.Runner][]*job{}}, &job{row: batch.Job{ID: "a"}}
	j.class = line.New[*job]().Imagine(&j.row)
	for range 1000 {
		m.sendBack(j)
	}
	if n := len(m.setBack[batch.Processes]); n != 1 {
		t.Errorf("it is set back %d times", n)
	}
	if back := j.row.Refusals.Back; back != 255 {
		t.Errorf("it was refused %d times, the count says %d", 1000, back)
	}
}
