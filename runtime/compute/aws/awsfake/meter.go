package awsfake

import (
	"maps"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Meter is what was used since the world began.
type Meter struct {
	// Calls are the calls by action, for example ec2:CreateFleet, whatever came of them. Throttled are those of them that were refused because they
	// came too fast, and Errors all that were answered with an error, by its code.
	Calls, Throttled, Errors map[string]int
	// OnDemand and Spot are what instances cost, in dollars: by the second, a minute at least, at the price at launch.
	OnDemand, Spot float64
	// Instances is how many were launched, and InstanceSeconds for how many seconds they are paid.
	Instances       int
	InstanceSeconds float64
}

type meter struct{ Meter }

func newMeter() meter {
	return meter{Meter{Calls: map[string]int{}, Throttled: map[string]int{}, Errors: map[string]int{}}}
}

// count counts a call.
func (m *meter) count(c Call, throttled bool) {
	m.Calls[c.Action()]++
	if throttled {
		m.Throttled[c.Action()]++
	}
	if c.Err != nil {
		m.Errors[c.Err.Code]++
	}
}

// Meter returns what was used up to now. Instances that are running are counted as if they ended now.
func (w *World) Meter() Meter {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.happen()
	used := w.meter
	for _, i := range w.ec2.list {
		if i.now().state != types.InstanceStateNameTerminated {
			used.bill(i, time.Now())
		}
	}
	m := used.Meter
	m.Calls, m.Throttled, m.Errors = maps.Clone(m.Calls), maps.Clone(m.Throttled), maps.Clone(m.Errors)
	return m
}
