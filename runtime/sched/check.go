package sched

import (
	"errors"
	"fmt"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/bitset"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
)

// Check holds the machine against its laws and returns every one that is broken. It looks at
// everything, so it is for simulations and tests, and for production when something is wrong.
func (m *Machine) Check() error {
	var broken []error
	fail := func(format string, args ...any) { broken = append(broken, fmt.Errorf(format, args...)) }
	used := map[string]batch.Shape{}
	hostUsed := map[string]batch.Shape{}
	live := 0
	counts := map[*queue]*[batch.StatusCount]int{}
	for _, q := range m.queues {
		counts[q] = &[batch.StatusCount]int{}
	}
	for id, j := range m.jobs {
		if j.row.ID != id {
			fail("job %s is kept under %s", j.row.ID, id)
		}
		for _, each := range j.all() {
			live += m.checkJob(each, used, hostUsed, fail)
		}
		j.countInto(counts[j.queue])
		m.checkArray(j, fail)
	}
	if live != len(m.attempts) {
		fail("%d jobs have an attempt, %d attempts are kept", live, len(m.attempts))
	}
	for _, e := range m.fleet.Environments {
		if e.Used != used[e.Row.Name] {
			fail("environment %s books %+v, its attempts hold %+v", e.Row.Name, e.Used, used[e.Row.Name])
		}
	}
	for id, h := range m.fleet.Hosts {
		if h.Used != hostUsed[id] {
			fail("host %s books %+v, its attempts hold %+v", id, h.Used, hostUsed[id])
		}
		m.checkRunners(h, fail)
		faulty := h.Runners.Faulty()
		if shown := h.Row.Ready && (faulty || h.Row.Kind == batch.Local); m.faulty[h] != faulty || m.shown[h] != shown {
			fail("host %s is at fault %t and to be shown %t; the sets say %t and %t", id, faulty, shown, m.faulty[h], m.shown[h])
		}
	}
	for _, set := range []map[*fleet.Host]bool{m.faulty, m.shown} {
		for h := range set {
			if m.fleet.Hosts[h.Row.ID] != h {
				fail("host %s is in a set of hosts and is not known", h.Row.ID)
			}
		}
	}
	held := map[string]int64{}
	for _, j := range m.attempts {
		for _, need := range m.fleet.Returns(j.needs()) {
			held[need.Resource] += need.Quantity
		}
	}
	m.checkConsumables(held, fail)
	m.registry.Check(m.exists, fail)
	m.checkFlights(fail)
	for _, q := range m.queues {
		if q.counts != *counts[q] {
			fail("queue %s counts %v by status, there are %v", q.row.Name, q.counts, *counts[q])
		}
		m.checkHeap(q, fail)
	}
	return errors.Join(broken...)
}

