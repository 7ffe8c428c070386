package sim

import (
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// step is one thing a user does. It does not depend on what happened before, but for the ids that earlier
// steps of the same user were given.
type step struct {
	label string
	text  string // what it does, for people
	at    micros // not before; nor before the step ahead of it was answered
	setup bool   // part of what every story needs
	// command makes the command; id is freshly minted for every try.
	command func(u *user, id batch.JobID) sched.Command
	// update makes the command of a step that changes what is stored; nil for any other. It is made anew if something else has changed
	// that meanwhile.
	update func(s *store) sched.Command
	asks   string // label of the submission it makes, or makes again
}

// target names a submission of the same user, or a child or node of it (child >= 0).
type target struct {
	label string
	child int32
	node  bool
}

// dependency is what a submission depends on; the label is empty for SEQUENTIAL.
type dependency struct {
	on   target
	kind batch.DependencyKind
}

// of returns the id the target was accepted under.
func (t target) of(u *user) (batch.JobID, bool) {
	id, ok := u.ids[t.label]
	switch {
	case ok && t.child >= 0 && t.node:
		id = id.Node(t.child)
	case ok && t.child >= 0:
		id = id.Child(t.child)
	}
	return id, ok
}

// user does the steps of a script, one after the other.
type user struct {
	script []step
	next   int
	ids    map[string]batch.JobID // of accepted submissions, by label
	call   *call                  // what is not answered yet
}

// call is a command on its way, and where it is from.
type call struct {
	user    *user
	step    *step
	tries   int
	id      batch.JobID
	command sched.Command
	stale   int  // how often it was told to read again
	asked   bool // it is with the process, which has not answered
	reply   any
	err     error
}

func (u *user) done() bool { return u.next >= len(u.script) && u.call == nil }
