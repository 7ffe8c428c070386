package sched

import (
	"cmp"
	"maps"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/fair"
	"github.com/batchd/terraform-provider-batch/runtime/place/line"
)

// fairOf is the fair-share policy of q; nil if it has none.
func (m *Machine) fairOf(q *queue) *line.Policy {
	if p := m.fair(q); p != nil {
		return p.fair
	}
	return nil
}

// fair is the scheduling policy of q if that is a fair-share policy; nil otherwise.
func (m *Machine) fair(q *queue) *policy {
	if p := m.policies[q.row.Policy]; p != nil && p.row.FairShare != nil {
		return p
	}
	return nil
}

// shareOf is the share that j belongs to; nil in a queue without fair share.
func (m *Machine) shareOf(j *job) *fair.Share {
	top := &j.top().row
	if top.Share == "" {
		return nil
	}
	q := j.queue
	s := q.line.Shares[top.Share]
	if s == nil {
		d := fair.NewDecay(0)
		if p := m.fair(q); p != nil {
			d = p.fair.Decay
		}
		s = fair.New(top.Share, d, m.at)
		q.line.Shares[top.Share] = s
		if m.at != 0 {
			m.saveShare(q, s)
			m.forgetShares(q)
		}
	}
	return s
}

// joinShare counts a submission in its share.
func (m *Machine) joinShare(j *job) {
	s := m.shareOf(j)
	if s == nil {
		return
	}
	if s.Jobs++; s.Jobs == 1 {
		m.mayFit() // with one more active share, less is kept free
	}
}

// leaveShare takes an ended submission out of its share.
func (m *Machine) leaveShare(j *job) {
	if s := m.shareOf(j); s != nil {
		s.Jobs--
	}
}

// holdShare books what an attempt of j takes or gives back.
func (m *Machine) holdShare(j *job, milliCPU int64) {
	s := m.shareOf(j)
	switch {
	case s == nil:
	case m.at == 0: // loading
		s.Restore(milliCPU)
	default:
		s.Hold(m.at, milliCPU)
		m.saveShare(j.queue, s)
	}
}

// aheadShare books what an attempt of j that waits at a driver will hold.
func (m *Machine) aheadShare(j *job, sign int64) {
	if s := m.shareOf(j); s != nil {
		s.Ahead += sign * j.shape().MilliCPU
	}
}

func (m *Machine) saveShare(q *queue, s *fair.Share) { m.putShare(s.Row(q.row.UUID)) }

// putShare puts the row of a share into the delta of this round, once.
func (m *Machine) putShare(row batch.ShareUsage) {
	id := shareID{row.QueueID, row.Share}
	slot, there := m.round.shares[id]
	if !there {
		slot = len(m.round.delta.Shares)
	}
	if m.round.shares == nil {
		m.round.shares = map[shareID]int{}
	}
	m.round.shares[id] = put(&m.round.delta.Shares, slot, row)
}

// forgetShares drops shares of q that are not active, with their rows, and no more than maxForgotten at once. Since it is called
// whenever a share is made, and few may be active, there are never many.
func (m *Machine) forgetShares(q *queue) {
	for _, s := range q.line.Forget(m.at, maxForgotten) {
		row := s.Row(q.row.UUID)
		row.Deleted = true
		m.putShare(row)
	}
}

// rankShares makes the order in which the shares of q are served at that moment, and how much all of them may hold.
func (m *Machine) rankShares(at batch.Time, q *queue) {
	q.line.Rank(at, m.fairOf(q), func() int64 { return m.capacityOf(q) })
}

// imagineRanks is rankShares for a question.
func (m *Machine) imagineRanks(at batch.Time, q *queue) (undo func()) {
	undo = q.line.Saved()
	m.rankShares(at, q)
	return undo
}

// imagineIn is imagineRanks with j, which is not in its queue, counted in its share: a share with a submission is active.
func (m *Machine) imagineIn(at batch.Time, j *job) (undo func()) {
	p := m.fair(j.queue)
	if p == nil {
		return func() {}
	}
	shares, name := j.queue.line.Shares, j.row.Share
	s, known := shares[name]
	if !known {
		s = fair.New(name, p.fair.Decay, at)
		shares[name] = s
	}
	s.Jobs++
	restore := m.imagineRanks(at, j.queue)
	return func() {
		restore()
		if s.Jobs--; !known {
			delete(shares, name)
		}
	}
}

