package sim

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place"
)

// placing looks at what a turn has placed and what it has left waiting.
func (l *laws) placing(open []*batch.Job) {
	away, all := l.turnedAway()
	if all {
		return
	}
	lines := l.lines(open, away)
	if len(l.turn.starts) > 0 {
		for _, q := range lines {
			l.overtaking(q)
			l.delay(q, lines, open)
		}
	}
	if len(lines) > 0 {
		l.idle(lines, open)
	}
}

// overtaking looks at a strict queue: nothing behind the head, of the same share, is placed while the head waits.
func (l *laws) overtaking(q *lineOf) {
	if !q.queue.Strict {
		return
	}
	for _, head := range q.heads() {
		for _, row := range l.turn.starts {
			top := l.w.store.Jobs[row.ID.Root()]
			if top != head.top && top.QueueID == q.queue.UUID && top.Share == head.share && head.rank.Before(l.startRank(row, top)) {
				l.w.broken("strict", "job %s is placed while %s waits at the head of queue %s", row.ID, head.row.ID, q.queue.Name)
			}
		}
	}
}

// startRank is the rank that work had which has just been started.
func (l *laws) startRank(row, top *batch.Job) (r place.Rank) {
	r = l.rank(row, top)
	r.Front = row.Array == nil && row.Attempt-1 > row.AttemptsBefore
	return r
}

// delay looks at the head of a queue that is not strict: what was placed after it was found blocked does not make it
// start later than it would without. Where a head that is served before it has a place kept, it is promised only what is beside
// that, and this law says nothing.
func (l *laws) delay(q *lineOf, lines []*lineOf, open []*batch.Job) {
	head := q.head()
	if q.queue.Strict || q.fair != nil || head == nil {
		return
	}
	for _, other := range lines {
		if before := other.head(); other != q && !other.queue.Strict && before != nil && before.rank.Before(head.rank) {
			return
		}
	}
	behind, fair := map[batch.JobID]bool{}, map[batch.JobID]bool{} // shares are not served by rank
	for _, row := range l.turn.starts {
		if top := l.w.store.Jobs[row.ID.Root()]; top.Share != "" {
			fair[row.ID] = true
		} else if top != head.top && head.rank.Before(l.startRank(row, top)) {
			behind[row.ID] = true
		}
	}
	if len(behind) == 0 {
		return
	}
	text := ""
	for _, others := range []map[batch.JobID]bool{nil, fair} { // without those of fair queues, which may have come before or after
		without, with, late := l.delayed(head, behind, others, open)
		if !late {
			return
		}
		text = fmt.Sprintf("at %d; without %v, which is behind it, at %d", with-epoch, sortedIDs(behind), without-epoch)
	}
	l.w.broken("delay", "job %s at the head of queue %s is expected to start %s", head.row.ID, q.queue.Name, text)
}

// delayed is when head is expected to start without what was started behind it, and with that; in both cases without
// others.
func (l *laws) delayed(head *waiting, behind, others map[batch.JobID]bool, open []*batch.Job) (without, with batch.Time, late bool) {
	both := maps.Clone(behind)
	maps.Copy(both, others)
	without, ok := l.shadowOf(open, l.turn.at, both).earliest(head)
	if !ok {
		return 0, 0, false
	}
	s := l.shadowOf(open, l.turn.at, others)
	for _, row := range l.turn.starts {
		if behind[row.ID] && row.Run.Ahead {
			s.inherits(row)
		}
	}
	with, ok = s.earliest(head)
	return without, with, !ok || with.Sub(without) > l.slack(s)
}

// slack is by how much the place kept for a head may be out of date: it is made anew when something is freed, and not
// when attempts are heard to have started later than they were ordered.
func (l *laws) slack(s *shadow) (longest time.Duration) {
	for _, x := range s.live {
		if run := x.row.Run; !l.turn.freed && run.StartedAt > run.OrderedAt {
			longest = max(longest, run.StartedAt.Sub(run.OrderedAt))
		}
	}
	return longest
}

