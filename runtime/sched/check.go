package sched

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
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
		if closes := h.Row.Ready && h.Row.Closing != nil; m.closing[h] != closes {
			fail("host %s closes: %t; the set of those that do says %t", id, closes, m.closing[h])
		}
		faulty := h.Runners.Faulty()
		if shown := h.Row.Ready && (faulty || h.Row.Kind == batch.Local); m.faulty[h] != faulty || m.shown[h] != shown {
			fail("host %s is at fault %t and to be shown %t; the sets say %t and %t", id, faulty, shown, m.faulty[h], m.shown[h])
		}
	}
	for _, set := range []map[*fleet.Host]bool{m.faulty, m.closing, m.shown} {
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
	if (j.row.Status == batch.Runnable) != (j.entry >= 0 || j.aside || j.row.Joined != "") && !j.isArray() {
		fail("job %s is %s, in a queue: %t", id, j.row.Status, j.entry >= 0)
	}
	if j.awaits > 0 && (j.row.Status != batch.Pending || j.row.Attempt > j.row.AttemptsBefore) {
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
	j.children.Check(fail)
	m.checkGates(j, fail)
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

// Dump returns the machine's state as text, the same for equal machines: a machine and the one loaded from the
// rows it wrote give the same text. Hints that no row holds are left out: the pace of lanes, remembered
// tokens, first absences from a census, which work was set aside, and whether an attempt that
// was told to stop still has a timeout.
func (m *Machine) Dump() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("seq %d line %d", m.lastSeq, m.lastLine)
	for _, name := range slices.Sorted(maps.Keys(m.revisions)) {
		line("definition %s %d", name, m.revisions[name])
	}
	for _, name := range slices.Sorted(maps.Keys(m.fleet.Environments)) {
		e := m.fleet.Environments[name]
		line("environment %s used=%v attempts=%d row=%s", name, e.Used, e.Attempts, batch.Text(e.Row))
	}
	for _, id := range slices.Sorted(maps.Keys(m.fleet.Hosts)) {
		line("host %s used=%v row=%s", id, m.fleet.Hosts[id].Used, batch.Text(m.fleet.Hosts[id].Row))
	}
	m.dumpPolicies(line)
	m.dumpConsumables(line)
	m.registry.Dump(line)
	for _, row := range m.history.Rows() {
		line("history %s row=%s", row.Definition, batch.Text(row))
	}
	m.dumpShares(line)
	m.dumpQueues(line)
	for _, j := range sorted(maps.Values(m.jobs)) {
		m.dumpJob(line, j)
	}
	m.dumpWaiting(line)
	m.dumpFlights(line)
	for _, l := range m.lanes.Sorted() {
		line("lane %s holding=%d ahead=%s", l.Name, l.Holding, ids(l.Ahead()))
	}
	return b.String()
}

func (m *Machine) dumpQueues(line func(string, ...any)) {
	for _, id := range slices.Sorted(maps.Keys(m.queuesByID)) {
		q := m.queuesByID[id]
		work := slices.Collect(maps.Keys(q.aside))
		for array, parked := range m.parked {
			if array.queue == q {
				work = append(work, *parked...)
			}
		}
		for c := range q.line.Classes {
			work = append(work, c.Entries...)
		}
		slices.SortFunc(work, func(a, b *job) int {
			switch {
			case a.Rank().Before(b.Rank()):
				return -1
			case b.Rank().Before(a.Rank()):
				return 1
			default:
				return 0
			}
		})
		line("queue %s named=%t jobs=%d waiting=%d work=%s row=%s", id, m.queues[q.row.Name] == q, q.jobs, q.counts[batch.Runnable], ids(work), batch.Text(q.row))
	}
}

func (m *Machine) dumpJob(line func(string, ...any), j *job) {
	for _, each := range append([]*job{j}, sorted(slices.Values(j.all()[1:]))...) {
		due := batch.Time(0)
		if each.mayExpire() {
			due = each.due
		}
		kept := each.row.Run == nil || m.attempts[each.row.AttemptID()] == each
		waiting := 0
		if each.Waits() {
			waiting = each.awaits
		}
		line("job %s waiting=%d due=%d kept=%t row=%s", each.row.ID, waiting, due, kept, batch.Text(each.row))
	}
	if c := j.children; c != nil {
		line("children of %s %s", j.row.ID, c)
	}
}

// mayExpire reports whether j has an attempt that has not been told to stop; of a multi-node job, that of its main node.
func (j *job) mayExpire() bool {
	if j.isGang() && j.row.Run != nil {
		j = j.nodes[j.row.Nodes.Main]
	}
	return j != nil && j.row.Run != nil && j.row.Run.Stop == batch.NotStopped
}

// dumpWaiting writes which jobs wait for which, and whether a child without a row knows that it is waited for. Entries of
// work that has stopped waiting do not count.
func (m *Machine) dumpWaiting(line func(string, ...any)) {
	for id, waiting := range m.waits.EachAwaited {
		watched := true
		if root, index, isChild := id.Split(); isChild {
			array := m.jobs[root]
			watched = array != nil && (array.children.HasRow(index) || array.children.Watches(index))
		}
		line("waiting for %s: %s watched=%t", id, ids(waiting), watched)
	}
	for id, waiting := range m.waits.EachPaired {
		line("waiting for children of %s: %s", id, ids(waiting))
	}
}
