package document

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Policy returns the row of a scheduling policy that has d as its document. One that has only a name is a fair-share policy without weights.
func Policy(d wire.SchedulingPolicyDetail) (batch.Policy, error) {
	body, err := json.Marshal(d)
	if err != nil {
		return batch.Policy{}, fmt.Errorf("storing the scheduling policy: %w", err)
	}
	p := batch.Policy{Name: d.Name, Body: body}
	if d.FairsharePolicy != nil || d.QuotaSharePolicy == nil {
		p.FairShare = fairShare(from(d.FairsharePolicy))
	}
	return p, nil
}

func fairShare(p wire.FairsharePolicy) *batch.FairShare {
	f := &batch.FairShare{Decay: time.Duration(from(p.ShareDecaySeconds)) * time.Second, ReservationPercent: from(p.ComputeReservation)}
	for _, s := range p.ShareDistribution {
		f.Weights = append(f.Weights, batch.ShareWeight{Identifier: s.ShareIdentifier, Weight: s.Weight()})
	}
	return f
}

// OfPolicy returns the document of a row.
func OfPolicy(p *batch.Policy) (wire.SchedulingPolicyDetail, error) {
	var d wire.SchedulingPolicyDetail
	if err := json.Unmarshal(p.Body, &d); err != nil {
		return d, fmt.Errorf("stored scheduling policy %s: %w", p.Name, err)
	}
	d.Name = p.Name
	return d, nil
}
