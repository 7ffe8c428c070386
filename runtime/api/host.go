package api

import (
	"cmp"
	"context"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// listHosts says which hosts there are, and what runs on them.
func (s *server) listHosts(ctx context.Context, _ call, q *wire.ListHostsRequest) (wire.ListHostsResponse, error) {
	query := sched.ListHosts{Jobs: defaultHostJobs}
	if q.MaxJobs != nil {
		query.Jobs = int(*q.MaxJobs)
	}
	if q.ComputeEnvironment != "" {
		query.Environment = s.Place.NameOf(batch.ResourceEnvironment, q.ComputeEnvironment)
	}
	found, err := engine.Ask(ctx, s.Engine, query)
	answer := wire.ListHostsResponse{Hosts: make([]wire.HostDetail, 0, len(found.Hosts))}
	for _, h := range found.Hosts {
		answer.Hosts = append(answer.Hosts, hostDetail(h))
	}
	return answer, err
}

// stageClosing is the stage of a host that takes attempts no more and still has some.
const stageClosing = "CLOSING"

func hostDetail(h sched.HostInventory) wire.HostDetail {
	row := h.Row
	d := wire.HostDetail{
		ID: row.ID, Name: row.Name, ComputeEnvironments: row.Environments, Type: string(row.Kind), Stage: string(batch.Serving), Since: int64(row.SeenAt),
		Capacity: amounts(row.Capacity), Used: amounts(h.Used), Live: h.Live, Jobs: make([]string, 0, len(h.Jobs)),
	}
	if l := row.Launch; l != nil {
		d.Stage, d.Since = string(l.Stage), int64(cmp.Or(l.StageAt, row.SeenAt))
		d.InstanceType, d.AvailabilityZone, d.Market, d.MicroUSDPerHour = l.Offer.Type, l.Offer.Zone, string(l.Offer.Market), l.Offer.MicroUSDPerHour
		if l.Stage.Coming() {
			d.Capacity = amounts(l.Least())
		}
	}
	if c := row.Closing; c != nil && row.Ready {
		d.Stage, d.Reason = stageClosing, string(c.Why)
	}
	for _, id := range h.Jobs {
		d.Jobs = append(d.Jobs, string(id))
	}
	return d
}

func amounts(s batch.Shape) wire.Resources {
	return wire.Resources{VCPUs: float64(s.MilliCPU) / 1000, MemoryMiB: s.MemoryMiB, GPUs: s.GPUs}
}
