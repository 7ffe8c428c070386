package sqlstore

import "time"

const (
	// defaultReaders is how many queries run at once unless [Options.Readers] says more.
	defaultReaders = 4
	// upkeepPause is the least time between two rounds of upkeep.
	upkeepPause = 500 * time.Millisecond
	// trustInterval is how long a store that does not commit uses what it remembers before it looks whether it is
	// still the writer.
	trustInterval = time.Second

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
)
