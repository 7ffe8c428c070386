package sched

import (
	"cmp"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// CreateQueue makes a job queue over environments that exist and are valid.
type CreateQueue struct {
	replies[Done]
	batch.Caller
	Queue batch.Queue
	Tags  map[string]string
}

func (c CreateQueue) apply(m *Machine, at batch.Time) (any, error) {
	q := c.Queue
	if err := checkNew("job queue", m.queues, q.Name, batch.MaxQueues); err != nil {
		return nil, err
	}
	if err := m.checkOrder(q.Environments); err != nil {
		return nil, err
	}
	if q.Policy != "" && m.policies[q.Policy] == nil {
		return nil, batch.Errorf(batch.InvalidRequest, "schedulingPolicyArn: scheduling policy %s does not exist; create it first", q.Policy)
	}
	kind := m.queueType(q.Environments)
	if q.Type != "" && kind != "" && q.Type != kind {
		return nil, batch.Errorf(batch.InvalidRequest, "jobQueueType: given %q; allowed is %s over these compute environments, or nothing", q.Type, kind)
	}
	q.Type = cmp.Or(q.Type, kind, batch.QueueECS)
	q.Health, q.StatusReason, q.CreatedAt, q.Revision = batch.Valid, healthyQueue, at, 1
	q.State = cmp.Or(q.State, batch.Enabled)
	added := newQueue(q)
	m.queues[q.Name], m.queuesByID[q.UUID] = added, added
	m.ranked = nil
	m.saveQueue(added)
	m.setResourceTags(batch.ResourceQueue+"/"+q.Name, c.Tags)
	m.audit(at, c.Caller, "CreateJobQueue", q.Name)
	return c.reply(Done{})
}

// checkOrder refuses environments that a queue cannot use.
func (m *Machine) checkOrder(order []batch.EnvironmentOrder) error {
	if n := len(order); n < 1 || n > batch.MaxQueueEnvironments {
		return batch.Errorf(batch.InvalidRequest, "computeEnvironmentOrder has %d entries; 1 to %d are allowed", n, batch.MaxQueueEnvironments)
	}
	fargate, ec2 := false, false
	for i, o := range order {
		e, ok := m.fleet.Environments[o.Environment]
		switch {
		case !ok:
			return batch.Errorf(batch.InvalidRequest, "computeEnvironmentOrder: compute environment %s does not exist", o.Environment)
		case e.Row.Health != batch.Valid:
			return batch.Errorf(batch.InvalidRequest, "computeEnvironmentOrder: compute environment %s is %s; it must be VALID", o.Environment, e.Row.Health)
		case slices.ContainsFunc(order[:i], func(p batch.EnvironmentOrder) bool { return p.Order == o.Order }):
			return batch.Errorf(batch.InvalidRequest, "computeEnvironmentOrder: order %d is given twice", o.Order)
		case slices.ContainsFunc(order[:i], func(p batch.EnvironmentOrder) bool { return p.Environment == o.Environment }):
			return batch.Errorf(batch.InvalidRequest, "computeEnvironmentOrder: compute environment %s is given twice", o.Environment)
		}
		fargate = fargate || e.Row.Kind == batch.Fargate || e.Row.Kind == batch.FargateSpot
		ec2 = ec2 || e.Row.Kind == batch.EC2 || e.Row.Kind == batch.Spot
	}
	if fargate && ec2 {
		return batch.Errorf(batch.InvalidRequest, "computeEnvironmentOrder mixes Fargate with EC2 compute environments; a queue uses one of them")
	}
	return nil
}

// queueType is the type of a queue over these environments; empty if any will do, which is so of LOCAL.
func (m *Machine) queueType(order []batch.EnvironmentOrder) (kind batch.QueueType) {
	for _, o := range order {
		switch m.fleet.Environments[o.Environment].Row.Kind {
		case batch.Fargate, batch.FargateSpot:
			return batch.QueueFargate
		case batch.EC2, batch.Spot, batch.Unmanaged:
			kind = batch.QueueECS
		case batch.Local:
		}
	}
	return kind
}

// UpdateQueue changes what clients say of a job queue. A scheduling policy may be replaced, but neither added nor removed.
type UpdateQueue struct {
	replies[Done]
	batch.Caller
	// Queue is the row that was read, with what clients say of it changed: see [batch.Queue.Revise]. If there is another revision of it,
	// the update is refused with [batch.ErrStale].
	Queue batch.Queue
}

func (c UpdateQueue) apply(m *Machine, at batch.Time) (any, error) {
	next := &c.Queue
	q, ok := m.queues[next.Name]
	if !ok {
		return nil, batch.Errorf(batch.NotFound, "job queue %s does not exist", next.Name)
	}
	if q.row.Health != batch.Valid {
		return nil, batch.Errorf(batch.InvalidRequest, "job queue %s is %s; it cannot be changed", next.Name, q.row.Health)
	}
	if next.UUID != q.row.UUID || next.Revision != q.row.Revision {
		return nil, batch.ErrStale
	}
	reordered := !slices.Equal(next.Environments, q.row.Environments)
	if reordered {
		if err := m.checkOrder(next.Environments); err != nil {
			return nil, err
		}
	}
	if err := m.checkSwap(q, next.Policy); err != nil {
		return nil, err
	}
	swapped, relimited := next.Policy != q.row.Policy, !slices.Equal(next.TimeLimits, q.row.TimeLimits)
	q.row.Revise(next)
	q.tried = q.row.Tried()
	if reordered {
		q.row.Type = cmp.Or(m.queueType(q.row.Environments), q.row.Type)
	}
	if swapped {
		m.retune(at, q)
	}
	if relimited {
		m.armLimits(q)
	}
	m.ranked = nil
	m.mayFit()
	m.saveQueue(q)
	m.reconsider(q)
	m.audit(at, c.Caller, "UpdateJobQueue", next.Name)
	return c.reply(Done{})
}

// checkSwap refuses to give a policy to a queue that has none, or to take it from one that has.
func (m *Machine) checkSwap(q *queue, policy string) error {
	switch {
	case policy == q.row.Policy:
		return nil
	case q.row.Policy == "":
		return batch.Errorf(batch.InvalidRequest, "schedulingPolicyArn: job queue %s was created without a scheduling policy and cannot get one: create another queue", q.row.Name)
	case policy == "":
		return batch.Errorf(batch.InvalidRequest, "schedulingPolicyArn: the scheduling policy of job queue %s can be replaced but not removed", q.row.Name)
	case m.policies[policy] == nil:
		return batch.Errorf(batch.InvalidRequest, "schedulingPolicyArn: scheduling policy %s does not exist; create it first", policy)
	case (m.policies[policy].row.FairShare == nil) != (m.fair(q) == nil):
		return batch.Errorf(batch.InvalidRequest, "schedulingPolicyArn: scheduling policy %s is of another kind than %s", policy, q.row.Policy)
	default:
		return nil
	}
}

// DeleteQueue deletes a disabled queue and terminates its jobs.
type DeleteQueue struct {
	replies[Done]
	batch.Caller
	Name string
}

func (c DeleteQueue) apply(m *Machine, at batch.Time) (any, error) {
	q, ok := m.queues[c.Name]
	switch {
	case !ok:
		return c.reply(Done{})
	case q.row.State != batch.Disabled:
		return nil, batch.Errorf(batch.InvalidRequest, "Cannot delete, job queue %s must be DISABLED first", c.Name)
	case q.row.Health == batch.Deleting:
		return c.reply(Done{})
	}
	q.row.Health = batch.Deleting
	for _, j := range m.jobsOf(q) {
		m.end(at, j, causeTerminated, reasonQueueDeleted)
	}
	m.saveQueue(q)
	m.finishQueue(q)
	m.audit(at, c.Caller, "DeleteJobQueue", c.Name)
	return c.reply(Done{})
}

// finishQueue removes a queue that is being deleted once its last job has ended.
func (m *Machine) finishQueue(q *queue) {
	if q.row.Health != batch.Deleting || q.jobs > 0 {
		return
	}
	q.row.Health = batch.Deleted
	m.registry.DropQuotaShares(q.row.Name, &m.round.delta)
	delete(m.queues, q.row.Name)
	delete(m.queuesByID, q.row.UUID)
	m.ranked = nil
	m.saveQueue(q)
	m.setResourceTags(batch.ResourceQueue+"/"+q.row.Name, nil)
}

// jobsOf returns the submissions of q in the order of their arrival.
func (m *Machine) jobsOf(q *queue) []*job {
	var found []*job
	for _, j := range m.jobs {
		if j.queue == q {
			found = append(found, j)
		}
	}
	slices.SortFunc(found, func(a, b *job) int { return cmp.Compare(a.row.Seq, b.row.Seq) })
	return found
}

func (m *Machine) saveQueue(q *queue) {
	row := q.row
	row.Environments = slices.Clone(row.Environments)
	save(&m.round.delta.Queues, row, func(r batch.Queue) bool { return r.UUID == row.UUID })
}
