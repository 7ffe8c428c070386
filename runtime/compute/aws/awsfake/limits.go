package awsfake

import "time"

const (
	defaultAccount = "123456789012"
	defaultRegion  = "us-east-1"

	// idDigits are the hexadecimal digits of EC2's ids.
	idDigits = 17

	// tokenLife is how long an idempotency token is remembered. ECS: up to 24 hours; EC2 says at least as long.
	tokenLife = 24 * time.Hour
	// maxToken is the length of an idempotency token, of EC2 and of ECS's RunTask.
	maxToken = 64

	// maxRequest is the largest request that is read, in bytes. CloudWatch Logs and SQS take a mebibyte.
	maxRequest = 2 << 20

	// minimumBill is the shortest time that an instance is paid for.
	minimumBill = time.Minute
	// terminatedShown is how long a terminated instance is shown. AWS: "a short while, usually an hour".
	terminatedShown = time.Hour
	// noticeLead is how long before its end a Spot instance is warned, and rebalanceLead how long before it is recommended for
	// rebalancing, for which AWS promises only that it may be earlier.
	noticeLead    = 2 * time.Minute
	rebalanceLead = 10 * time.Minute

	// endless is the room of a pool that has no end.
	endless = 1 << 30

	// maxUserData is the size of user data before encoding, in bytes.
	maxUserData = 16 << 10
	// maxFleet is the target capacity of a fleet.
	maxFleet = 10000
	// unprioritized is the priority of an override without one: the lowest.
	unprioritized = 1e9

	// The pages of lists, in elements.
	pageOfInstances = 1000
	pageOfTemplates = 200
	pageOfTypes     = 100
	pageOfPrices    = 100

	// spotHistory is how far back Spot prices are told. AWS: 90 days; a test needs fewer.
	spotHistory = 24 * time.Hour

	// addressesOfSubnet are the free addresses of a /20, of which AWS keeps five, and addressesReserved the first of them.
	addressesOfSubnet = 4091
	addressesReserved = 4
)
