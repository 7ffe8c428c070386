package governor

import "time"

// DefaultShare is how much of the documented budgets is used if nothing else is asked for. The rest is left to people who look at
// the same account and to what AWS counts differently.
const DefaultShare = 0.8

const (
	// slowest is the least that refused calls reduce the rate of a bucket to, as a part of the whole.
	slowest = 1.0 / 16
	// recovery is how long a bucket that was slowed to nothing takes until it has its whole rate again.
	recovery = time.Minute
	// unlisted is the bucket of each API that the table does not have: the documented default of EC2 is 100 and 20, which is
	// more than some services allow.
	unlistedBurst, unlistedPerSecond = 20, 5
	// maxAttempts is how often a call is made until its error is returned, if a repetition is harmless.
	maxAttempts = 4
	// maxBackoff is the longest wait between two attempts of a call.
	maxBackoff = 20 * time.Second
)
