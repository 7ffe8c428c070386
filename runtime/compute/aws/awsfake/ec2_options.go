package awsfake

import "time"

// EC2Options say what the Elastic Compute Cloud is like. With the zero EC2Options instances are running as soon as they are asked for, and there
// is room for as many as the quotas allow.
type EC2Options struct {
	// Boot is the time from pending to running, and Ending that from shutting-down to terminated.
	Boot, Ending Span
	// Failing is the share of launches, from 0 to 1, that EC2 accepts and that end before they run.
	Failing float64
	// Forgetful is the share of repeated CreateFleet calls whose answer does not list the instances again.
	Forgetful float64

	// Room is how many instances fit into a pool, which is a type in a zone and market: drawn for each pool, and anew every RoomPeriod if that
	// is not 0. A pool that shrinks below what it holds takes nothing more, but ends nothing. With the zero Room, pools have no end.
	Room       Count
	RoomPeriod time.Duration

	// SpotLife is how long a Spot instance of those lives that EC2 takes back, which is the share SpotLoss of them, from 0 to 1. The warning
	// comes two minutes before the end, but not at all for the share Unwarned. The share Rebalanced is recommended for rebalancing before.
	SpotLife                       Span
	SpotLoss, Unwarned, Rebalanced float64

	// VCPUs are the quotas by class and market, see QuotaOnDemand and QuotaSpot; 0 means that of the class in an account of some age.
	VCPUs map[string]int
	// Addresses is how many addresses a subnet has; 0 means those of a /20.
	Addresses int
}

// Count is a range of numbers, of which one is drawn.
type Count struct{ Min, Max int }

// realisticEC2 returns the delays of an ordinary day.
func realisticEC2() EC2Options {
	return EC2Options{
		Boot:      Span{5 * time.Second, 40 * time.Second},
		Ending:    Span{10 * time.Second, time.Minute},
		Forgetful: 0.5,
	}
}

// The classes of vCPU quotas. Spot has quotas of its own.
const (
	quotaStandard = "standard" // A, C, D, H, I, M, R, T and Z
	quotaG        = "g"        // G and VT
	quotaP        = "p"
	quotaSpot     = "spot "
)

// defaultVCPUs are the quotas in vCPUs of an account of some age. A new account has 5 of standard ones and none of the others.
var defaultVCPUs = map[string]int{
	quotaStandard: 20000, quotaG: 768, quotaP: 512,
	quotaSpot + quotaStandard: 20000, quotaSpot + quotaG: 768, quotaSpot + quotaP: 512,
}
