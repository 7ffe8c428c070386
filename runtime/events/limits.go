package events

import (
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/retry"
)

// Limits of reading and of sinks.
const (
	// pageLines is how many lines of the log are made events of at once.
	pageLines = 256
	// pageEvents is how many events are enough for a page, though there are more lines; one more line may have come with
	// [wire.MaxEventChildren] of them.
	pageEvents = 1000
	// MaxSinks is how many sinks there may be.
	MaxSinks = 16
	// minBackoff and maxBackoff bound the wait before a sink that refused is tried again.
	minBackoff = 500 * time.Millisecond
	maxBackoff = time.Minute
	// cursorPause is how long a cursor stays behind at least, and cursorLines how many lines at most: moving it is a commit.
	cursorPause = time.Second
	cursorLines = 1000
	// lastCursor is how long the last move of a cursor may take when the runtime stops.
	lastCursor = 2 * time.Second

	// defaultBatch and maxBatch are how many events one request of a webhook has at most.
	defaultBatch = 100
	maxBatch     = 1000
	// maxRequest is how many bytes the body of a webhook's request has at most, unless one event alone is larger.
	maxRequest = 1 << 20
	// defaultTimeout, minTimeout and maxTimeout bound one request of a webhook.
	defaultTimeout = 10 * time.Second
	minTimeout     = time.Second
	maxTimeout     = 5 * time.Minute
	// minSecret and maxSecret bound the secret of a webhook, in bytes.
	minSecret = 16
	maxSecret = 4096
	// maxAnswer is how much of a webhook's answer is read, and shownAnswer how much of it is logged, in bytes.
	maxAnswer   = 64 << 10
	shownAnswer = 200
	// minHidden is how long a part of a webhook's URL is, in bytes, to be kept out of the log; no token is shorter.
	minHidden = 6

	// defaultFileMiB, minFileMiB and maxFileMiB bound a file of JSON lines before it is rotated.
	defaultFileMiB = 100
	minFileMiB     = 1
	maxFileMiB     = 1 << 20
	// defaultKeep and maxKeep are how many rotated files are kept.
	defaultKeep = 5
	maxKeep     = 1000
)

// backoff is how long a sink that refused is left alone.
var backoff = retry.Backoff{First: minBackoff, Longest: maxBackoff}
