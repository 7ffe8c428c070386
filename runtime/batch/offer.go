package batch

// Market is how a host is paid for.
type Market string

// The markets.
const (
	OnDemand   Market = "ON_DEMAND"
	SpotMarket Market = "SPOT"
)

// Pool is where hosts of one type come from. One that has nothing to give says nothing about others.
type Pool struct {
	Type   string // for example "c7i.2xlarge"
	Zone   string // for example "eu-central-1a"
	Market Market
}

// Offer is a host that can be launched.
type Offer struct {
	Pool
	Shape           Shape // what attempts can have of it
	MicroUSDPerHour int64 // millionths of a US dollar
}

// PoolRefusal says that a pool has refused to give a host, and until when it is not asked again.
type PoolRefusal struct {
	Pool
	Why   RefusalCause
	Text  string // for people
	Until Time
}

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
	Offer Offer
	Stage Stage
	// Deadline is by when it has to be ready. One that is not counts as never coming, and is given back.
	Deadline Time
	// IdleSince is since when a host that takes attempts has none; 0 if it has some.
	IdleSince Time
}

// HostComing says that a host which was ordered is on its way, and how far: Launching or Joining.
type HostComing struct {
	ID    string
	Stage Stage
}

// HostRefused says that a host which was ordered will not come, because its pool did not give it.
type HostRefused struct {
	ID    string
	Why   RefusalCause
	Text  string // for people
	Until Time   // before which it is of no use to ask the pool again; 0: not known
}

func (HostComing) report()  {}
func (HostRefused) report() {}
