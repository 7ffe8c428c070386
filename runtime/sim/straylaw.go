package sim

import (
	"bytes"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// alive goes over the processes that the attempts of all machines have started and that are alive.
func (w *world) alive(do func(*holder, *process)) {
	w.eachMachine(func(m *machine) {
		if m.holder == nil {
			return
		}
		for _, p := range m.holder.alive {
			do(m.holder, p)
		}
	})
}

// binds reports whether a process must be gone before its attempt ends. It need not if nothing says whose it is, or if it was
// killed and does not go.
func (w *world) binds(p *process) bool {
	patience := clearPatience
	if w.truthOf(p.of.id).killed {
		patience = recoverPatience
	}
	return !p.hides && (p.killed == 0 || w.now-p.killed < patience)
}

// strays looks whether what is alive belongs to attempts that run, and whether attempts are held up by it for long.
func (l *laws) strays() {
	w := l.w
	w.alive(func(h *holder, p *process) {
		if w.held(p.of.id) != p.of || p.of.state != runs {
			l.outlives(p, "has ended on its host")
		}
	})
	w.eachHeld(func(a *attempt) {
		if a.over && a.state == runs && w.now-a.overAt > clearPatience+longestAbsence+recoverPatience+second {
			w.broken("held up", "the process of attempt %s ended %s ago, and the attempt goes on", a.id, std(w.now-a.overAt))
		}
	})
}

// strayRows looks at what a round records: no attempt as ended of which a process is alive, and no result but that of the
// attempt.
func (l *laws) strayRows(d *batch.Delta) {
	for _, a := range d.Attempts {
		l.w.alive(func(_ *holder, p *process) {
			if p.of.id == a.ID {
				l.outlives(p, "is recorded as ended")
			}
		})
	}
	for _, r := range d.Results {
		if want := resultText(l.w.keyOf(l.ran(r.Attempt))); !bytes.Equal(r.Body, want) {
			l.w.broken("foreign result", "attempt %s is recorded with the result %s, its own is %s", r.Attempt, r.Body, want)
		}
	}
}

// strayBegin looks at an attempt that is about to begin: no process of an earlier attempt of its job is alive, nor, of a node,
// of an earlier attempt of any node.
func (l *laws) strayBegin(a *attempt) {
	root, _, isNode := a.id.Job.SplitNode()
	l.w.alive(func(_ *holder, p *process) {
		if p.of.id.Job == a.id.Job || isNode && p.of.id.Job.Root() == root && p.of.id.Number != a.id.Number {
			l.outlives(p, "is followed by attempt "+a.id.String())
		}
	})
}

func (l *laws) outlives(p *process, what string) {
	if l.w.binds(p) {
		l.w.broken("outlives", "process %q of attempt %s is alive, and the attempt %s", p.key, p.of.id, what)
	}
}

// strayEnd looks whether anything is left when everything has ended.
func (l *laws) strayEnd() {
	l.w.alive(func(h *holder, p *process) {
		if !p.escaped {
			l.w.broken("left over", "host %s has process %q of attempt %s", h.m.row.ID, p.key, p.of.id)
		}
	})
}
