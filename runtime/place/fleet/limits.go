package fleet

import (
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

const (
	// MaxGroup is how many hosts are launched in one group at most, and MaxTogether how many for one multi-node job.
	MaxGroup    = 500
	MaxTogether = batch.MaxNodes
	// MaxOffers is how many offers a group of hosts may become at most.
	MaxOffers = 30
	// EnoughPools is how many pools a group on Spot is offered, if so many are alike.
	EnoughPools = 10
	// ProtectAfter is how many hosts of an environment in a row do not come before hosts are launched one at a time only.
	ProtectAfter = 10
	// fewHosts is how many hosts are launched at least for much work, so that an attempt which goes on for long holds a small part only.
	fewHosts = 8
	// largeHost is how large hosts are at most that are chosen for much work and not for large requests: thousandths of a vCPU.
	largeHost = 64_000
	// priceStep is by how much prices differ at least that are not taken for equal: millionths of a US dollar for a vCPU and an hour.
	priceStep = 500
	// MaxEnds bounds how many ends of attempts are looked ahead to find the place of a head.
	MaxEnds = 1000
	// minStaleEnds is how many entries that do not count any longer are kept before they are dropped.
	minStaleEnds = 64
	// MaxForecast bounds how many placements are played forward; what comes after is estimated from the rate at which
	// capacity does work.
	MaxForecast = 4000
	// maxForecastLooks bounds how often one forecast looks into rooms. It is enough for MaxForecast attempts of one node, and
	// for about ten tries of multi-node work that is as hard to place as can be.
	maxForecastLooks = 100_000
	// MaxOutlook is the latest moment of a forecast: the end of the year 9999, after which times cannot be written in RFC 3339.
	MaxOutlook = batch.Time(253_402_300_799_999)
	// firstRetry and lastRetry bound the time after which a host that refused an attempt is tried again; it doubles in between.
	firstRetry = time.Second
	lastRetry  = time.Minute
	// maxRetryDoublings is after how many doublings lastRetry is reached.
	maxRetryDoublings = 6
	// maxGrowth is how many starts in a row have to succeed, each letting twice as many follow as the one before, until a host
	// that was at fault takes any number again.
	maxGrowth = 10
)
