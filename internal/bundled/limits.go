package bundled

import "time"

const (
	// DefaultIdleTimeout is how long a runtime stays up after its last lease and job, and
	// ContinuousIdleTimeout where the environment variable CI is set.
	DefaultIdleTimeout    = 10 * time.Minute
	ContinuousIdleTimeout = 30 * time.Second

	// readyTimeout bounds the wait for a started runtime to serve, stopTimeout the wait for
	// an older one to end, lockTimeout the wait for another starter: both of the others.
	readyTimeout = 30 * time.Second
	stopTimeout  = 30 * time.Second
	lockTimeout  = readyTimeout + stopTimeout

	// pollInterval is how often files and locks are looked at.
	pollInterval = 10 * time.Millisecond

	// parentInterval is how often a provider looks whether its Terraform is there.
	parentInterval = 500 * time.Millisecond

	// tailLines and tailBytes bound what an error repeats of the log.
	tailLines = 15
	tailBytes = 8 << 10
)
