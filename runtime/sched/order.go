package sched

import "github.com/batchd/terraform-provider-batch/runtime/batch"

// position is how many attempts of j's share in its queue are placed before it, or before the unborn child of array j at index,
// plus one. It is not known when more than maxScan entries would have to be counted.
func (m *Machine) position(j *job, index int32) (int64, bool) {
	rank := j.Rank()
	if j.isArray() {
		rank.Index = index
	}
	own := 0
	if j.isArray() {
		own = int(j.unbornBelow(index))
	}
	return j.classOf().Lineup.Position(j, rank, own, maxScan)
}

// unbornBelow is how many children of array j without a row come before index.
func (j *job) unbornBelow(index int32) (n int32) {
	for i := j.children.nextRun; i < index; i++ {
		if !j.children.has(i) {
			n++
		}
	}
	return n
}

// front returns what is placed next in a queue, and what attempts of it hold.
func (m *Machine) front(at batch.Time, query QueueFront) (Front, error) {
	q := m.queues[query.Queue]
	if q == nil {
		return Front{}, batch.Errorf(batch.NotFound, "job queue %s does not exist", query.Queue)
	}
	f := Front{MilliCPU: m.heldBy(q), Fair: m.fair(q) != nil}
	f.Shares, f.Active = m.shareFronts(at, q)
	m.inService(at, q, func(j *job) bool {
		since := max(j.row.BlockedAt, j.row.CreatedAt)
		if !j.isArray() {
			f.Jobs = append(f.Jobs, FrontJob{Job: j.row.ID, Since: since})
			return len(f.Jobs) < query.Limit
		}
		for i, left := j.children.nextRun, j.Places(); i < j.row.Size && left > 0 && len(f.Jobs) < query.Limit; i++ {
			if !j.children.has(i) {
				f.Jobs = append(f.Jobs, FrontJob{Job: j.row.ID.Child(i), Since: max(since, j.row.Array.Unborn.At)})
				left--
			}
		}
		return len(f.Jobs) < query.Limit
	})
	return f, nil
}

// heldBy is how many thousandths of a vCPU attempts of q hold.
func (m *Machine) heldBy(q *queue) (milli int64) {
	for _, j := range m.attempts {
		if j.queue == q && !j.row.Run.Ahead {
			milli += j.shape().MilliCPU
		}
	}
	return milli
}

// inService yields the work of q in the order in which it would be placed if nothing else happened: each time the first
// of the share that has had least.
func (m *Machine) inService(at batch.Time, q *queue, yield func(*job) bool) {
	defer m.imagineRanks(at, q)()
	q.line.InService(at, (*job).milliCPU, yield)
}
