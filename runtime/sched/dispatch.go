package sched

import (
	"slices"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
)

// pass is one placement pass.
type pass struct {
	fleet.Sweep
	budget int
	// contended are the environments in which something ranked higher waits for room, by name, with its priority.
	contended map[string]int32
	// kept are the places that blocked heads are expected to take, of the queues looked at so far.
	kept *fleet.Reservations
	// hidden is work that no host takes now. It is out of the order of its queue for this pass.
	hidden []*class
}

// Dispatch places what can be placed, once per round, after all Apply. Queues of a higher priority are
// served first; among equal queues the oldest work is. What is behind the first work of a queue that does not
// fit is placed only where that cannot delay the first, and not at all in a strict queue.
func (m *Machine) Dispatch(now time.Time) {
	p := &pass{Sweep: fleet.Sweep{At: batch.At(now)}, budget: maxStartsPerRound}
	m.at, m.wakeAgain = p.At, 0
	m.provisionAll(p.At)
	m.stopUnwanted(p.At)
	m.retryFaults(p.At)
	m.releaseHeld(p.At)
	m.drain(p)
	m.serveAll(p)
	for p.Again() { // nothing that was refused less often has been tried
		m.showHidden(p)
		m.mayFit()
		m.serveAll(p)
	}
	m.showHidden(p)
	if p.budget == 0 {
		m.wakeBy(p.At)
	}
	m.confirmPromoted()
	m.tendClosing(p.At)
	m.finishUpdates()
	m.scale(p.At)
	for _, q := range m.rankedQueues() {
		m.blame(p.At, q)
		if q.opens != 0 {
			m.wakeBy(q.opens)
		}
	}
}

// serveAll places the work of all queues, by falling priority.
func (m *Machine) serveAll(p *pass) {
	p.contended, p.kept = map[string]int32{}, m.fleet.Reservations(p.At)
	queues := m.rankedQueues()
	for len(queues) > 0 && p.budget > 0 {
		n := 1
		for n < len(queues) && queues[n].row.Priority == queues[0].row.Priority {
			n++
		}
		m.serve(p, queues[:n])
		queues = queues[n:]
	}
}

// hide takes c out of the order of its queue for the rest of the pass.
func (p *pass) hide(c *class) {
	c.Hide()
	p.hidden = append(p.hidden, c)
}

// showHidden puts back what was hidden.
func (m *Machine) showHidden(p *pass) {
	for _, c := range p.hidden {
		c.Show()
	}
	p.hidden = nil
}

// serve places the work of queues of equal priority: the heads of all of them first, then what is behind those
// that are blocked.
func (m *Machine) serve(p *pass, queues []*queue) {
	var open, blocked []*queue
	for _, q := range queues {
		switch {
		case q.closed == m.stamp && (q.opens == 0 || p.At < q.opens): // nothing has changed since all of it was found not to fit
			p.kept.Keep(q.kept)
			m.contend(p, q)
		case m.hasWork(p, q):
			open = append(open, q)
			q.before, q.kept, q.opens = q.kept, nil, 0
		default:
			q.opens = 0
		}
	}
	ranks := make([]place.Rank, len(open))
	for i, q := range open {
		ranks[i] = q.line.First().Head().Rank().AmongQueues()
	}
	for len(open) > 0 && p.budget > 0 {
		i := place.Order(ranks)
		q := open[i]
		again := m.placeHead(p, q)
		if !again {
			blocked = append(blocked, q)
		}
		if c := q.line.First(); again && c != nil {
			ranks[i] = c.Head().Rank().AmongQueues()
			continue
		}
		open, ranks = slices.Delete(open, i, i+1), slices.Delete(ranks, i, i+1)
	}
	for _, q := range blocked {
		m.placeBehind(p, q)
	}
}

// hasWork reports whether anything waits in q, and makes the order of its shares for this pass.
func (m *Machine) hasWork(p *pass, q *queue) bool {
	if q.line.Empty() {
		return false
	}
	m.rankShares(p.At, q)
	return q.line.First() != nil
}

