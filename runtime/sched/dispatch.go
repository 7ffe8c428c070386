package sched

import (
	"container/heap"
	"slices"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place"
)

// dispatch is one placement pass.
type dispatch struct {
	at     batch.Time
	budget int
	// full are the environments in which something ranked higher waits for room.
	full map[string]int32 // by name: the priority of what waits
}

// Dispatch places what can be placed, once per round, after all Apply. Queues of a higher priority are
// served first; among equal queues the oldest work is. The first piece of work in a queue that
// does not fit now holds back what is behind it in that queue.
func (m *Machine) Dispatch(now time.Time) {
	d := &dispatch{at: batch.At(now), budget: maxStartsPerRound, full: map[string]int32{}}
	m.wakeAgain = 0
	m.drain(d)
	queues := m.rankedQueues()
	for len(queues) > 0 && d.budget > 0 {
		n := 1
		for n < len(queues) && queues[n].row.Priority == queues[0].row.Priority {
			n++
		}
		m.serve(d, slices.Clone(queues[:n]))
		queues = queues[n:]
	}
	if d.budget == 0 {
		m.wakeAgain = d.at
	}
	m.confirmPromoted()
}

// serve places the work of queues of equal priority until each is empty or held back.
func (m *Machine) serve(d *dispatch, queues []*queue) {
	for d.budget > 0 {
		queues = slices.DeleteFunc(queues, func(q *queue) bool { return q.runnable.head() == nil })
		if len(queues) == 0 {
			return
		}
		ranks := make([]place.Rank, len(queues))
		for i, q := range queues {
			ranks[i] = q.runnable.head().rank()
		}
		i := place.Order(ranks)
		if !m.placeHead(d, queues[i]) {
			queues = slices.Delete(queues, i, i+1)
		}
	}
}

// placeHead places as much as it can of the first work of q. It reports whether q should be
// looked at again: its head was placed whole, now or ahead, or set aside.
func (m *Machine) placeHead(d *dispatch, q *queue) bool {
	j := q.runnable.head()
	obstacle, possible := place.NoObstacle, false
	for _, o := range q.row.Environments {
		e := m.environments[o.Environment]
		host := m.hostFor(e)
		if host == nil {
			possible = possible || e == nil || e.row.Kind == batch.Local
			continue
		}
		if found := place.Ever(j.shape(), e.max(), hostRoom(host.Capacity)); found != place.NoObstacle {
			obstacle = found
			continue
		}
		possible = true
		if n := m.fits(d, j, e, host); n > 0 {
			for range n {
				m.start(d, j, e, host, false)
			}
			m.requeueArray(j)
			return true
		}
		d.contend(e, q)
	}
	if !possible && obstacle != place.NoObstacle {
		m.setAside(j, obstacle)
		return true
	}
	m.runAhead(d, q)
	return q.runnable.head() != j
}

// fits is how many attempts of j can start now.
func (m *Machine) fits(d *dispatch, j *job, e *environment, host *batch.Host) int {
	free := hostRoom(host.Capacity).Minus(hostRoom(m.hostUsed[host.ID]))
	free.MilliCPU = boundless
	n := place.Fit(j.shape(), e.free(), free)
	return int(min(n, int64(j.places()), int64(d.budget)))
}

// hostRoom is a host's capacity as placing sees it: vCPUs are bounded by the environment alone,
// which may promise more than the cores.
func hostRoom(s batch.Shape) batch.Shape {
	s.MilliCPU = boundless
	return s
}

// hostFor returns the host that attempts of e run on, nil if there is none now.
func (m *Machine) hostFor(e *environment) *batch.Host {
	if e == nil || !e.row.Open() || e.row.Kind != batch.Local {
		return nil
	}
	h := m.hosts[batch.LocalHost]
	if h == nil || !h.Ready {
		return nil
	}
	return h
}

// contend notes that work of q waits for room in e, and takes back what lower queues have waiting there.
func (d *dispatch) contend(e *environment, q *queue) {
	if _, known := d.full[e.row.Name]; !known {
		d.full[e.row.Name] = q.row.Priority
	}
}

// setAside takes out of the way work that can never be placed as things are.
func (m *Machine) setAside(j *job, obstacle place.Obstacle) {
	j.queue.runnable.remove(j)
	j.queue.stuck[j] = true
	j.stuck = true
	reason := reasonMaxResource
	if obstacle == place.OverHost {
		reason = reasonRequirement
	}
	m.setReason(j, reason)
}

// start gives j, or the next child of array j, an attempt.
func (m *Machine) start(d *dispatch, j *job, e *environment, host *batch.Host, ahead bool) {
	if j.isArray() {
		j = m.born(j, j.children.nextRun)
	}
	j.row.Attempt++
	j.row.ExitCode, j.row.Reason = nil, ""
	m.lastOrder++
	orderedAt := max(d.at, j.recalledAt+1) // so that a late report of that recall is told from one of this attempt
	j.row.Run = &batch.Run{Environment: e.row.Name, Host: host.ID, OrderedAt: orderedAt, Order: m.lastOrder, Ahead: ahead}
	m.move(d.at, j, batch.Starting, "")
	m.join(j)
	m.orderStart(j)
	d.budget--
}

func (m *Machine) orderStart(j *job) {
	run := j.row.Run
	top := j.submission()
	m.order(StartAttempt{
		Attempt: j.row.AttemptID(), Host: run.Host, Environment: run.Environment, QueueName: j.row.QueueName,
		Lane: j.lane.name, Ahead: run.Ahead, Points: top.Array != nil && top.Array.Points,
	})
}

// requeueArray puts array j in its right place after children were born.
func (m *Machine) requeueArray(j *job) {
	switch {
	case !j.isArray() || j.entry < 0:
	case j.unborn() == 0:
		j.queue.runnable.remove(j)
	default:
		heap.Fix(&j.queue.runnable, j.entry)
	}
}

// confirmPromoted repeats the start of attempts that inherited a place and are not known to run. The driver
// has usually started them already; it has not if they reached it after the place became free.
func (m *Machine) confirmPromoted() {
	for _, j := range m.round.promoted {
		if j.row.Status == batch.Starting && !j.row.Run.Ahead && j.row.Run.Stop == batch.NotStopped {
			m.orderStart(j)
		}
	}
	m.round.promoted = nil
}