// checkRunners counts what the runners of h hold.
func (m *Machine) checkRunners(h *fleet.Host, fail func(string, ...any)) {
	var live, starting, held [2]int
	for _, j := range m.attempts {
		if run := j.row.Run; j.on.Host == h && !run.Ahead {
			i := 0
			if j.inContainer() {
				i = 1
			}
			live[i]++
			starting[i] += b2i(j.row.Status == batch.Starting && !run.Held)
			held[i] += b2i(j.row.Status == batch.Starting && run.Held)
		}
	}
	for i := range h.Runners {
		if r := &h.Runners[i]; r.Live != live[i] || r.Starting != starting[i] || r.Held != held[i] {
			fail("host %s counts %d %s attempts, %d that are being started and %d held, there are %d, %d and %d",
				h.Row.ID, r.Live, r.Kind, r.Starting, r.Held, live[i], starting[i], held[i])
		}
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// all returns j and its children with rows that are not terminal.
func (j *job) all() []*job {
	all := []*job{j}
	if j.isArray() {
		for _, child := range j.children.born {
			all = append(all, child)
		}
	}
	for _, node := range j.nodes {
		all = append(all, node)
	}
	return all
}

// countInto counts j, or its children, by the statuses that are not terminal.
func (j *job) countInto(counts *[batch.StatusCount]int) {
	if !j.isArray() {
		counts[j.row.Status]++
		return
	}
	for _, status := range batch.Statuses() {
		if !status.Terminal() {
			counts[status] += int(j.row.Array.Counts[status])
		}
	}
}

// checkJob checks one job and adds what its attempt holds; it returns 1 if there is an attempt.
func (m *Machine) checkJob(j *job, used, hostUsed map[string]batch.Shape, fail func(string, ...any)) int {
	id := j.row.ID
	if j.row.Status.Terminal() {
		fail("job %s is %s and still kept", id, j.row.Status)
	}
	if j.row.Status.Live() != (j.row.Run != nil) {
		fail("job %s is %s, with an attempt: %t", id, j.row.Status, j.row.Run != nil)
	}
	if limit := j.top().row.Retry.Attempts; j.gang == nil && j.row.Attempt-j.row.AttemptsBefore > limit {
		fail("job %s has attempt %d of %d, after %d", id, j.row.Attempt, limit, j.row.AttemptsBefore)
	}
	if (j.row.Status == batch.Runnable) != (j.entry >= 0 || j.stuck || j.row.Joined != "") && !j.isArray() {
		fail("job %s is %s, in a queue: %t", id, j.row.Status, j.entry >= 0)
	}
	if j.waiting > 0 && (j.row.Status != batch.Pending || j.row.Attempt > j.row.AttemptsBefore) {
		fail("job %s is %s before its dependencies", id, j.row.Status)
	}
	if j.row.Run == nil || j.isGang() {
		return 0
	}
	run := j.row.Run
	if m.attempts[j.row.AttemptID()] != j {
		fail("attempt %s is not kept", j.row.AttemptID())
	}
	if h := m.fleet.Hosts[run.Host]; h == nil || !h.Row.Ready {
		fail("attempt %s is on host %s, which is gone", j.row.AttemptID(), run.Host)
	}
	if !run.Ahead {
		used[run.Environment] = used[run.Environment].Plus(j.shape())
		hostUsed[run.Host] = hostUsed[run.Host].Plus(j.shape())
	}
	return 1
}

func (m *Machine) checkArray(j *job, fail func(string, ...any)) {
	if !j.isArray() {
		return
	}
	var sum int32
	for s, n := range j.row.Array.Counts {
		if n < 0 {
			fail("array %s counts %d children %s", j.row.ID, n, batch.Status(s))
		}
		sum += n
	}
	if sum != j.row.Size {
		fail("array %s counts %d children of %d", j.row.ID, sum, j.row.Size)
	}
	for _, set := range []*bitset.Set{&j.children.hasRow, &j.children.succeeded} {
		if set.Recount() != set.Len() {
			fail("array %s counts %d in a set of %d children", j.row.ID, set.Len(), set.Recount())
		}
	}
	if n := j.children.succeeded.Len(); n != j.row.Array.Counts[batch.Succeeded] {
		fail("array %s knows %d children that succeeded, its row says %d", j.row.ID, n, j.row.Array.Counts[batch.Succeeded])
	}
	if n := j.row.Array.ResultErrors; n < 0 || n > j.row.Array.Counts[batch.Succeeded] {
		fail("array %s counts %d results that were not taken, and %d children that succeeded", j.row.ID, n, j.row.Array.Counts[batch.Succeeded])
	}
	if n := len(j.children.watched); n > int(j.row.Size) {
		fail("array %s watches %d children of %d", j.row.ID, n, j.row.Size)
	}
	m.checkGates(j, fail)
	if j.row.Array.Counts[batch.Succeeded]+j.row.Array.Counts[batch.Failed] == j.row.Size {
		fail("array %s has ended and is still kept", j.row.ID)
	}
}

func (m *Machine) checkHeap(q *queue, fail func(string, ...any)) {
	for c := range q.line.Classes {
		checkEntries(c.Entries, "queue "+q.row.Name, fail)
	}
	q.line.Check(func(problem string) { fail("queue %s: %s", q.row.Name, problem) })
}

func checkEntries(entries entries, where string, fail func(string, ...any)) {
	for i, j := range entries {
		if j.entry != i {
			fail("job %s believes it is at %d of %s, it is at %d", j.row.ID, j.entry, where, i)
		}
		if j.Rank().Before(entries[0].Rank()) {
			fail("job %s is served before the head of %s", j.row.ID, where)
		}
	}
}
