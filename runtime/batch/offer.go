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
	// OnDemand is what the same type costs on demand, in the unit of MicroUSDPerHour; 0: not known.
	OnDemand int64 `json:",omitempty"`
}

// PoolRefusal says that a pool has refused to give a host, and until when it is not asked again.
type PoolRefusal struct {
	Pool
	Why   RefusalCause
	Text  string // for people
	Until Time
	// Times is how often in a row it was asked in vain.
	Times int32 `json:",omitempty"`
}
