package sim

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// meter measures what a share has used, in floating point and step by step: the slow twin of the machine's books.
type meter struct {
	held   float64 // thousandths of a vCPU
	used   float64 // decayed, times milliseconds
	at     batch.Time
	window float64 // milliseconds
}

// stepsPerWindow is how often in a window use is multiplied by 2^(-1/64), at times counted from the Unix epoch.
const stepsPerWindow = 256

// run lets time pass.
func (m *meter) run(to batch.Time) {
	if to <= m.at {
		return
	}
	if m.held == 0 && float64(to-m.at) >= m.window {
		m.used, m.at = 0, to
		return
	}
	step, factor := m.window/stepsPerWindow, math.Exp2(-1.0/64)
	first, last := math.Floor(float64(m.at)/step), math.Floor(float64(to)/step)
	if lines := last - first; lines == 0 {
		m.used += m.held * float64(to-m.at)
	} else {
		m.used = (m.used + m.held*((first+1)*step-float64(m.at))) * factor
		// lines-1 whole steps: each adds what is held in it and then decays.
		rest := math.Pow(factor, lines-1)
		m.used = m.used*rest + m.held*step*factor*(1-rest)/(1-factor)
		m.used += m.held * (float64(to) - last*step)
	}
	m.at = to
}

// shares holds the rows of shares against what attempts held. What a share holds changes in rounds only.
func (l *laws) shares(open []*batch.Job) {
	s := l.w.store
	held := map[batch.InQueue]float64{}
	for _, row := range open {
		top := s.Jobs[row.ID.Root()]
		if row.Run != nil && !row.Run.Ahead && row.Nodes == nil && top.Share != "" {
			held[batch.InQueue{Queue: top.QueueID, Name: top.Share}] += float64(shapeOf(top, row.ID).MilliCPU)
		}
	}
	written := map[batch.InQueue]batch.ShareUsage{}
	for _, row := range l.turn.delta.Shares {
		written[batch.InQueue{Queue: row.QueueID, Name: row.Share}] = row
	}
	l.forgotten(written, held, open)
	for name := range held {
		if l.meters[name] == nil {
			l.meters[name] = &meter{window: l.windowOf(name)}
		}
	}
	for _, name := range sortedNames(l.meters) {
		m := l.meters[name]
		row, isWritten := written[name]
		if m.held != held[name] && !isWritten {
			l.w.broken("shares", "share %s of queue %s holds %v, held %v before, and has no row", name.Name, name.Queue, held[name], m.held)
		}
		if isWritten {
			m.run(row.AsOf)
			off := math.Abs(m.used - float64(row.Usage))
			if allowed := 200 + m.held/64 + m.used/1e6; off > allowed || row.AsOf > l.turn.at && row.AsOf > l.lastShare {
				l.w.broken("shares", "share %s of queue %s has used %d at %d, by what it held it is %.0f", name.Name, name.Queue, row.Usage, row.AsOf-epoch, m.used)
			}
			l.lastShare = max(l.lastShare, row.AsOf)
		}
		if window := l.windowOf(name); window != m.window {
			m.run(l.turn.at)
			m.window = window
		}
		m.held = held[name]
	}
}

// forgotten looks whether shares whose rows went have used nothing that counts, and have no jobs.
func (l *laws) forgotten(written map[batch.InQueue]batch.ShareUsage, held map[batch.InQueue]float64, open []*batch.Job) {
	for _, row := range open {
		if w := written[batch.InQueue{Queue: row.QueueID, Name: row.Share}]; w.Deleted && !row.Status.Terminal() {
			l.w.broken("shares", "share %s of queue %s is forgotten, and job %s is %s", row.Share, row.QueueName, row.ID, row.Status)
		}
	}
	for name, row := range written {
		m := l.meters[name]
		if !row.Deleted || m == nil {
			continue
		}
		m.run(l.turn.at)
		if held[name] > 0 || m.used > 200 {
			l.w.broken("shares", "share %s of queue %s is forgotten, holds %v and has used %.0f", name.Name, name.Queue, held[name], m.used)
		}
		delete(l.meters, name)
		delete(written, name)
	}
}

// windowOf is the window of the policy that a queue has now, in milliseconds.
func (l *laws) windowOf(name batch.InQueue) float64 {
	f := l.w.store.Policies[l.w.store.Queues[name.Queue].Policy].FairShare
	if f == nil {
		return float64(batch.DefaultShareDecay.Milliseconds())
	}
	return float64(cmp.Or(f.Decay, batch.DefaultShareDecay) / time.Millisecond)
}

func sortedNames(m map[batch.InQueue]*meter) []batch.InQueue {
	names := make([]batch.InQueue, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b batch.InQueue) int {
		return cmp.Or(cmp.Compare(a.Queue, b.Queue), cmp.Compare(a.Name, b.Name))
	})
	return names
}
