package sqlite

import "time"

const (
	// busyTimeout is how long a statement waits for another connection's lock.
	busyTimeout = 10 * time.Second
	// writerCacheKiB and readerCacheKiB bound the page cache of one connection.
	writerCacheKiB = 16 << 10
	readerCacheKiB = 4 << 10
	// maxLogPages is how long the write-ahead log may grow before a checkpoint holds
	// commits back for a moment, so that the log can start over.
	maxLogPages = 4096
	// maxFreePages is how many unused pages the file keeps; vacuumStep is how many are
	// given back between two commits.
	maxFreePages = 2048
	vacuumStep   = 256
	// checkedBytes is the largest file that is checked whole when it is opened.
	checkedBytes = 4 << 20
	// minFreeBytes is below what a file system counts as full when a write fails.
	minFreeBytes = 1 << 20
)
