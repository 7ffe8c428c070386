package app

import "time"

// Limits of a runtime.
const (
	// headerTimeout, requestTimeout, connectionIdle and maxHeaderBytes bound what a client may hold up. A body may
	// take longer than requestTimeout while it comes at the pace that the API wants.
	headerTimeout  = 10 * time.Second
	requestTimeout = 30 * time.Second
	connectionIdle = 2 * time.Minute
	maxHeaderBytes = 64 << 10
	// maxConnections is how many connections are open at once, and no more than every filesPerConnection-th file
	// that may be open.
	maxConnections     = 4096
	filesPerConnection = 2
	// spareThreads is how many threads the runtime takes when it starts, for a time without processes to be had.
	spareThreads = 24
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
	// filesInterval is how often the runtime looks whether its files are in their places, and whether it is the writer of its store.
	filesInterval = time.Second
	// giveBackInterval is how often memory is looked at, giveBackAbove what is not worth the trouble, and quietBytes how little
	// is allocated in an interval in which nothing much happens.
	giveBackInterval = 5 * time.Second
	giveBackAbove    = 32 << 20
	quietBytes       = 8 << 20
	// spareHeap is by how many bytes a heap grows between two collections that follow each other within oftenCollected.
	// A larger heap grows by usualGrowth percent, and a heap below smallHeap counts as that large.
	spareHeap      = 48 << 20
	smallHeap      = 4 << 20
	usualGrowth    = 100
	oftenCollected = time.Second
	// maxMetadataConnections is how many connections of attempts that ask about themselves are open at once.
	maxMetadataConnections = 256
	// maxScrapes is how many scrapes of the metrics are answered at once.
	maxScrapes = 4
	// maxConfig bounds the configuration file, in bytes.
	maxConfig = 1 << 20
	// hostGrace is how long an attempt may be missing before it is given up.
	hostGrace = 2 * time.Minute
	// lowSpace and noSpace are the free bytes below which doctor warns and fails.
	lowSpace = 1 << 30
	noSpace  = 100 << 20
	// checkTimeout bounds one look of doctor at something outside.
	checkTimeout = 3 * time.Second
)
