package why

import (
	"fmt"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
)

// lacking says what e lacks for w now.
func lacking(f *fleet.Fleet, w *fleet.Work, e *fleet.Environment) string {
	want, free := w.Total(), e.Free()
	switch {
	case want.MilliCPU > free.MilliCPU:
		return fmt.Sprintf("compute environment %s has %s of %s vCPUs free, %s asked for", e.Row.Name, vcpus(max(free.MilliCPU, 0)), vcpus(e.Row.Max.MilliCPU), vcpus(want.MilliCPU))
	case want.MemoryMiB > free.MemoryMiB:
		return fmt.Sprintf("compute environment %s has %d of %d MiB free, %d asked for", e.Row.Name, max(free.MemoryMiB, 0), e.Row.Max.MemoryMiB, want.MemoryMiB)
	}
	p := f.Pool(e)
	for _, h := range p.Hosts {
		if words := full(h, w.Ask); words != "" && want.Fits(h.Free()) {
			return words
		}
	}
	if w.Gang {
		return fmt.Sprintf("the hosts of compute environment %s have no room for all %d nodes at once", e.Row.Name, w.Count())
	}
	var most batch.Shape
	for _, h := range p.Hosts {
		most = most.Max(h.Free())
	}
	return fmt.Sprintf("no host of compute environment %s has %s free (at most %s)", e.Row.Name, asked(want), asked(most))
}

// full says that h has no place for another attempt of a, whatever room it has; empty if it has one.
func full(h *fleet.Host, a *fleet.Ask) string {
	for _, inContainer := range a.Containers {
		switch r := h.Runner(inContainer); {
		case r.Limit != nil && r.Live >= int(r.Limit.Attempts):
			return fmt.Sprintf("host %s holds as many %s as its limits allow: %d (%s)", h.Row.ID, Plurals[r.Kind], r.Limit.Attempts, r.Limit.Reason)
		case r.Tries():
			return fmt.Sprintf("host %s starts %s a few at a time, since it could not start one before", h.Row.ID, Plurals[r.Kind])
		}
	}
	return ""
}

// Never says why a can never be placed in these environments: code is that of its obstacle.
func Never(code Code, f *fleet.Fleet, a *fleet.Ask, tried []batch.EnvironmentOrder) string {
	if code == NeedsImage {
		return "It has no image, and " + containersOnly(tried) + "."
	}
	return tooLarge(f, a, tried)
}

// containersOnly says that environments run containers only.
func containersOnly(tried []batch.EnvironmentOrder) string {
	names := make([]string, len(tried))
	for i, o := range tried {
		names[i] = o.Environment
	}
	if len(names) == 1 {
		return "compute environment " + names[0] + " runs containers only"
	}
	return "compute environments " + strings.Join(names, ", ") + " run containers only"
}

// tooLarge says how far a is from what the environments may hold.
func tooLarge(f *fleet.Fleet, a *fleet.Ask, tried []batch.EnvironmentOrder) string {
	var limits []string
	for _, o := range tried {
		e := f.Environments[o.Environment]
		if e == nil {
			continue
		}
		limit := fmt.Sprintf("compute environment %s may hold %s vCPUs", e.Row.Name, vcpus(e.Row.Max.MilliCPU))
		if e.Row.Max.MemoryMiB > 0 {
			limit += fmt.Sprintf(" and %d MiB", e.Row.Max.MemoryMiB)
		}
		p := f.Pool(e)
		if largest, ok := p.Largest(); ok {
			limit += ", and its largest host has " + asked(largest)
		}
		if p.TooFew(a) {
			limit += fmt.Sprintf(", and its hosts take fewer attempts at once than the job has nodes, %d", a.Count())
		}
		limits = append(limits, limit)
	}
	return fmt.Sprintf("It asks for %s; %s.", asked(a.Total()), strings.Join(limits, "; "))
}

// needs says which consumable resource a lacks; empty if none.
func needs(f *fleet.Fleet, a *fleet.Ask) string {
	need, available, missing := f.Missing(a.Needs)
	switch s := f.Stocks[need.Resource]; {
	case !missing:
	case s == nil:
		return fmt.Sprintf("Consumable resource %s has been deleted.", need.Resource)
	default:
		return fmt.Sprintf("It needs %d of consumable resource %s, of which %d of %d are available.", need.Quantity, need.Resource, available, s.Row.Total)
	}
	return ""
}

// asked renders what is asked for, or what a host has.
func asked(s batch.Shape) string {
	text := vcpus(s.MilliCPU) + " vCPUs"
	if s.MilliCPU == 1000 {
		text = "1 vCPU"
	}
	if s.MilliCPU >= fleet.Boundless {
		text = "any number of vCPUs"
	}
	if s.MemoryMiB > 0 {
		text += fmt.Sprintf(", %d MiB", s.MemoryMiB)
	}
	if s.GPUs > 0 {
		text += fmt.Sprintf(", %d GPU%s", s.GPUs, Plural(s.GPUs))
	}
	return text
}

// Plural is the ending of a noun of which there are n.
func Plural(n int64) string {
	if n == 1 {
		return ""
	}
	return "s"
}

// vcpus renders thousandths of a vCPU without needless digits.
func vcpus(milli int64) string {
	text := strings.TrimRight(fmt.Sprintf("%d.%03d", milli/1000, milli%1000), "0")
	return strings.TrimSuffix(text, ".")
}

// Sentence makes a sentence of words.
func Sentence(words string) string {
	if words == "" {
		return ""
	}
	return strings.ToUpper(words[:1]) + words[1:] + "."
}