// placed keeps the order of shares up to date after attempts of j were placed.
func (m *Machine) placed(at batch.Time, j *job, n int64) {
	j.queue.line.Placed(at, j.classOf().Lineup, n*j.milliCPU())
}

// milliCPU is what j asks for at once.
func (j *job) milliCPU() (sum int64) {
	if !j.isGang() {
		return j.shape().MilliCPU
	}
	for _, r := range j.row.Nodes.Ranges {
		sum += r.Shape.MilliCPU * int64(r.To-r.From+1)
	}
	return sum
}

// allowed is how many attempts of j its queue may hold more.
func (j *job) allowed() int64 { return j.queue.line.Allowed(j.milliCPU()) }

// capacityOf is how many thousandths of a vCPU the open environments of q may hold.
func (m *Machine) capacityOf(q *queue) (milli int64) {
	for _, o := range q.tried {
		if e := m.fleet.Environments[o.Environment]; e != nil && e.Row.Open() {
			milli += e.Row.Max.MilliCPU
		}
	}
	return milli
}

// retune makes the shares of q forget as its policy says now.
func (m *Machine) retune(at batch.Time, q *queue) {
	p := m.fair(q)
	if p == nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(q.line.Shares)) {
		s := q.line.Shares[name]
		s.Retune(at, p.fair.Decay)
		m.saveShare(q, s)
	}
}

// checkShareOf refuses a submission whose share identifier its queue does not take.
func (m *Machine) checkShareOf(at batch.Time, identifier string, q *queue) error {
	known, active := false, 0
	if m.fair(q) != nil && identifier != "" {
		for _, s := range q.line.Shares {
			if s.Active(at) {
				active++
				known = known || s.Name == identifier
			}
		}
	}
	return checkShare(q.row.Name, m.fair(q) != nil, identifier, known, active)
}

// checkShare refuses a submission whose share identifier its queue does not take. Fair says whether the queue has
// a fair-share policy, known whether the share is one of its active ones.
func checkShare(queue string, fair bool, identifier string, known bool, active int) error {
	switch {
	case fair && identifier == "":
		return batch.Errorf(batch.InvalidRequest, "shareIdentifier must be specified. Job queue %s has a fair-share policy", queue)
	case !fair && identifier != "":
		return batch.Errorf(batch.InvalidRequest, "shareIdentifier: given %q, but job queue %s has no fair-share policy; leave it out, or submit to a queue that has one", identifier, queue)
	case fair && !known && active >= batch.MaxShares:
		return batch.Errorf(batch.InvalidRequest, "shareIdentifier: %q would be one too many: job queue %s has %d active share identifiers, at most %d are allowed; use one of them, or wait until the jobs of one have ended and its use has decayed", identifier, queue, active, batch.MaxShares)
	default:
		return nil
	}
}

// shareFronts says what the shares of q hold, most first, and how many are active.
func (m *Machine) shareFronts(at batch.Time, q *queue) (fronts []ShareFront, active int) {
	for _, s := range q.line.Shares {
		if s.Active(at) {
			active++
		}
		if s.Held() > 0 {
			fronts = append(fronts, ShareFront{Share: s.Name, MilliCPU: s.Held()})
		}
	}
	slices.SortFunc(fronts, func(a, b ShareFront) int {
		return cmp.Or(cmp.Compare(b.MilliCPU, a.MilliCPU), cmp.Compare(a.Share, b.Share))
	})
	return fronts, active
}

func (m *Machine) dumpShares(line func(string, ...any)) {
	for _, id := range slices.Sorted(maps.Keys(m.queuesByID)) {
		q := m.queuesByID[id]
		for _, name := range slices.Sorted(maps.Keys(q.line.Shares)) {
			s := q.line.Shares[name]
			line("share %s of %s held=%d ahead=%d jobs=%d usage=%d asOf=%d", name, id, s.Held(), s.Ahead, s.Jobs, s.Row(id).Usage, s.AsOf())
		}
	}
}
