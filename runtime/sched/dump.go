package sched

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

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
		line("environment %s used=%v attempts=%d row=%s", name, e.Used, e.Attempts, text(e.Row))
	}
	for _, id := range slices.Sorted(maps.Keys(m.fleet.Hosts)) {
		line("host %s used=%v row=%s", id, m.fleet.Hosts[id].Used, text(m.fleet.Hosts[id].Row))
	}
	m.dumpPolicies(line)
	m.dumpConsumables(line)
	m.registry.Dump(line)
	m.dumpHistories(line)
	m.dumpShares(line)
	m.dumpQueues(line)
	for _, j := range sorted(maps.Values(m.jobs)) {
		m.dumpJob(line, j)
	}
	m.dumpWaiting(line)
	m.dumpFlights(line)
	for _, l := range slices.SortedFunc(maps.Values(m.lanes), func(a, b *lane) int { return strings.Compare(a.name, b.name) }) {
		line("lane %s holding=%d ahead=%s", l.name, l.holding, ids(l.ahead))
	}
	return b.String()
}

func (m *Machine) dumpQueues(line func(string, ...any)) {
	for _, id := range slices.Sorted(maps.Keys(m.queuesByID)) {
		q := m.queuesByID[id]
		work := slices.Collect(maps.Keys(q.stuck))
		for _, j := range m.jobs {
			if j.queue == q && j.isArray() {
				work = append(work, j.children.parked...)
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
		line("queue %s named=%t jobs=%d waiting=%d work=%s row=%s", id, m.queues[q.row.Name] == q, q.jobs, q.counts[batch.Runnable], ids(work), text(q.row))
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
		if each.waits() {
			waiting = each.waiting
		}
		line("job %s waiting=%d due=%d kept=%t row=%s", each.row.ID, waiting, due, kept, text(each.row))
	}
	if c := j.children; c != nil {
		line("children of %s rows=%d next=%d has=%x succeeded=%x", j.row.ID, c.rows(), c.nextRun, c.hasRow.Words(), c.succeeded.Words())
	}
}

// mayExpire reports whether j has an attempt that has not been told to stop; of a multi-node job, that of its main node.
func (j *job) mayExpire() bool {
	if j.isGang() && j.row.Run != nil {
		j = j.nodes[j.row.Nodes.Main]
	}
	return j != nil && j.row.Run != nil && j.row.Run.Stop == batch.NotStopped
}

// dumpWaiting writes who waits for whom, and whether a child without a row knows that it is waited for. Entries of
// work that does not wait any more do not count.
func (m *Machine) dumpWaiting(line func(string, ...any)) {
	for _, id := range slices.Sorted(maps.Keys(m.dependents)) {
		waiting := onlyWaiting(m.dependents[id])
		if len(waiting) == 0 {
			continue
		}
		watched := true
		if root, index, isChild := id.Split(); isChild {
			array := m.jobs[root]
			watched = array != nil && (array.children.has(index) || slices.Contains(array.children.watched, index))
		}
		line("waiting for %s: %s watched=%t", id, ids(waiting), watched)
	}
	for _, id := range slices.Sorted(maps.Keys(m.gates)) {
		if waiting := onlyWaiting(m.gates[id]); len(waiting) > 0 {
			line("waiting for children of %s: %s", id, ids(waiting))
		}
	}
}

func onlyWaiting(jobs []*job) []*job {
	return slices.DeleteFunc(slices.Clone(jobs), func(j *job) bool { return !j.waits() })
}

func sorted(jobs func(func(*job) bool)) []*job {
	return slices.SortedFunc(jobs, func(a, b *job) int {
		return cmp.Or(compareJobs(a, b), cmp.Compare(a.row.ID, b.row.ID))
	})
}

func ids(jobs []*job) string {
	names := make([]string, len(jobs))
	for i, j := range jobs {
		names[i] = string(j.row.ID)
	}
	return "[" + strings.Join(names, " ") + "]"
}

// text renders a row; rows are plain data, so that cannot fail.
func text(row any) string {
	b, err := json.Marshal(row)
	if err != nil {
		panic(fmt.Sprintf("sched: %T does not marshal: %v", row, err))
	}
	return string(b)
}