// placeHead places as much as it can of the first work of q. It reports whether q should be
// looked at again: its head was placed whole, now or ahead, or set aside.
func (m *Machine) placeHead(p *pass, q *queue) bool {
	c := q.line.First()
	if m.joins(p, c) {
		return true
	}
	if m.turnsAway(p, c.Head()) {
		p.hide(c)
		return true
	}
	if m.placeSome(p, c) {
		return true
	}
	m.contend(p, q)
	head := c.Head()
	m.runAhead(p, q)
	if c = q.line.First(); c == nil || c.Head() != head {
		return true
	}
	if !q.row.Strict {
		tried := m.tried(head)
		q.kept = m.fleet.Reserve(p.At, m.work(head), tried, p.kept)
		if q.kept != nil && q.kept.At <= p.At && m.fleet.Throttled(head.ask(), tried) {
			q.kept = nil // there is room, and its host does not take it yet
		}
		p.kept.Keep(q.kept)
		if was := q.before; was != nil && q.kept != nil && was.Work.Job == head.row.ID && q.kept.At > was.At {
			m.mayFit() // the head has to wait for longer: more may fit before it
		}
	}
	return false
}

// placeBehind places work behind the blocked head of q, as far as that cannot delay the head.
func (m *Machine) placeBehind(p *pass, q *queue) {
	hidden := []*class{q.line.First()}
	hidden[0].Hide()
	for n := 0; !q.row.Strict && n < maxBackfill && p.budget > 0; n++ {
		c := q.line.First()
		if c == nil {
			break
		}
		if m.joins(p, c) {
			continue
		}
		if m.turnsAway(p, c.Head()) {
			p.hide(c)
			continue
		}
		if c.Blocked != m.stamp && m.placeSome(p, c) {
			continue
		}
		c.Hide()
		hidden = append(hidden, c)
	}
	for _, c := range hidden {
		c.Show()
	}
	if p.budget > 0 {
		q.closed = m.stamp
		if q.kept != nil && q.kept.At > p.At {
			q.opens = q.kept.At.Add(lateAfter)
		}
	}
}

// placeSome places as much as it can of the first work of c, which is no more than one environment has room for. It
// reports whether that changed anything: some of the work was placed, or it was taken out of the order.
func (m *Machine) placeSome(p *pass, c *class) bool {
	j := c.Head()
	if j.Places() == 0 {
		m.park(j)
		return true
	}
	if obstacle := m.obstacle(j); obstacle != place.NoObstacle {
		m.setAside(p.At, j, obstacle)
		return true
	}
	for _, o := range m.tried(j) {
		e := m.fleet.Environments[o.Environment]
		if e == nil || !e.Row.Open() {
			continue
		}
		if j.isGang() && m.placeGang(p, j, e) || !j.isGang() && m.placeIn(p, j, e) {
			return true
		}
	}
	if p.budget > 0 {
		c.Blocked = m.stamp
	}
	return false
}

// placeIn starts as many attempts of j in e as fit.
func (m *Machine) placeIn(p *pass, j *job, e *fleet.Environment) bool {
	pool, w := m.fleet.Pool(e), m.work(j)
	shape, left := j.shape(), int(min(int64(j.Places()), int64(p.budget), m.fleet.Enough(j.ask().Needs), j.allowed()))
	if j.queue.line.Shared() || j.top().points.Shared() {
		left = min(left, 1) // so that shares take turns, and the next point is looked for in flights
	}
	started := false
	for i := pool.Free.First(shape, 0); i >= 0 && left > 0; i = pool.Free.First(shape, i+1) {
		h := pool.Hosts[i]
		n := int(min(place.Fit(shape, e.Free(), h.Free()), p.kept.Allows(&w, e, h), p.Takes(h, &w), int64(left)))
		for range n {
			m.start(p.At, j, e, h, false)
			p.budget--
		}
		if n > 0 {
			p.kept.Took(&w, e, h, int64(n))
			m.placed(p.At, j, int64(n))
			started = true
		}
		left -= n
		if place.Fit(shape, e.Free()) == 0 {
			break
		}
	}
	if started {
		m.requeueArray(j)
	}
	return started
}

// turnsAway reports whether no host takes work like j now.
func (m *Machine) turnsAway(p *pass, j *job) bool {
	w := m.work(j)
	return m.fleet.TurnsAway(&p.Sweep, &w, m.tried(j))
}

// tried are the environments of the queue of j that can run it, in the order in which they are tried.
func (m *Machine) tried(j *job) []batch.EnvironmentOrder {
	return m.fleet.Suiting(j.ask(), j.queue.tried)
}

// contend notes that work of q waits for room in its environments.
func (m *Machine) contend(p *pass, q *queue) {
	for _, o := range q.tried {
		if _, known := p.contended[o.Environment]; !known {
			p.contended[o.Environment] = q.row.Priority
		}
	}
}
