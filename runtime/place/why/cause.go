package why

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
)

// Question is why work that could be placed waits.
type Question struct {
	At    batch.Time
	Fleet *fleet.Fleet
	Work  fleet.Work
	Tried []batch.EnvironmentOrder // the environments of its queue that can run it
	Queue []batch.EnvironmentOrder // all environments of its queue
	// Aside is the code of work that was set aside, because it can never be placed as things are; empty for other work.
	Aside Code
	// Faulty says that some host is at fault. Without it none is looked for.
	Faulty bool
	// Reserved says that the scheduling policy keeps what is left free for shares that are not active.
	Reserved bool
	// First is the job that is served first in the queue, and FirstShare its share; empty if nothing waits. FirstOfShare says
	// that the work is served first in its own share.
	First        batch.JobID
	FirstShare   string
	Share        string
	FirstOfShare bool
	// Full remembers the moment, as Stamp, at which no environment had room for the work: until that changes, none has.
	Full  *int64
	Stamp int64
	// Kept yields the places that are kept for blocked heads and that nothing has changed since, by the rank of their queues.
	Kept func(yield func(*fleet.Reservation) bool)
	// Prospect is what environments that launch hosts have in prospect.
	Prospect Prospect
	// Policy is the fair-share policy of the queue; nil if it has none.
	Policy *batch.Policy
}

// Code is why the work has no place. For work behind the head of its queue that is the order of the queue, whatever room there
// is at the moment: so the code stays while the cause does.
func (q *Question) Code() Code {
	if q.Aside != "" {
		return q.Aside
	}
	switch code := q.Hindrance(); {
	case code != "":
		return code
	case q.First == "" || q.First == q.Work.Job:
		return q.headCode()
	case q.FirstShare != q.Share && q.FirstOfShare:
		return FairShare
	default:
		return QueueOrder
	}
}

// Hindrance is what keeps the work from being placed now, whatever room there is and wherever it stands in its queue; empty if
// nothing does.
func (q *Question) Hindrance() Code {
	open, ready := q.open()
	_, _, missing := q.Fleet.Missing(q.Work.Needs)
	switch {
	case len(open) == 0:
		return Invalid
	case q.Prospect.Environment != nil:
		return Launching
	case !ready:
		return cmp.Or(q.Prospect.shortage(), NoHost)
	case q.faulty():
		return HostFault
	case missing:
		return Consumable
	case q.Reserved:
		return ShareReservation
	default:
		return ""
	}
}

func (q *Question) faulty() bool {
	if !q.Faulty {
		return false
	}
	_, faulty := fault(q.Fleet, q.Work.Ask, q.Tried)
	return faulty
}

// open returns the names of the environments that attempts may be placed in, and whether any of them has a host.
func (q *Question) open() (names []string, ready bool) {
	for _, e := range q.Fleet.Open(q.Tried) {
		names = append(names, e.Row.Name)
		ready = ready || q.Fleet.Pool(e).Ready()
	}
	return names, ready
}

// headCode is why the first work of a queue has no place.
func (q *Question) headCode() Code {
	if code := q.Prospect.shortage(); code != "" {
		return code
	}
	code := Busy
	if *q.Full == q.Stamp {
		return code
	}
	for _, e := range q.Fleet.Open(q.Tried) {
		switch {
		case !q.Fleet.Room(&fleet.Sweep{At: q.At, Back: q.Work.Rank.Back}, &q.Work, e):
		case q.keptIn(e) == nil:
			return NextRound
		default:
			code = Priority
		}
	}
	if code == Busy {
		*q.Full = q.Stamp
	}
	return code
}

// keptIn is the place that is kept in e, or on its hosts, for a head that the work would delay; nil if there is none.
func (q *Question) keptIn(e *fleet.Environment) *fleet.Reservation {
	for r := range q.Kept {
		if r.Work.Job != q.Work.Job && (r.Environment == e || r.Pool == q.Fleet.Pool(e)) && q.At.Add(q.Work.Lasts) > r.At {
			return r
		}
	}
	return nil
}

// FirstKept is the first place that is kept in one of the environments of the queue; nil if there is none, or if it is not known when
// its head starts.
func (q *Question) FirstKept() *fleet.Reservation {
	for _, e := range q.Fleet.Open(q.Tried) {
		if r := q.keptIn(e); r != nil && r.Exact {
			return r
		}
	}
	return nil
}

// StatusReason is what the statusReason of the work says for a code; empty if nothing.
func (q *Question) StatusReason(code Code) string {
	if code != HostFault {
		return code.StatusReason()
	}
	reason, _ := fault(q.Fleet, q.Work.Ask, q.Tried)
	return faultReason(reason)
}

// Sentence says a code of [Question.Code] for people, with the figures of the moment.
func (q *Question) Sentence(code Code) string {
	switch code {
	case MaxResource, Requirement, NeedsImage:
		return Never(code, q.Fleet, q.Work.Ask, q.Queue)
	case Invalid:
		return fmt.Sprintf("No compute environment of queue %s is ENABLED and VALID.", q.Work.Queue) + q.unwell()
	case Launching:
		return q.Prospect.coming(q.At)
	case Protected:
		return q.Prospect.words()
	case NoHost:
		if len(q.Prospect.Lacks) > 0 {
			return q.Prospect.words()
		}
		open, _ := q.open()
		return fmt.Sprintf("No host is ready in %s.", strings.Join(open, ", "))
	case HostFault:
		reason, _ := fault(q.Fleet, q.Work.Ask, q.Tried)
		return Sentence(reason)
	case Consumable:
		return needs(q.Fleet, q.Work.Ask)
	case ShareReservation:
		return fmt.Sprintf("Scheduling policy %s keeps %d%% to the power of the number of active shares of queue %s free for shares that are not active.", q.Policy.Name, q.Policy.FairShare.ReservationPercent, q.Work.Queue)
	case FairShare:
		return fmt.Sprintf("Share %s has used less for its weight than share %s and goes first.", q.FirstShare, q.Share)
	case QueueOrder:
		return fmt.Sprintf("Job %s is placed before it.", q.First)
	case Priority:
		for _, e := range q.Fleet.Open(q.Tried) {
			if r := q.keptIn(e); r != nil {
				return fmt.Sprintf("The room in %s is kept for job %s of queue %s.", e.Row.Name, r.Work.Job, r.Work.Queue)
			}
		}
		return "The room is kept for a job of a queue of higher priority."
	case Busy:
		var short []string
		for _, e := range q.Fleet.Open(q.Tried) {
			short = append(short, lacking(q.Fleet, &q.Work, e))
		}
		if unsuited := q.unsuited(); len(unsuited) > 0 {
			short = append(short, containersOnly(unsuited)+", and the job has no image")
		}
		return Sentence(strings.Join(short, "; "))
	default:
		return "There is room; it is placed in the next round."
	}
}

// unsuited are the environments of the queue that cannot run the work.
func (q *Question) unsuited() (unsuited []batch.EnvironmentOrder) {
	for _, o := range q.Queue {
		if !slices.Contains(q.Tried, o) {
			unsuited = append(unsuited, o)
		}
	}
	return unsuited
}

// ObstacleCode is the code of work that can never be placed.
func ObstacleCode(obstacle place.Obstacle) Code {
	switch obstacle {
	case place.OverHost:
		return Requirement
	case place.Unsuited:
		return NeedsImage
	default:
		return MaxResource
	}
}
