package sched

import (
	"cmp"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/fair"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
	"github.com/batchd/terraform-provider-batch/runtime/place/history"
	"github.com/batchd/terraform-provider-batch/runtime/place/why"
	"github.com/batchd/terraform-provider-batch/runtime/registry"
	"github.com/batchd/terraform-provider-batch/runtime/sched/array"
	"github.com/batchd/terraform-provider-batch/runtime/sched/depend"
	"github.com/batchd/terraform-provider-batch/runtime/sched/flight"
	"github.com/batchd/terraform-provider-batch/runtime/sched/lane"
)

// Load makes a machine from rows. Everything it knows is a row or follows from rows.
func Load(s batch.Snapshot, config Config) *Machine {
	config.MaxArraySize = cmp.Or(config.MaxArraySize, batch.DefaultMaxArraySize)
	m := &Machine{
		config:     config,
		fleet:      fleet.New(),
		queues:     map[string]*queue{},
		queuesByID: map[string]*queue{},
		faulty:     map[*fleet.Host]bool{},
		closing:    map[*fleet.Host]bool{},
		shown:      map[*fleet.Host]bool{},
		registry:   registry.Load(s),
		history:    history.Load(s.Histories),
		revisions:  map[string]int32{},
		jobs:       make(jobs, len(s.Jobs)),
		adoptable:  map[adoptKey][]*job{},
		flights:    flight.New[*job](),
		spared:     map[*job]bool{},
		parked:     map[*job]*entries{},
		waits:      depend.New(compareJobs),
		reended:    map[batch.JobID]batch.Time{},
		attempts:   map[batch.AttemptID]*job{},
		tokens:     map[string]batch.JobID{},
		lanes:      lane.New[*job](),
		missing:    map[batch.AttemptID]batch.Time{},
		asked:      map[string]batch.Time{},
		setBack:    map[batch.Runner][]*job{},
		lastSeq:    s.LastSeq,
		lastLine:   s.LastTransition,
	}
	for name, revision := range s.Revisions {
		m.revisions[name] = revision
	}
	for _, e := range s.Environments {
		m.fleet.Environments[e.Name] = &fleet.Environment{Row: e}
	}
	for _, q := range s.Queues {
		loaded := newQueue(q)
		m.queues[q.Name], m.queuesByID[q.UUID] = loaded, loaded
	}
	m.loadPolicies(s)
	m.loadConsumables(s)
	m.loadShares(s)
	for _, h := range s.Hosts {
		m.setHost(h)
		for _, f := range h.Faults {
			m.lastOrder = max(m.lastOrder, f.Order) // what is ordered from here on is later
		}
	}
	m.loadJobs(s)
	return m
}

// loadJobs makes submissions first, then children, then what follows from both.
func (m *Machine) loadJobs(s batch.Snapshot) {
	var live []*job
	for _, row := range s.Jobs {
		if _, _, isPart := row.ID.Part(); !isPart {
			live = append(live, m.loadSubmission(row))
		}
	}
	for _, k := range s.PointKeys {
		m.joinFlights(m.jobs[k.Job], k.Keys)
	}
	for _, end := range s.Ended {
		if array := m.jobs[end.Array]; array != nil && array.isArray() {
			array.children.End(end.Index, end.Status)
		}
	}
	for _, row := range s.Jobs {
		if _, _, isChild := row.Parent(); isChild {
			live = append(live, m.loadChild(row))
		} else if gang, index, isNode := row.ID.SplitNode(); isNode {
			live = append(live, m.loadNode(row, m.jobs[gang], index))
		}
	}
	for _, j := range live {
		m.link(j)
		m.loadWork(j)
	}
	m.loadAttempts(live)
}

func (m *Machine) loadSubmission(row batch.Job) *job {
	j := &job{row: row, queue: m.queuesByID[row.QueueID], entry: -1}
	j.row.QueueID, j.row.QueueName = j.queue.row.UUID, j.queue.row.Name // one copy of each for all jobs
	if row.Array != nil {
		j.children = array.Of[*job](&j.row)
	}
	m.admit(j)
	j.countInto(&j.queue.counts)
	if row.Token != "" {
		m.remember(row.Token, row.ID)
	}
	return j
}

func (m *Machine) loadChild(row batch.Job) *job {
	parent, index, _ := row.Parent()
	array := m.jobs[parent]
	j := &job{row: row, queue: array.queue, array: array, index: index, entry: -1}
	j.row.QueueID, j.row.QueueName, j.row.Name, j.row.Definition = array.row.QueueID, array.row.QueueName, array.row.Name, array.row.Definition
	array.children.Bear(index, j)
	return j
}

func (m *Machine) loadNode(row batch.Job, gang *job, index int32) *job {
	j := &job{row: row, queue: gang.queue, gang: gang, index: index, entry: -1}
	if gang.nodes == nil {
		gang.nodes = map[int32]*job{}
	}
	gang.nodes[index] = j
	return j
}

// loadWork puts what can be placed into its queue, and sets aside again what was.
func (m *Machine) loadWork(j *job) {
	if j.row.Refusals.Back > 0 && !j.row.Status.Terminal() {
		m.awaitStart(j)
	}
	switch {
	case j.isArray() && j.row.Array.Unborn.Status == batch.Runnable && j.children.Unborn() > 0:
	case j.row.Status == batch.Runnable:
	default:
		return
	}
	if f := m.flightOf(j); f != nil && j.row.Joined != "" {
		f.Join(j)
		return
	}
	if isObstacle(j.row.StatusReason) {
		j.aside, j.queue.aside[j] = true, true
		m.armLimit(j)
		return
	}
	if j.row.BlockedAt != 0 {
		j.queue.blamed = blamed{job: j, code: why.CodeOf(j.row.StatusReason), since: j.row.BlockedAt}
		m.armLimit(j)
	}
	m.enqueue(j)
}

// loadAttempts puts live attempts into their lanes, in the order in which they were ordered.
func (m *Machine) loadAttempts(live []*job) {
	attempts := slices.DeleteFunc(live, func(j *job) bool { return j.row.Run == nil })
	slices.SortStableFunc(attempts, func(a, b *job) int {
		return cmp.Or(cmp.Compare(a.row.Run.Order, b.row.Run.Order), compareJobs(a, b))
	})
	for _, j := range attempts {
		m.lastOrder = max(m.lastOrder, j.row.Run.Order)
		if !j.isGang() {
			m.join(j)
			m.lead(j)
			m.holdNeeds(j.needs())
		}
		if j.gang != nil && j.row.Run.Held && j.gang.row.Status == batch.Running {
			m.held = append(m.held, j)
		}
		// What becomes of a multi-node job whose main node has ended is decided: the timeout of that attempt is over.
		if j.row.Status == batch.Running && j.gang == nil && j.row.Run.Outcome == batch.Submitted {
			m.arm(j)
		}
	}
}

// loadShares makes the shares of rows. What they hold is given back when attempts are loaded.
func (m *Machine) loadShares(s batch.Snapshot) {
	for _, row := range s.Shares {
		q := m.queuesByID[row.QueueID]
		if q == nil {
			continue
		}
		if p := m.fair(q); p != nil {
			q.line.Shares[row.Share] = fair.Load(row, p.fair.Decay)
		}
	}
}
