package sched

import (
	"maps"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/fair"
	"github.com/batchd/terraform-provider-batch/runtime/place/line"
)

// maxReservationPercent is the largest computeReservation (AWS's).
const maxReservationPercent = 99

// policy is a scheduling policy.
type policy struct {
	row  batch.Policy
	fair *line.Policy // nil: it is first in, first out
}

func newPolicy(row batch.Policy) *policy {
	p := &policy{row: row}
	if row.FairShare != nil {
		p.fair = line.NewPolicy(*row.FairShare)
	}
	return p
}

func (m *Machine) loadPolicies(s batch.Snapshot) {
	m.policies = make(map[string]*policy, len(s.Policies))
	for _, row := range s.Policies {
		m.policies[row.Name] = newPolicy(row)
	}
}

func (m *Machine) dumpPolicies(line func(string, ...any)) {
	for _, name := range slices.Sorted(maps.Keys(m.policies)) {
		line("policy %s row=%s", name, batch.Text(m.policies[name].row))
	}
}

// CreatePolicy makes a scheduling policy.
type CreatePolicy struct {
	replies[Done]
	batch.Caller
	Policy batch.Policy
	Tags   map[string]string
}

func (c CreatePolicy) apply(m *Machine, at batch.Time) (any, error) {
	p := c.Policy
	if err := checkNew("scheduling policy", m.policies, p.Name, batch.MaxPolicies); err != nil {
		return nil, err
	}
	if err := checkFairShare(p.FairShare); err != nil {
		return nil, err
	}
	p.CreatedAt, p.Deleted, p.Revision = at, false, 1
	m.policies[p.Name] = newPolicy(p)
	m.savePolicy(p)
	m.setResourceTags(batch.ResourcePolicy+"/"+p.Name, c.Tags)
	m.audit(at, c.Caller, "CreateSchedulingPolicy", p.Name)
	return c.reply(Done{})
}

// UpdatePolicy changes what clients say of a scheduling policy. Its kind cannot change.
type UpdatePolicy struct {
	replies[Done]
	batch.Caller
	// Policy is the row that was read, with what clients say of it changed: see [batch.Policy.Revise]. If there is another revision of it, the
	// update is refused with [batch.ErrStale].
	Policy batch.Policy
}

func (c UpdatePolicy) apply(m *Machine, at batch.Time) (any, error) {
	next := &c.Policy
	p, ok := m.policies[next.Name]
	switch {
	case !ok:
		return nil, batch.Errorf(batch.NotFound, "scheduling policy %s does not exist", next.Name)
	case next.CreatedAt != p.row.CreatedAt || next.Revision != p.row.Revision:
		return nil, batch.ErrStale
	case p.row.FairShare == nil && next.FairShare != nil:
		return nil, batch.Errorf(batch.InvalidRequest, "fairsharePolicy: scheduling policy %s is of another kind and cannot become a fair-share policy: create another one", next.Name)
	case p.row.FairShare != nil && next.FairShare == nil:
		return nil, batch.Errorf(batch.InvalidRequest, "fairsharePolicy: scheduling policy %s is a fair-share policy and cannot become another kind: give a fairsharePolicy, or create another policy", next.Name)
	}
	if err := checkFairShare(next.FairShare); err != nil {
		return nil, err
	}
	row := p.row
	row.Revise(next)
	*p = *newPolicy(row)
	m.savePolicy(row)
	for _, q := range m.queuesUsing(row.Name) {
		m.retune(at, q)
		m.mayFit()
		m.reconsider(q)
	}
	m.audit(at, c.Caller, "UpdateSchedulingPolicy", row.Name)
	return c.reply(Done{})
}

// DeletePolicy deletes a scheduling policy that no queue uses.
type DeletePolicy struct {
	replies[Done]
	batch.Caller
	Name string
}

func (c DeletePolicy) apply(m *Machine, at batch.Time) (any, error) {
	p, ok := m.policies[c.Name]
	if !ok {
		return c.reply(Done{})
	}
	if using := m.queuesUsing(c.Name); len(using) > 0 {
		return nil, batch.Errorf(batch.InvalidRequest, "Cannot delete, found existing JobQueue relationship: job queue %s uses scheduling policy %s", using[0].row.Name, c.Name)
	}
	delete(m.policies, c.Name)
	row := p.row
	row.Deleted = true
	m.savePolicy(row)
	m.setResourceTags(batch.ResourcePolicy+"/"+c.Name, nil)
	m.audit(at, c.Caller, "DeleteSchedulingPolicy", c.Name)
	return c.reply(Done{})
}

// queuesUsing returns the queues with that scheduling policy, in the order in which queues are served.
func (m *Machine) queuesUsing(policy string) []*queue {
	var using []*queue
	for _, q := range m.rankedQueues() {
		if q.row.Policy == policy {
			using = append(using, q)
		}
	}
	return using
}

func (m *Machine) savePolicy(row batch.Policy) {
	save(&m.round.delta.Policies, row, func(r batch.Policy) bool { return r.Name == row.Name })
}

// checkFairShare refuses what the books of a share could not be kept with. Nil is in order.
func checkFairShare(f *batch.FairShare) error {
	if f == nil {
		return nil
	}
	if f.Decay < 0 || f.Decay > fair.MaxDecay {
		return batch.Errorf(batch.InvalidRequest, "fairsharePolicy.shareDecaySeconds: given %d; 0 to %d are allowed", int64(f.Decay.Seconds()), int64(fair.MaxDecay.Seconds()))
	}
	if f.ReservationPercent < 0 || f.ReservationPercent > maxReservationPercent {
		return batch.Errorf(batch.InvalidRequest, "fairsharePolicy.computeReservation: given %d; 0 to %d are allowed", f.ReservationPercent, maxReservationPercent)
	}
	for _, w := range f.Weights {
		if w.Weight < batch.MinWeight || w.Weight > batch.MaxWeight {
			return batch.Errorf(batch.InvalidRequest, "fairsharePolicy.shareDistribution: the weightFactor of %q is %d ten-thousandths; 0.0001 to 999.9999 are allowed", w.Identifier, w.Weight)
		}
	}
	if a, b, found := fair.Overlapping(f.Weights); found {
		return batch.Errorf(batch.InvalidRequest, "fairsharePolicy.shareDistribution: %q and %q overlap; every share identifier may match one entry only: remove one of them", a, b)
	}
	return nil
}
