package sim

import (
	"cmp"
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// shared is a point of a live submission with reuse: a single job, or a child with or without a row.
type shared struct {
	id     batch.JobID
	top    *batch.Job
	status batch.Status
	row    *batch.Job // nil of a child without a row
}

// flights holds the points of live submissions with reuse that have one key against the rules of joining. The keys are
// computed anew from what each of them runs.
func (l *laws) flights(open []*batch.Job) {
	byKey := map[string][]shared{}
	for _, row := range open {
		if top := l.w.store.Jobs[row.ID.Root()]; l.sharesWork(top) {
			for _, p := range l.pointsOf(row, top) {
				if key := l.pointKey(p.id); key != "" {
					byKey[key] = append(byKey[key], p)
				}
			}
		}
	}
	for _, key := range sortedKeys(byKey) {
		points := byKey[key]
		l.once(points)
		for _, p := range points {
			if p.row != nil {
				l.joined(p, points)
				l.spared(p, points)
			}
		}
	}
	l.given(byKey)
}

// sharesWork reports whether a submission may share work.
func (l *laws) sharesWork(top *batch.Job) bool {
	return l.w.store.Specs[top.ID].Reuse && top.Nodes == nil
}

// pointsOf are the points that a row speaks for.
func (l *laws) pointsOf(row, top *batch.Job) (points []shared) {
	if row.Array == nil {
		return []shared{{row.ID, top, row.Status, row}}
	}
	if row.Array.Unborn.Status.Terminal() {
		return nil
	}
	children := l.w.store.Parts[row.ID]
	for index := range row.Size {
		if len(children) > 0 && indexOf(children[0].ID) == index {
			children = children[1:]
			continue
		}
		points = append(points, shared{id: row.ID.Child(index), top: top, status: row.Array.Unborn.Status})
	}
	return points
}

// pointKey is the base key of a job or child, which never changes.
func (l *laws) pointKey(id batch.JobID) string {
	key, known := l.keys[id]
	if !known {
		key, _ = l.w.store.baseKeyOf(id)
		l.keys[id] = key
	}
	return key
}

// mayTake reports whether p may have the result of what runs in the queue of from. It is read from what its user asked.
func (l *laws) mayTake(p shared, from *batch.Job) bool {
	return batch.MatchesQueue(l.w.tried[p.top.ID].Readable, from.QueueName)
}

// once: two attempts of one point do not run at once, unless the later one may not have the result of the earlier one.
func (l *laws) once(points []shared) {
	var live []shared
	for _, p := range points {
		if p.row != nil && p.row.Run != nil {
			live = append(live, p)
		}
	}
	slices.SortFunc(live, func(a, b shared) int { return cmp.Compare(a.row.Run.Order, b.row.Run.Order) })
	for i, later := range live {
		for _, earlier := range live[:i] {
			if l.mayTake(later, earlier.top) {
				l.w.broken("twice", "job %s runs what job %s runs already", later.id, earlier.id)
			}
		}
	}
}

// joined: who waits for an attempt is RUNNABLE, and waits for one that is live, is of the same point and may be read.
func (l *laws) joined(p shared, points []shared) {
	if p.row.Joined == "" {
		return
	}
	to := slices.IndexFunc(points, func(o shared) bool { return o.id == p.row.Joined })
	if p.status != batch.Runnable || to < 0 || points[to].row == nil || points[to].row.Run == nil || !l.mayTake(p, points[to].top) {
		l.w.broken("joined", "job %s is %s and waits for job %s, which does not run the same for it", p.id, p.status, p.row.Joined)
	}
}

// waitsFor reports whether a point other than p waits and may have the result of p.
func (l *laws) waitsFor(p shared, points []shared) bool {
	return slices.ContainsFunc(points, func(o shared) bool {
		return o.id != p.id && (o.status == batch.Pending || o.status == batch.Runnable) && l.mayTake(o, p.top)
	})
}

// spared: what a released submission runs goes on as long as somebody waits for it, and no longer. Only who says so in so many
// words stops what others wait for.
func (l *laws) spared(p shared, points []shared) {
	run := p.row.Run
	if run == nil {
		return
	}
	goesOn, wanted := run.GoesOn(), l.waitsFor(p, points)
	old := l.turn.old[p.id]
	first := old != nil && old.Run != nil && old.Run.Stop == batch.NotStopped
	switch {
	case goesOn && !wanted && released(p.top):
		l.w.broken("released", "nobody waits for job %s, whose submission is released, and it is not stopped", p.id)
	case wanted && first && run.Stop == batch.StopTerminated && !l.asksEndOf(p.id):
		l.w.broken("released", "job %s was stopped with its submission, and others wait for it", p.id)
	}
}

func released(top *batch.Job) bool { return top.Terminated && top.Claims.Over() }

// asksEndOf reports whether somebody asked in this turn, in so many words, for the end of a job or of what it is part of.
func (l *laws) asksEndOf(id batch.JobID) bool {
	return slices.ContainsFunc(l.turn.asks, func(c *call) bool {
		switch command := c.command.(type) {
		case sched.TerminateJob:
			return command.ID == id || command.ID == id.Root()
		case sched.DeleteQueue:
			return true
		default:
			return false
		}
	})
}

// given: when a point has succeeded, nobody who may have its result waits for anything any more; and what was taken is of
// a queue that may be read.
func (l *laws) given(byKey map[string][]shared) {
	for i := range l.turn.delta.Jobs {
		row := &l.turn.delta.Jobs[i]
		if row.Status != batch.Succeeded || row.ContentKey == "" || row.Array != nil {
			continue
		}
		top := l.w.store.Jobs[row.ID.Root()]
		if from := l.w.store.Jobs[row.ReusedFrom]; from != nil && !batch.MatchesQueue(l.w.tried[top.ID].Readable, from.QueueName) {
			l.w.broken("readable", "job %s took the result of job %s of queue %s, of which its user may read nothing", row.ID, from.ID, from.QueueName)
		}
		if old := l.turn.old[row.ID]; row.ReusedFrom != "" || old != nil && old.Status == batch.Succeeded {
			continue
		}
		for _, p := range byKey[l.pointKey(row.ID)] {
			crossed := p.top.CreatedAt == l.turn.at && !l.sharesWork(top) // it was read before that ended, and may run again
			if (p.status == batch.Pending || p.status == batch.Runnable) && l.mayTake(p, top) && !crossed {
				l.w.broken("given", "job %s has succeeded and job %s, which is the same, is %s", row.ID, p.id, p.status)
			}
		}
	}
}

// claims holds the claims in the rows against what holders asked for.
func (l *laws) claims() {
	for i := range l.turn.delta.Jobs {
		row := &l.turn.delta.Jobs[i]
		old := l.turn.old[row.ID]
		if _, _, isPart := row.ID.Part(); isPart || old == nil {
			continue
		}
		if old.Claims != nil {
			l.keptOrGone(old, row)
		}
		l.endedEarly(old, row)
	}
	for _, c := range l.turn.asks {
		l.claimed(c)
	}
}

// keptOrGone: a claim goes only if it was given up or has lapsed, and an end is wanted only if somebody asked for it.
func (l *laws) keptOrGone(old, row *batch.Job) {
	for _, held := range old.Claims.Held {
		given := l.asks(func(c sched.ReleaseJob) bool { return c.ID == row.ID && c.Claim == held.Name })
		if !row.Claims.Has(held.Name) && !given && (held.Until == 0 || held.Until > l.turn.at) {
			l.w.broken("claim", "job %s has lost the claim of %s, which was to last until %d", row.ID, held.Name, held.Until)
		}
	}
	ended := l.asks(func(c sched.ReleaseJob) bool { return c.ID == row.ID && c.End })
	if row.Claims != nil && row.Claims.End && !old.Claims.End && !ended {
		l.w.broken("claim", "job %s is to end when it is not claimed, and nobody asked for that", row.ID)
	}
}

// endedEarly: a submission that was not told to end, in so many words, ends early only if somebody who gave up a claim wanted it
// and nobody holds it.
func (l *laws) endedEarly(old, row *batch.Job) {
	if old.Terminated || !row.Terminated || released(row) || l.asksEndOf(row.ID) {
		return
	}
	l.w.broken("claim", "job %s was ended with the claims %+v, and nobody asked for that", row.ID, row.Claims)
}

func (l *laws) asks(is func(sched.ReleaseJob) bool) bool {
	return slices.ContainsFunc(l.turn.asks, func(c *call) bool {
		release, ok := c.command.(sched.ReleaseJob)
		return ok && is(release)
	})
}

// claimed: what the holder is told is what the row says, unless the claim was given up in the same turn.
func (l *laws) claimed(c *call) {
	claim, ok := c.command.(sched.ClaimJob)
	reply, held := c.reply.(sched.ClaimReply)
	row := l.w.store.Jobs[claim.ID]
	if !ok || c.err != nil || !held || !reply.Held || row == nil || row.Status.Terminal() {
		return
	}
	again := func(r sched.ReleaseJob) bool { return r.ID == claim.ID && r.Claim == claim.Claim }
	keeps := slices.ContainsFunc(l.turn.asks, func(other *call) bool {
		renewed, ok := other.command.(sched.ClaimJob)
		return ok && other != c && renewed.ID == claim.ID && renewed.Claim == claim.Claim
	})
	if l.asks(again) || keeps {
		return
	}
	var found batch.Claim
	if row.Claims != nil {
		at := slices.IndexFunc(row.Claims.Held, func(h batch.Claim) bool { return h.Name == claim.Claim })
		if at >= 0 {
			found = row.Claims.Held[at]
		}
	}
	if found.Name == "" || (claim.For == 0) != (found.Until == 0) {
		l.w.broken("claim", "the claim of %s on job %s was to last %s; the row says %+v", claim.Claim, claim.ID, claim.For, row.Claims)
	}
}

// adopted: a submission adopts one of the same queue, name and content.
func (l *laws) adopted(c sched.SubmitJob, id batch.JobID) {
	row := l.w.store.Jobs[id]
	if row == nil {
		return
	}
	if len(c.Readable) > 0 && len(l.w.tried[id].Readable) == 0 {
		l.w.broken("readable", "job %s takes results of every queue, and was adopted by one that may take those of %v alone", id, c.Readable)
	}
	given := l.w.store.given(c.Needs())
	spec, err := c.Resolve(given.Definition, given.Upstream)
	if err != nil {
		return
	}
	size := max(int(c.Size), len(c.Points))
	bases, _ := batch.Identify(&spec, c.Points, size)
	var theirs []string
	for i := range max(int(row.Size), 1) {
		part := id
		if row.Size > 0 {
			part = id.Child(int32(i))
		}
		theirs = append(theirs, l.pointKey(part))
	}
	if row.QueueName != c.Queue || row.Name != c.Name || int(row.Size) != size || !slices.Equal(bases, theirs) {
		l.w.broken("adopted", "%s of queue %s adopted job %s, which is %s of queue %s: %s", c.Name, c.Queue, id, row.Name, row.QueueName, strings.Join(theirs, " "))
	}
}
