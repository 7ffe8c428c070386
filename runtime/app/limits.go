package app

import "time"

// Limits of a runtime.
const (
	// headerTimeout, connectionIdle and maxHeaderBytes bound what a client may hold up.
	headerTimeout  = 10 * time.Second
	connectionIdle = 2 * time.Minute
	maxHeaderBytes = 64 << 10
	// requestGrace is how long requests may take to end when the runtime stops, stopTimeout how long
	// all of stopping may take.
	requestGrace = 5 * time.Second
	stopTimeout  = 20 * time.Second
	// minIdleCheck and maxIdleCheck bound how often the runtime looks whether it is idle.
	minIdleCheck = 10 * time.Millisecond
	maxIdleCheck = time.Second
	// logRetention and logBudget bound the logs that are kept; pruneInterval is how often that is seen to.
	logRetention  = 30 * 24 * time.Hour
	logBudget     = 10 << 30
	pruneInterval = time.Hour
	// hostGrace is how long an attempt may be missing before it is given up.
	hostGrace = 2 * time.Minute
	// lowSpace and noSpace are the free bytes below which doctor warns and fails.
	lowSpace = 1 << 30
	noSpace  = 100 << 20
	// checkTimeout bounds one look of doctor at something outside.
	checkTimeout = 3 * time.Second
)
