package fleet

import (
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place"
)

// Boundless stands for a bound that is not set.
const Boundless = place.Unbounded

// unlimited is a shape without bounds.
var unlimited = batch.Shape{MilliCPU: Boundless, MemoryMiB: Boundless, GPUs: Boundless}

// Environment is a compute environment and what its attempts hold.
type Environment struct {
	Row      batch.Environment
	Used     batch.Shape
	Attempts int // that are live
	Ahead    int // of these, those that wait at a driver for a place
}

// Max is the most e may hold at once.
func (e *Environment) Max() batch.Shape {
	limit := e.Row.Max
	limit.GPUs = Boundless
	if limit.MemoryMiB == 0 {
		limit.MemoryMiB = Boundless
	}
	return limit
}

// Free is what e may still hold.
func (e *Environment) Free() batch.Shape { return e.Max().Minus(e.Used) }

// Over reports whether attempts hold more than e may, or h has.
func (e *Environment) Over(h *Host) bool {
	return !e.Used.Fits(e.Max()) || h.Open() && !h.Used.Fits(h.Capacity())
}
