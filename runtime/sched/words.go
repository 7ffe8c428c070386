package sched

import (
	"fmt"
	"strings"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
)

// lacking says what e lacks for j now.
func (m *Machine) lacking(j *job, e *fleet.Environment) string {
	want, free := j.ask().Total(), e.Free()
	switch {
	case want.MilliCPU > free.MilliCPU:
		return fmt.Sprintf("compute environment %s has %s of %s vCPUs free, %s asked for", e.Row.Name, vcpus(max(free.MilliCPU, 0)), vcpus(e.Row.Max.MilliCPU), vcpus(want.MilliCPU))
	case want.MemoryMiB > free.MemoryMiB:
		return fmt.Sprintf("compute environment %s has %d of %d MiB free, %d asked for", e.Row.Name, max(free.MemoryMiB, 0), e.Row.Max.MemoryMiB, want.MemoryMiB)
	}
	p := m.fleet.Pool(e)
	for _, h := range p.Hosts {
		if words := full(h, j); words != "" && want.Fits(h.Free()) {
			return words
		}
	}
	if j.isGang() {
		return fmt.Sprintf("the hosts of compute environment %s have no room for all %d nodes at once", e.Row.Name, j.row.Nodes.Count)
	}
	var most batch.Shape
	for _, h := range p.Hosts {
		most = most.Max(h.Free())
	}
	return fmt.Sprintf("no host of compute environment %s has %s free (at most %s)", e.Row.Name, ask(want), ask(most))
}

// full says that h has no place for another attempt of j, whatever room it has; empty if it has one.
func full(h *fleet.Host, j *job) string {
	for _, inContainer := range j.ask().Containers {
		switch r := h.Runner(inContainer); {
		case r.Limit != nil && r.Live >= int(r.Limit.Attempts):
			return fmt.Sprintf("host %s holds as many %s as its limits allow: %d (%s)", h.Row.ID, plurals[r.Kind], r.Limit.Attempts, r.Limit.Reason)
		case r.Tries():
			return fmt.Sprintf("host %s starts %s a few at a time, since it could not start one before", h.Row.ID, plurals[r.Kind])
		}
	}
	return ""
}

// tooLarge says how far j is from what its environments may hold.
func (m *Machine) tooLarge(j *job) string {
	var limits []string
	for _, o := range j.queue.tried {
		e := m.fleet.Environments[o.Environment]
		if e == nil {
			continue
		}
		limit := fmt.Sprintf("compute environment %s may hold %s vCPUs", e.Row.Name, vcpus(e.Row.Max.MilliCPU))
		if e.Row.Max.MemoryMiB > 0 {
			limit += fmt.Sprintf(" and %d MiB", e.Row.Max.MemoryMiB)
		}
		if largest, ok := m.fleet.Pool(e).Largest(); ok {
			limit += ", and its largest host has " + ask(largest)
		}
		if p := m.fleet.Pool(e); p.TooFew(j.ask()) {
			limit += fmt.Sprintf(", and its hosts take fewer attempts at once than the job has nodes, %d", j.row.Nodes.Count)
		}
		limits = append(limits, limit)
	}
	return fmt.Sprintf("It asks for %s; %s.", ask(j.ask().Total()), strings.Join(limits, "; "))
}

func ask(s batch.Shape) string {
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
		text += fmt.Sprintf(", %d GPU%s", s.GPUs, plural(s.GPUs))
	}
	return text
}

func plural(n int64) string {
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

// sentenceOf makes a sentence of words.
func sentenceOf(words string) string {
	if words == "" {
		return ""
	}
	return strings.ToUpper(words[:1]) + words[1:] + "."
}

func clock(at batch.Time) string { return at.Std().UTC().Format(time.RFC3339) }

func counts(a *batch.Array) string {
	var parts []string
	for _, s := range batch.Statuses() {
		if n := a.Counts[s]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s))
		}
	}
	return strings.Join(parts, ", ")
}

func list(ids []batch.JobID) string {
	texts := make([]string, 0, 3)
	for i, id := range ids {
		if i == 2 && len(ids) > 3 {
			texts = append(texts, fmt.Sprintf("%d others", len(ids)-i))
			break
		}
		texts = append(texts, string(id))
	}
	return strings.Join(texts, ", ")
}
