package process

import "time"

// Limits of the package.
const (
	// groupPrefix begins the names of control groups above those of attempts.
	groupPrefix = "batchd-"
	// maxIdleGroups is how many control groups without processes are kept to be used again.
	maxIdleGroups = 256
	// defaultSlack is the timer slack that Linux gives the first process.
	defaultSlack = 50 * time.Microsecond
)
