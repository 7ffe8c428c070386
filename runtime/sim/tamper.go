package sim

import (
	"slices"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// tamper plants a bug: it falsifies what passes between the machine and its world. A nil tamper, and every nil
// field, leaves things as they are.
type tamper struct {
	onEvent func(sched.Event) sched.Event // what the machine is told; nil: nothing
	onRound func(*sched.Round)            // what it seems to have decided
	onDelta func(*batch.Delta)            // what the store keeps of it
	// before is given each round before it is committed, and returns orders to give at once.
	before func(sched.Round) []sched.Order
	// onQuestion answers in the place of the machine.
	onQuestion func(m *sched.Machine, now time.Time, q sched.Query) (any, error)
	// holder is what holders do wrong.
	holder careless
	// shut are laws that are not looked at, so that the bug meets the one that is made for it.
	shut []string
	// answersEarly answers callers before the commit.
	answersEarly bool
}

func (t *tamper) event(ev sched.Event) sched.Event {
	if t == nil || t.onEvent == nil {
		return ev
	}
	return t.onEvent(ev)
}

func (t *tamper) round(r *sched.Round) {
	if t != nil && t.onRound != nil {
		t.onRound(r)
	}
}

func (t *tamper) delta(d *batch.Delta) {
	if t != nil && t.onDelta != nil {
		t.onDelta(d)
	}
}

// careless is what a holder does wrong about the processes of its attempts.
type careless struct {
	endsEarly    bool // it reports the end of an attempt when the process of that has ended, and then looks what is left
	freesAtStop  bool // it gives the place of an attempt away when that is told to stop
	reuses       bool // it uses the directory of an attempt again though something of that may hide
	leavesHidden bool // it does not end what hides
	blames       bool // it fails an attempt for what that has left
	waitsForEver bool // it waits for what was killed for as long as that takes to go
	forgets      bool // it does not end what its predecessor has left
	hurries      bool // it reports what was lost before what its predecessor has left is gone
	namesAgain   bool // it uses the directories of its predecessor again
}

func (t *tamper) careless() careless {
	if t == nil {
		return careless{}
	}
	return t.holder
}

func (t *tamper) shuts(law string) bool { return t != nil && slices.Contains(t.shut, law) }

// early does before the commit what a planted bug does too early. It returns the asks that are still to be
// answered.
func (e *engine) early(r sched.Round, asks []*call) []*call {
	t := e.w.tamper
	if t == nil {
		return asks
	}
	if t.before != nil {
		orders := t.before(r)
		e.w.laws.orders(orders)
		for _, o := range orders {
			e.w.order(o)
		}
	}
	if t.answersEarly {
		for _, c := range asks {
			e.answer(c)
		}
		return nil
	}
	return asks
}