func sortedIDs(set map[batch.JobID]bool) (ids []batch.JobID) {
	for id := range set {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// idle looks whether work that waits could have been placed after all. A place may be left empty for the blocked head of a
// queue that is not strict and not of lower priority.
func (l *laws) idle(lines []*lineOf, open []*batch.Job) {
	now := l.shadowOf(open, l.turn.at, nil)
	for _, q := range lines {
		var candidates []*waiting
		switch {
		case q.fair != nil && q.queue.Strict:
			if heads := q.heads(); len(heads) == 1 {
				candidates = heads // of several, the machine knows which is served first
			}
		case !q.queue.Strict && l.turn.freed:
			candidates = q.kinds()
		case q.fair == nil:
			candidates = []*waiting{q.head()}
		}
		for _, w := range candidates {
			e, fits := now.fitsSomewhere(w)
			if !fits || !l.allowed(q, w, now) || l.keptFree(w, lines, open) {
				continue
			}
			l.w.broken("idle", "job %s waits in queue %s, and environment %s has room: %v of %v; it lasts %s from %d, heads are expected to start: %s",
				w.row.ID, q.queue.Name, e.Name, now.used[e.Name], e.Max, l.lasts(w.top), l.turn.at-epoch, l.headsText(lines, open))
		}
	}
}

// headsText says when the heads of queues that are not strict are expected to start.
func (l *laws) headsText(lines []*lineOf, open []*batch.Job) string {
	var texts []string
	for _, q := range lines {
		if head := q.head(); !q.queue.Strict {
			at, ok := l.shadowOf(open, l.turn.at, nil).earliest(head)
			texts = append(texts, fmt.Sprintf("%s of %s at %d (%t)", head.row.ID, q.queue.Name, at-epoch, ok))
		}
	}
	return strings.Join(texts, ", ")
}

// allowed reports whether a fair-share policy lets its queue hold as much more, if no share counts as active but those
// with jobs: there may be more, and then it keeps less free.
func (l *laws) allowed(q *lineOf, w *waiting, now *shadow) bool {
	if q.fair == nil || q.fair.ReservationPercent == 0 {
		return true
	}
	total, active := int64(0), map[string]bool{}
	for _, o := range q.queue.Environments {
		if e := l.w.store.Environments[o.Environment]; e.Open() {
			total += e.Max.MilliCPU
		}
	}
	for _, id := range l.w.store.Open {
		if row := l.w.store.Jobs[id]; row.QueueID == q.queue.UUID && row.Share != "" {
			active[row.Share] = true
		}
	}
	reserved := total
	for range active {
		reserved = reserved * int64(q.fair.ReservationPercent) / 100
	}
	asks := int64(0)
	for _, d := range demandsOf(w.top) {
		asks += d.Shape.MilliCPU * d.Count
	}
	return total-reserved-now.held[q.queue.UUID] >= asks
}

// keptFree reports whether a place may be kept from w, for a blocked head that is expected to start before w would end.
func (l *laws) keptFree(w *waiting, lines []*lineOf, open []*batch.Job) bool {
	started := map[batch.JobID]bool{}
	for _, row := range l.turn.starts {
		started[row.ID] = true
	}
	for _, q := range lines {
		if q.queue.Strict || q.queue.Priority < w.queue.Priority {
			continue
		}
		heads := q.heads()
		if q.fair == nil {
			heads = heads[:0:0]
			heads = append(heads, q.head())
		}
		for _, h := range heads {
			if h.row == w.row || h.queue.UUID != w.queue.UUID && w.rank.AmongQueues().Before(h.rank.AmongQueues()) {
				continue
			}
			if !l.turn.freed {
				return true // it may have been kept before h was the head; what is kept is looked at when something is freed
			}
			for resource := range wants(w.top) {
				if wants(h.top)[resource] > 0 && !l.w.store.Consumables[resource].Replenishable {
					return true // what it takes would not come back
				}
			}
			end := l.turn.at.Add(l.lasts(w.top))
			for _, without := range []map[batch.JobID]bool{nil, started} { // it was kept before some of these had started
				if at, ok := l.shadowOf(open, l.turn.at, without).earliest(h); ok && end > at {
					return true
				}
			}
		}
	}
	return false
}
