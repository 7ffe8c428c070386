package engine

import (
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/retry"
)

// Limits of the engine.
const (
	// maxCommandsPerRound and maxReportsPerRound bound one round, and with it one commit.
	maxCommandsPerRound = 1024
	maxReportsPerRound  = 64
	// maxQueriesPerRound bounds how many queries are answered between two rounds: orders and commits wait for them.
	maxQueriesPerRound = 16
	// inboxSize is how many commands, how many queries and how many slices of reports wait before their senders do.
	inboxSize = 1024
	// maxGathers is how often a command or query is given fresh rows because those it had went stale.
	maxGathers = 5
	// maxKeysPerQuery bounds one look for results that can be taken again.
	maxKeysPerQuery = 500
	// maxStartsPerCall bounds one call of a driver's Start, and one read of specifications.
	maxStartsPerCall = 256
	// cachedSubmissions and cachedPoints bound what is kept to make start orders from: submissions, and
	// rows of points (up to [batch.PointsPerRow] points each).
	cachedSubmissions = 1024
	cachedPoints      = 16

	// censusInterval is the time between two censuses of a driver.
	censusInterval = 60 * time.Second
	// callTimeout bounds one call of a driver: what is behind it waits for it.
	callTimeout = 20 * time.Second
	// maxRefusal bounds how long a driver is believed that a call is of no use.
	maxRefusal = time.Minute
	// imageTimeout bounds the question what an image stands for; without an answer nothing is reused.
	imageTimeout = 5 * time.Second
	// minBackoff and maxBackoff bound the wait before something that failed is tried again.
	minBackoff = 50 * time.Millisecond
	maxBackoff = 5 * time.Second
	// answerPatience is how long callers of a failed commit wait to hear what became of it.
	answerPatience = 5 * time.Second
	// repeatWindow is the time in which breaking the same law twice stops the scheduler.
	repeatWindow = time.Minute
	// queryRest is how long queries are refused after one broke a law: the machine is loaded again each time.
	queryRest = time.Minute
	// flushTimeout is how long Stop lets drivers take the orders that are already theirs.
	flushTimeout = 2 * time.Second
)

// backoff is how long the engine waits before something that failed is tried again.
var backoff = retry.Backoff{First: minBackoff, Longest: maxBackoff}
