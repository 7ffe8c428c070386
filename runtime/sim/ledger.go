package sim

import (
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// ledger holds what a turn has started against what there is: environments, hosts, consumable resources, the
// concurrency of arrays. Nothing is started where too much is held, for whatever reason.
func (l *laws) ledger(open []*batch.Job) {
	if len(l.turn.starts) == 0 {
		return
	}
	books := l.shadowOf(open, l.turn.at, nil)
	for _, start := range l.turn.starts {
		top := l.w.store.Jobs[start.ID.Root()]
		for _, row := range l.attemptsOf(start) {
			l.roomFor(row, top, books)
			l.expectedOf(row, top)
		}
		for resource := range wants(top) {
			if left := books.available(resource); left < 0 {
				l.w.broken("consumable", "job %s is started and %d of %s are left of %d", start.ID, left, resource, l.w.store.Consumables[resource].Total)
			}
		}
		if limit := l.w.tried[top.ID].MaxConcurrency; limit > 0 && top.Array != nil {
			if live := l.liveOf(top); live > limit {
				l.w.broken("concurrency", "child %s is started and %d of array %s are live, at most %d may be", start.ID, live, top.ID, limit)
			}
		}
	}
}

// attemptsOf returns the rows that hold the places of an attempt: its own, or those of its nodes.
func (l *laws) attemptsOf(start *batch.Job) []*batch.Job {
	if start.Nodes == nil {
		return []*batch.Job{start}
	}
	return l.w.store.Parts[start.ID]
}

func (l *laws) liveOf(array *batch.Job) (n int32) {
	for _, child := range l.w.store.Parts[array.ID] {
		n += int32(b2i(child.Run != nil))
	}
	return n
}

func (l *laws) roomFor(row, top *batch.Job, books *shadow) {
	if row.Run == nil || row.Run.Ahead {
		return
	}
	e, h := l.w.store.Environments[row.Run.Environment], l.w.store.Hosts[row.Run.Host]
	shape := shapeOf(top, row.ID)
	if !within(shape, books.used[e.Name], roomOf(e.Max)) {
		l.w.broken("environment limit", "attempt %s is started and environment %s holds %v of %v", row.AttemptID(), e.Name, books.used[e.Name], e.Max)
	}
	limit := h.Capacity
	if h.Kind == batch.Local {
		limit.MilliCPU = unbounded
	}
	if !h.Ready || !within(shape, books.onHost[h.ID], limit) {
		l.w.broken("host limit", "attempt %s is started and host %s (ready: %t) holds %v of %v", row.AttemptID(), h.ID, h.Ready, books.onHost[h.ID], h.Capacity)
	}
	if len(h.Environments) == 0 && (h.Kind != e.Kind || len(e.Offers) > 0) || len(h.Environments) > 0 && !contains(l.w.pool(e), h.ID) {
		l.w.broken("pool", "attempt %s is started on host %s, which environment %s does not use", row.AttemptID(), h.ID, e.Name)
	}
}

func contains(hosts []batch.Host, id string) bool {
	for _, h := range hosts {
		if h.ID == id {
			return true
		}
	}
	return false
}

// within reports whether used is at most limit in all that shape asks for.
func within(shape, used, limit batch.Shape) bool {
	return (shape.MilliCPU == 0 || used.MilliCPU <= limit.MilliCPU) && (shape.MemoryMiB == 0 || used.MemoryMiB <= limit.MemoryMiB) &&
		(shape.GPUs == 0 || used.GPUs <= limit.GPUs)
}

// expectedOf looks at how long an attempt is expected to run.
func (l *laws) expectedOf(row, top *batch.Job) {
	if row.Run != nil && row.Run.Expected != l.lasts(top) {
		l.w.broken("expected", "attempt %s is expected to run %s, by the rows it is %s", row.AttemptID(), row.Run.Expected, l.lasts(top))
	}
}

// account is what the users gave of a consumable resource, and how much had been used up when it was made.
type account struct{ given, before int64 }

// consume keeps the accounts: what there is of a resource is what users gave without what attempts have used up.
func (l *laws) consume() {
	for _, c := range l.turn.asks {
		if c.err != nil {
			continue
		}
		switch command := c.command.(type) {
		case sched.CreateConsumable:
			name := command.Consumable.Name
			l.accounts[name] = account{given: command.Consumable.Total, before: l.usedUp(name) - l.justTaken(name)}
		case sched.UpdateConsumable:
			l.updateAccount(command)
		}
	}
	for _, row := range l.turn.delta.Consumables {
		account, known := l.accounts[row.Name]
		want := account.given
		if !row.Replenishable {
			want -= l.usedUp(row.Name) - account.before
		}
		if !row.Deleted && (!known || row.Total != want) {
			l.w.broken("consumable", "there are %d of %s by its row, %d by what was given and used up", row.Total, row.Name, want)
		}
		l.tokens[row.Name] = row.TokenAt
	}
}

// updateAccount does to an account what an update does to a total, unless it was recognised as a repeated one.
func (l *laws) updateAccount(c sched.UpdateConsumable) {
	row, a := l.w.store.Consumables[c.Name], l.accounts[c.Name]
	if c.Token != "" && l.tokens[c.Name] == row.TokenAt && row.TokenAt != l.turn.at {
		return
	}
	switch c.Operation {
	case sched.SetTotal:
		a.given = c.Quantity
		if !row.Replenishable {
			a.given += l.usedUp(c.Name) - l.justTaken(c.Name) - a.before
		}
	case sched.AddTotal:
		a.given += c.Quantity
	case sched.RemoveTotal:
		a.given -= c.Quantity
	}
	l.accounts[c.Name] = a
}

// usedUp is how much of a resource attempts have taken, but for those that ended without having run.
func (l *laws) usedUp(resource string) int64 { return l.taken[resource] }

// justTaken is how much attempts took that this turn started: after all commands in it.
func (l *laws) justTaken(resource string) (sum int64) {
	for _, start := range l.turn.starts {
		sum += wants(l.w.store.Jobs[start.ID.Root()])[resource]
	}
	return sum
}

// take counts what the attempts of a turn have taken and given back.
func (l *laws) take() {
	for _, start := range l.turn.starts {
		for resource, quantity := range wants(l.w.store.Jobs[start.ID.Root()]) {
			l.taken[resource] += quantity
		}
	}
	ran := map[batch.AttemptID]bool{}
	for _, a := range l.turn.delta.Attempts {
		ran[a.ID] = a.StartedAt != 0
	}
	for i := range l.turn.delta.Jobs {
		row := &l.turn.delta.Jobs[i]
		old := l.turn.old[row.ID]
		if old == nil || old.Run == nil || old.Nodes != nil {
			continue
		}
		over := row.Run == nil || row.Attempt != old.Attempt || row.Run.OrderedAt != old.Run.OrderedAt && !old.Run.Held
		if over && !ran[old.AttemptID()] {
			for _, need := range needsOf(l.w.store.Jobs[row.ID.Root()], row.ID) {
				l.taken[need.Resource] -= need.Quantity
			}
		}
	}
}

// history holds the histories of definitions against the attempts that have succeeded.
func (l *laws) history() {
	changed := map[string]bool{}
	for _, a := range l.turn.delta.Attempts {
		_, _, isNode := a.ID.Job.SplitNode()
		if isNode || a.StartedAt == 0 || a.ExitCode == nil || *a.ExitCode != 0 || a.StatusReason != reasonExited {
			continue
		}
		name := l.w.store.Jobs[a.ID.Job.Root()].Definition.Name
		h := l.histories[name]
		ran := max(a.StoppedAt.Sub(a.StartedAt).Milliseconds(), 0)
		if n := min(h.Runs, 8); n > 0 {
			off := max(ran-h.MeanMillis, h.MeanMillis-ran)
			h.DeviationMillis = (h.DeviationMillis*(n-1) + off + n/2) / n
		}
		h.Definition = name
		h.Runs++
		n := min(h.Runs, 8)
		h.MeanMillis = (h.MeanMillis*(n-1) + ran + n/2) / n
		l.histories[name], changed[name] = h, true
	}
	for name := range changed {
		if l.w.store.Histories[name] != l.histories[name] {
			l.w.broken("history", "definition %s has the history %+v, its attempts give %+v", name, l.w.store.Histories[name], l.histories[name])
		}
	}
}

// reasonExited is the reason of an attempt that ended by itself.
const reasonExited = "Essential container in task exited"
