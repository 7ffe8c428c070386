package batch

import "cmp"

// Stage is where a launched host is on its way.
type Stage string

// The stages, in the order in which a host goes through them.
const (
	Ordered   Stage = "ORDERED"   // the order to launch it was given
	Launching Stage = "LAUNCHING" // the driver has asked for it
	Joining   Stage = "JOINING"   // it is there, and takes no attempts yet
	Serving   Stage = "SERVING"   // it takes attempts: [Host].Ready is set
	Releasing Stage = "RELEASING" // the order to give it back was given
	Gone      Stage = "GONE"      // it was refused, given back or lost
)

// Coming reports whether a host of stage s may be expected to take attempts later.
func (s Stage) Coming() bool { return s == Ordered || s == Launching || s == Joining }

// Launch is how a host that was ordered came to be.
type Launch struct {
	// Group names the launch that the host was ordered in. It is never used for another one and has at most 64 bytes if the UUID of
	// the environment has 36, so that it can be the token of a call. All hosts of a group are asked for in one call.
	Group string `json:",omitempty"`
	// Count is how many hosts the group had when it was ordered first.
	Count int32 `json:",omitempty"`
	// Together says that the hosts of the group are for one multi-node job: all of them come, and from one zone, or none does.
	Together bool `json:",omitempty"`
	// Offers are those of which any will do, those that are preferred first. They are kept until it is known which one the host became.
	Offers []Offer `json:",omitempty"`
	// Offer is the one that the host became; before that is known, the first of Offers.
	Offer Offer
	// Spec is that of its environment when the host was ordered; see [Environment].Spec.
	Spec  string `json:",omitempty"`
	Stage Stage
	// StageAt is when the host came into its stage.
	StageAt Time `json:",omitempty"`
	// RunsAt is when it was first known to be there: from then on it is paid for. 0: it is not there yet.
	RunsAt Time `json:",omitempty"`
	// Deadline is by when it has to be ready. One that is not counts as never coming, and is given back.
	Deadline Time
	// IdleSince is since when a host that takes attempts has none; 0 if it has some.
	IdleSince Time
	// Used says that it has had an attempt.
	Used bool `json:",omitempty"`
}

// Became notes which of its offers the host became. An offer without a shape says nothing.
func (l *Launch) Became(o Offer) {
	if o.Shape != (Shape{}) {
		l.Offer, l.Offers = o, nil
	}
}

// Least is the smallest shape that the host may have.
func (l *Launch) Least() Shape {
	least := l.Offer.Shape
	for _, o := range l.Offers {
		least = least.Min(o.Shape)
	}
	return least
}

// MostMilliCPU is the largest number of vCPUs that the host may have, in thousandths.
func (l *Launch) MostMilliCPU() int64 {
	most := l.Offer.Shape.MilliCPU
	for _, o := range l.Offers {
		most = max(most, o.Shape.MilliCPU)
	}
	return most
}

// Pools are those that the host may come from.
func (l *Launch) Pools() []Pool {
	if len(l.Offers) == 0 {
		return []Pool{l.Offer.Pool}
	}
	pools := make([]Pool, len(l.Offers))
	for i, o := range l.Offers {
		pools[i] = o.Pool
	}
	return pools
}

// HostComing says that a host which was ordered is on its way, how far it is, Launching or Joining, and what it became.
type HostComing struct {
	ID    string
	Stage Stage
	// Name is what people call it, for example the id of its instance; empty: not known yet.
	Name string
	// Offer is the one of its group that it became; one without a shape: not known yet.
	Offer Offer
}

// HostRefused says that a host which was ordered will not come, because no pool gave it.
type HostRefused struct {
	ID   string
	Why  RefusalCause
	Text string // for people
	// Pools are those that refused; none: all that the host could have come from.
	Pools []Pool
	Until Time // before which it is of no use to ask these pools again; 0: not known
}

// ClosingCause is why a host closes.
type ClosingCause string

// The causes of closing.
const (
	// Interrupted: its pool takes it back, as a Spot instance that is interrupted. The pool is likely to have no other one.
	Interrupted ClosingCause = "INTERRUPTED"
	// Draining: somebody wants it to have no attempts, for example whoever owns it, or the operator of its hardware.
	Draining ClosingCause = "DRAINING"
	// Outdated: its environment has another specification by now.
	Outdated ClosingCause = "OUTDATED"
)

// Closing is the state of a host that takes no more attempts. Those that it has go on.
type Closing struct {
	Why ClosingCause
	// By is when the host is expected to be gone: what still runs there then is stopped. 0: it stays until its last attempt has ended.
	By Time `json:",omitempty"`
}

// HostClosing says that a host takes no more attempts. [Closing] has the meaning of Why and By.
type HostClosing struct {
	ID  string
	Why ClosingCause
	By  Time
}

// Earlier returns the closing that comes first, which for a host that closes already may be the one that it has. Either may be nil.
func (c *Closing) Earlier(other *Closing) *Closing {
	switch {
	case c == nil:
		return other
	case other == nil || c.by() <= other.by():
		return c
	default:
		return other
	}
}

// by is By, or the end of time if the host stays until it is empty.
func (c *Closing) by() Time { return cmp.Or(c.By, Time(1<<62)) }

func (HostComing) report()  {}
func (HostRefused) report() {}
func (HostClosing) report() {}
