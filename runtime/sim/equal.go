package sim

import (
	"fmt"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// check has the machine look at itself.
func (l *laws) check(m *sched.Machine) {
	if l.blind {
		return
	}
	if err := m.Check(); err != nil {
		l.w.broken("check", "%v", err)
	}
}

// equal holds the machine against the one that its rows make.
func (l *laws) equal() {
	live := l.w.engine.machine.Dump()
	loaded := sched.Load(l.w.store.Snapshot(), l.w.config()).Dump()
	if live != loaded {
		l.w.broken("load", "the machine is not the one its rows make\n%s", difference(live, loaded))
	}
	l.view()
}

// view looks whether readers are shown what the rows say.
func (l *laws) view() {
	attempts := 0
	runnable := map[string]int{}
	for _, row := range l.w.store.openRows() {
		attempts += b2i(row.Run != nil && row.Nodes == nil)
		switch {
		case row.Array == nil:
			runnable[row.QueueName] += b2i(row.Status == batch.Runnable)
		case row.Array.Unborn.Status == batch.Runnable:
			runnable[row.QueueName] += int(row.Size) - len(l.w.store.Parts[row.ID])
		}
	}
	v := l.w.engine.machine.View()
	if v.Unfinished != len(l.w.store.Open) || v.Attempts != attempts {
		l.w.broken("view", "readers are shown %d submissions and %d attempts, there are %d and %d", v.Unfinished, v.Attempts, len(l.w.store.Open), attempts)
	}
	for _, q := range v.Queues {
		if q.Runnable != runnable[q.Name] {
			l.w.broken("view", "readers are shown %d waiting in queue %s, there are %d", q.Runnable, q.Name, runnable[q.Name])
		}
	}
}

// difference shows the first lines in which two dumps differ.
func difference(live, loaded string) string {
	was, is := strings.Split(live, "\n"), strings.Split(loaded, "\n")
	var b strings.Builder
	shown := 0
	for i := range max(len(was), len(is)) {
		a, c := "", ""
		if i < len(was) {
			a = was[i]
		}
		if i < len(is) {
			c = is[i]
		}
		if a != c && shown < 3 {
			fmt.Fprintf(&b, "  live:   %s\n  loaded: %s\n", a, c)
			shown++
		}
	}
	return b.String()
}

// ending is how everything ended: what must be the same whether or not a process died on the way.
func (w *world) ending() string {
	var b strings.Builder
	for _, script := range w.plan.scripts {
		for _, s := range script {
			for _, id := range w.store.Submissions {
				if w.store.Jobs[id].Name == s.label {
					w.endingOf(&b, id)
				}
			}
		}
	}
	return b.String()
}

func (w *world) endingOf(b *strings.Builder, id batch.JobID) {
	top := w.store.Jobs[id]
	w.endingOfRow(b, top.Name, top)
	for index := range top.Size {
		w.endingOfRow(b, fmt.Sprintf("%s:%d", top.Name, index), w.store.Job(id.Child(index)))
	}
}

func (w *world) endingOfRow(b *strings.Builder, name string, row *batch.Job) {
	fmt.Fprintf(b, "%s %s attempts=%d code=%v", name, row.Status, row.Attempt, shown(row.ExitCode))
	if row.Array == nil { // an array may fail for what it waits for, or child by child
		fmt.Fprintf(b, " (%s)", row.StatusReason)
	} else {
		fmt.Fprintf(b, " counts=%v", row.Array.Counts)
	}
	for _, a := range w.store.Attempts[row.ID] {
		fmt.Fprintf(b, " %d:%v", a.ID.Number, shown(a.ExitCode))
	}
	if row.Result != (batch.AttemptID{}) {
		fmt.Fprintf(b, " result=%s", w.store.Results[row.Result].Body)
	}
	if row.ResultError != "" {
		b.WriteString(" result not taken")
	}
	b.WriteByte('\n')
}
