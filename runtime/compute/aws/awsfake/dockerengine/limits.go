package dockerengine

import "time"

const (
	// requestTimeout bounds one request to the daemon, other than those that last as long as a container.
	requestTimeout = 30 * time.Second
	// maxStarts is how many containers are started at a time: dozens of starts at once have locked up the network of a daemon (Docker 20.10).
	maxStarts = 4
	// outputTimeout is how long the last output of a container that has ended is waited for.
	outputTimeout = 5 * time.Second
	// oomTimeout is how long the daemon's word that memory ran out is waited for after a SIGKILL that nobody here sent.
	oomTimeout = 500 * time.Millisecond
	// exitKilled is the exit code of a container that SIGKILL ended, exitUnknown that of one of which nothing is known.
	exitKilled  = 128 + 9
	exitUnknown = 255
	// sharesPerCPU are the CPU shares of a vCPU, minShares the least that the kernel takes.
	sharesPerCPU = 1024
	minShares    = 2
)
