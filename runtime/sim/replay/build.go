package replay

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// hosts are the hosts of w, one by one. Names that are not given, or given twice, are made different by a number.
func (w *World) hosts() []batch.Host {
	var all []batch.Host
	seen := map[string]bool{}
	for i, spec := range w.Hosts {
		kind, _ := w.kindOf(spec)
		name := spec.Name
		if name == "" {
			name = fmt.Sprintf("host%d", i+1)
		}
		environments := spec.Environments
		if len(environments) == 0 {
			environments = w.environmentNames()
		}
		for n := range max(spec.Count, 1) {
			h := batch.Host{
				ID: name, Kind: kind, Environments: environments,
				Capacity: batch.Shape{MilliCPU: int64(spec.VCPUs), MemoryMiB: spec.MemoryMiB, GPUs: spec.GPUs},
			}
			if spec.Count > 1 {
				h.ID = fmt.Sprintf("%s-%0*d", name, len(strconv.Itoa(spec.Count)), n+1)
			}
			for copies := 2; seen[h.ID]; copies++ {
				h.ID = fmt.Sprintf("%s-%d", name, copies)
			}
			seen[h.ID] = true
			h.Name = h.ID
			if kind == batch.Local {
				h.ID = batch.LocalHost
			}
			all = append(all, h)
		}
	}
	return all
}

// environments are the environments of w with every bound filled in.
func (w *World) environments(hosts []batch.Host) []batch.Environment {
	all := make([]batch.Environment, 0, len(w.Environments))
	for _, spec := range w.Environments {
		kind, _ := spec.kind()
		e := batch.Environment{Name: spec.Name, UUID: "environment-" + spec.Name, Kind: kind}
		e.Max = batch.Shape{MilliCPU: int64(spec.MaxVCPUs), MemoryMiB: spec.MemoryMiB}
		if e.Max.MilliCPU == 0 {
			for _, h := range hosts {
				if slices.Contains(h.Environments, spec.Name) {
					e.Max.MilliCPU += h.Capacity.MilliCPU
				}
			}
		}
		all = append(all, e)
	}
	return all
}

// commands returns what makes the world out of nothing, in order.
func (w *World) commands(environments []batch.Environment) ([]sched.Command, error) {
	var all []sched.Command
	for _, e := range environments {
		all = append(all, sched.CreateEnvironment{Environment: e})
	}
	for i, p := range w.Policies {
		policy, err := p.policy()
		if err != nil {
			return nil, fmt.Errorf("policies[%d].%w", i, err)
		}
		all = append(all, sched.CreatePolicy{Policy: policy})
	}
	for _, spec := range w.Queues {
		q := batch.Queue{
			Name: spec.Name, UUID: "queue-" + spec.Name, Priority: spec.Priority, Policy: spec.Policy,
			Strict: spec.Backfill != nil && !*spec.Backfill,
		}
		names := spec.Environments
		if len(names) == 0 {
			names = w.environmentNames()
		}
		for i, name := range names {
			q.Environments = append(q.Environments, batch.EnvironmentOrder{Order: int32(i + 1), Environment: name})
		}
		all = append(all, sched.CreateQueue{Queue: q})
	}
	return all, nil
}

// policy converts a description; its errors begin with the member.
func (p *PolicySpec) policy() (batch.Policy, error) {
	fair := &batch.FairShare{Decay: time.Duration(p.ShareDecaySeconds) * time.Second, ReservationPercent: p.ComputeReservation}
	const week = 7 * 24 * 60 * 60
	switch {
	case p.ShareDecaySeconds < 0 || p.ShareDecaySeconds > week:
		return batch.Policy{}, fmt.Errorf("shareDecaySeconds is %d; 0 to %d are allowed", p.ShareDecaySeconds, week)
	case p.ComputeReservation < 0 || p.ComputeReservation > 99:
		return batch.Policy{}, fmt.Errorf("computeReservation is %d; 0 to 99 are allowed", p.ComputeReservation)
	}
	for i, s := range p.ShareDistribution {
		weight, err := parseWeight(s.WeightFactor.String())
		if err != nil {
			return batch.Policy{}, fmt.Errorf("shareDistribution[%d].weightFactor: %w", i, err)
		}
		fair.Weights = append(fair.Weights, batch.ShareWeight{Identifier: s.ShareIdentifier, Weight: weight})
	}
	return batch.Policy{Name: p.Name, FairShare: fair}, nil
}

// parseWeight reads a weight in ten-thousandths.
func parseWeight(text string) (int64, error) {
	if text == "" {
		return batch.DefaultWeight, nil
	}
	whole, places, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(whole+(places + "0000")[:max(4, len(places))], 10, 64)
	if err != nil || len(places) > 4 || n < batch.MinWeight || n > batch.MaxWeight {
		return 0, fmt.Errorf("given %s; 0.0001 to 999.9999 with at most four decimals are allowed", text)
	}
	return n, nil
}
