package sim

import (
	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// gangs looks at the multi-node jobs of which a turn has changed anything.
func (l *laws) gangs() {
	seen := map[batch.JobID]bool{}
	for i := range l.turn.delta.Jobs {
		id := l.turn.delta.Jobs[i].ID.Root()
		if top := l.w.store.Jobs[id]; top.Nodes != nil && !seen[id] {
			seen[id] = true
			l.gang(top)
		}
	}
}

// gang looks at one: its nodes are placed together or not at all, none but the main one is let start before that runs, and
// the job is live exactly as long as one of them is.
func (l *laws) gang(top *batch.Job) {
	live, main := int32(0), (*batch.Job)(nil)
	for _, node := range l.w.store.Parts[top.ID] {
		if indexOf(node.ID) == top.Nodes.Main {
			main = node
		}
		live += int32(b2i(node.Run != nil))
		switch {
		case node.Run != nil && (top.Run == nil || node.Attempt != top.Attempt):
			l.w.broken("gang", "node %s is live in attempt %d; its job is %s", node.ID, node.Attempt, rowText(top))
		case node.Run == nil && !node.Status.Terminal():
			l.w.broken("gang", "node %s is %s without an attempt", node.ID, node.Status)
		}
	}
	began := starts(l.turn.old[top.ID], top)
	if _, changed := l.turn.old[top.ID]; began && changed && live != top.Nodes.Count {
		l.w.broken("gang", "attempt %s is placed with %d of %d nodes", top.AttemptID(), live, top.Nodes.Count)
	}
	if top.Run != nil && live == 0 {
		l.w.broken("gang", "job %s is %s and no node of it is live", top.ID, top.Status)
	}
	if top.Run == nil || main == nil {
		return
	}
	for _, node := range l.w.store.Parts[top.ID] {
		run := node.Run
		early := run != nil && node != main && top.Status == batch.Starting && (!run.Held || node.Status == batch.Running)
		if early || run != nil && node == main && run.Held {
			l.w.broken("main first", "node %s is %s, held: %t, its job is %s", node.ID, node.Status, run.Held, rowText(top))
		}
		if run != nil && run.Environment != top.Run.Environment {
			l.w.broken("gang", "node %s is in environment %s, its job in %s", node.ID, run.Environment, top.Run.Environment)
		}
	}
	if (top.Run.Outcome != batch.Submitted) != (main.Run == nil) {
		l.w.broken("gang", "the main node of job %s is live: %t, and the job becomes %s", top.ID, main.Run != nil, top.Run.Outcome)
	}
}
