package sqlstore

import "time"

const (
	// defaultReaders is how many queries run at once unless [Options.Readers] says more.
	defaultReaders = 4
	// busyTimeout is how long a statement waits for another connection's lock.
	busyTimeout = 10 * time.Second
	// writerCacheKiB and readerCacheKiB bound the page cache of one connection.
	writerCacheKiB = 16 << 10
	readerCacheKiB = 4 << 10

	// checkpointPause is the least time between two checkpoints.
	checkpointPause = 500 * time.Millisecond
	// maxLogPages is how long the write-ahead log may grow before a checkpoint holds
	// commits back for a moment, so that the log can start over.
	maxLogPages = 4096
	// maxFreePages is how many unused pages the file keeps; vacuumStep is how many are
	// given back between two commits.
	maxFreePages = 2048
	vacuumStep   = 256
	// checkedBytes is the largest file that is checked whole when it is opened.
	checkedBytes = 4 << 20

	// briefRows is how many rows a query may return that cannot be cancelled.
	briefRows = 1024
	// keysPerQuery is how many keys one IN list holds.
	keysPerQuery = 512
	// maxRecentRows is how many rows of nouns are remembered as answers.
	maxRecentRows = 512
	// maxRecentKey is how many bytes the names of a question may have whose answer is remembered.
	maxRecentKey = 8 << 10
	// tokensPerRead is how many tokens one transaction learns.
	tokensPerRead = 8192
	// maxWords is how many texts that rows have in common are remembered while rows are read.
	maxWords = 4096
	// indexBits is how many bits of a key hold 1 + the index of a child or node.
	indexBits = 20
	// pointsPerRow is how many points one stored row holds, so that reading one does not
	// read a thousand.
	pointsPerRow = 64
	// linesPerRow is how many lines of the transition log one stored row holds.
	linesPerRow = 1024
	// pruneInterval is the least time between two looks for old lines of the logs.
	pruneInterval = time.Minute
	// maxPrunedLines is after how many lines a transaction that prunes the transition log ends, and maxPrunedAudits of the
	// audit log, whose lines are rows, so that commits need not wait long.
	maxPrunedLines  = 16 << 10
	maxPrunedAudits = 2048
	// maxKnownOrigins is of how many submissions a reader remembers the number.
	maxKnownOrigins = 2048
	// maxKnownRoots is how many submissions the writer remembers the number of.
	maxKnownRoots = 8192
	// minFreeBytes is below what a file system counts as full when a write fails.
	minFreeBytes = 1 << 20
)
