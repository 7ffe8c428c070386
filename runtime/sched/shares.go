package sched

import (
	"cmp"
	"maps"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/fair"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
)

// fair is the fair-share policy of q; nil if it has none.
func (m *Machine) fair(q *queue) *policy {
	if p := m.policies[q.row.Policy]; p != nil && p.row.FairShare != nil {
		return p
	}
	return nil
}

func (p *policy) decay() fair.Decay { return fair.NewDecay(p.row.FairShare.Decay) }

// share is a share of a queue.
type share struct {
	*fair.Share
	slot int // where its row is in the delta of this round, if it is there
}

// shareOf is the share that j belongs to; nil in a queue without fair share.
func (m *Machine) shareOf(j *job) *share {
	top := &j.top().row
	if top.Share == "" {
		return nil
	}
	q := j.queue
	s := q.shares[top.Share]
	if s == nil {
		d := fair.NewDecay(0)
		if p := m.fair(q); p != nil {
			d = p.decay()
		}
		s = &share{Share: fair.New(top.Share, d, m.at)}
		q.shares[top.Share] = s
		if m.at != 0 {
			s.slot = max(slices.IndexFunc(m.round.delta.Shares, func(row batch.ShareUsage) bool { // it may have been forgotten in this round
				return row.QueueID == q.row.UUID && row.Share == s.Name
			}), 0)
			m.saveShare(q, s)
			m.forgetShares(q)
		}
	}
	return s
}

// loadShares makes the shares of rows. What they hold is given back when attempts are loaded.
func (m *Machine) loadShares(s batch.Snapshot) {
	for _, row := range s.Shares {
		q := m.queuesByID[row.QueueID]
		if q == nil {
			continue
		}
		if p := m.fair(q); p != nil {
			q.shares[row.Share] = &share{Share: fair.Load(row, p.decay())}
		}
	}
}

// joinShare counts a submission in its share.
func (m *Machine) joinShare(j *job) {
	s := m.shareOf(j)
	if s == nil {
		return
	}
	if s.Jobs++; s.Jobs == 1 {
		m.changed() // with one more active share, less is kept free
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

func (m *Machine) saveShare(q *queue, s *share) { m.putShare(s, s.Row(q.row.UUID)) }

func (m *Machine) putShare(s *share, row batch.ShareUsage) {
	rows := &m.round.delta.Shares
	if s.slot >= len(*rows) || (*rows)[s.slot].Share != s.Name || (*rows)[s.slot].QueueID != row.QueueID {
		s.slot = len(*rows)
	}
	s.slot = put(rows, s.slot, row)
}

// activeShares returns the active shares of q by name.
func (q *queue) activeShares(at batch.Time) []*fair.Share {
	var active []*fair.Share
	for _, name := range slices.Sorted(maps.Keys(q.shares)) {
		if s := q.shares[name]; s.Active(at) || s.Held() > 0 {
			active = append(active, s.Share)
		}
	}
	return active
}

// forgetShares drops shares of q that are not active, with their rows, and no more than maxForgotten at once. A share that
// is made again has used nothing, as one that was not dropped would have. Since it is called whenever a share is made, and
// few may be active, there are never many.
func (m *Machine) forgetShares(q *queue) {
	var idle []string
	for name, s := range q.shares {
		if !s.Active(m.at) && s.Held() == 0 && s.Ahead == 0 && s.AsOf() != m.at {
			idle = append(idle, name)
		}
	}
	slices.Sort(idle)
	for _, name := range idle[:min(len(idle), maxForgotten)] {
		s := q.shares[name]
		delete(q.shares, name)
		row := s.Row(q.row.UUID)
		row.Deleted = true
		m.putShare(s, row)
	}
}

// rankShares makes the order in which the shares of q are served at that moment, and how much all of them may hold.
func (m *Machine) rankShares(at batch.Time, q *queue) {
	q.allowance = fleet.Boundless
	p := m.fair(q)
	if p == nil {
		return
	}
	active := q.activeShares(at)
	p.weights.Assign(active)
	for _, l := range q.ordered() {
		l.key = m.lineupKey(at, l)
	}
	if percent := p.row.FairShare.ReservationPercent; percent > 0 {
		total := m.capacityOf(q)
		q.allowance = total - fair.Reserved(total, percent, len(active)) - q.heldMilliCPU()
	}
}

// imagineRanks is rankShares for a question. Undo puts back what the last pass made: the head of q, which may have been
// blocked for a while, is who it was then.
func (m *Machine) imagineRanks(at batch.Time, q *queue) (undo func()) {
	allowance, weights, keys := q.allowance, map[*share]int64{}, map[*lineup]fair.Key{}
	for _, s := range q.shares {
		weights[s] = s.Weight
	}
	for _, l := range q.lineups {
		keys[l] = l.key
	}
	m.rankShares(at, q)
	return func() {
		q.allowance = allowance
		for s, weight := range weights {
			s.Weight = weight
		}
		for l, key := range keys {
			l.key = key
		}
	}
}

func (m *Machine) lineupKey(at batch.Time, l *lineup) fair.Key {
	if s := l.queue.shares[l.share]; s != nil {
		return s.Key(at)
	}
	return fair.Key{}
}

// placed keeps the order of shares up to date after attempts of j were placed.
func (m *Machine) placed(at batch.Time, j *job, n int64) {
	if l := j.classOf().lineup; l.share != "" {
		l.key = m.lineupKey(at, l)
		j.queue.allowance -= n * j.milliCPU()
	}
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
func (j *job) allowed() int64 {
	if milli := j.milliCPU(); milli > 0 && j.queue.allowance < fleet.Boundless {
		return max(j.queue.allowance, 0) / milli
	}
	return fleet.Boundless
}

// capacityOf is how many thousandths of a vCPU the open environments of q may hold.
func (m *Machine) capacityOf(q *queue) (milli int64) {
	for _, o := range q.tried {
		if e := m.fleet.Environments[o.Environment]; e != nil && e.Row.Open() {
			milli += e.Row.Max.MilliCPU
		}
	}
	return milli
}

func (q *queue) heldMilliCPU() (milli int64) {
	for _, s := range q.shares {
		milli += s.Held()
	}
	return milli
}

// retune makes the shares of q forget as its policy says now.
func (m *Machine) retune(at batch.Time, q *queue) {
	p := m.fair(q)
	if p == nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(q.shares)) {
		s := q.shares[name]
		s.Retune(at, p.decay())
		m.saveShare(q, s)
	}
}

// checkShareOf refuses a submission whose share identifier its queue does not take.
func (m *Machine) checkShareOf(at batch.Time, c SubmitJob, q *queue) error {
	known, active := false, 0
	if m.fair(q) != nil && c.Share != "" {
		for _, s := range q.shares {
			if s.Active(at) {
				active++
				known = known || s.Name == c.Share
			}
		}
	}
	return checkShare(q.row.Name, m.fair(q) != nil, c.Share, known, active)
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
	for _, s := range q.shares {
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
		for _, name := range slices.Sorted(maps.Keys(q.shares)) {
			s := q.shares[name]
			line("share %s of %s held=%d ahead=%d jobs=%d usage=%d asOf=%d", name, id, s.Held(), s.Ahead, s.Jobs, s.Row(id).Usage, s.AsOf())
		}
	}
}
