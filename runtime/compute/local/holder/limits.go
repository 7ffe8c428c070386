package holder

import "time"

// Limits of the holder.
const (
	// IdleExit is how long a holder stays that nobody talks to and that holds nothing.
	IdleExit = 30 * time.Second
	// KeptExit is how long a holder stays that nobody talks to and that holds nothing but exits. Its successor finds them in
	// the journal.
	KeptExit = time.Hour
	// watchEvery is how often a holder that nobody talks to looks whether its state directory and its socket are in place.
	watchEvery = time.Second
	// minOrder is how many forgotten attempts are worth dropping from the order.
	minOrder = 1024
	// dialTimeout bounds connecting and saying hello.
	dialTimeout = 5 * time.Second
	// acceptPause is the time between two tries to accept a client, after one failed for want of descriptors for example.
	acceptPause = 100 * time.Millisecond
	// compactBytes is how large the journal gets before it is written anew without what was forgotten.
	compactBytes = 8 << 20
	// readBytes is how much output is read at once: what a pipe holds.
	readBytes = 64 << 10
	// maxLastOutput is how much output is read at most after a process ended: more than its pipe
	// held comes from a stray that still writes.
	maxLastOutput = 1 << 20
	// recoverTimeout is how long processes of a dead holder may take to end after SIGKILL.
	recoverTimeout = 5 * time.Second
	// clearTimeout is how long an attempt whose process has ended is held up by what it left behind, after SIGKILL.
	clearTimeout = 10 * time.Second
	// firstClear and lastClear are the shortest and longest pause before it is looked again whether that is gone.
	firstClear = time.Millisecond
	lastClear  = 100 * time.Millisecond
	// journalRetry is when a journal that could not be written is tried again.
	journalRetry = time.Second
	// firstTrial and lastTrial bound the time after which it is tried whether processes can be started again.
	firstTrial = time.Second
	lastTrial  = 4 * time.Second
	// freeInodes is how many inodes have to be free in the file system of the scratch directories: what some attempts take.
	freeInodes = 16
	// inodesEvery is how often that is looked at while attempts start.
	inodesEvery = time.Second
	// spareThreads is how many threads the holder takes when it starts: those of the reaper, and some that wait for the disk.
	spareThreads = 16
	// trialFiles is how many descriptors have to be free for that: what the moment of a start takes. Directories and control groups
	// are pooled.
	trialFiles = 5
	// maxSocketPath is what every system takes as the address of a unix socket.
	maxSocketPath = 100
)

// numbersEach is how many numbers of scratch directories each holder has for itself.
const numbersEach = 1_000_000

// limitResources is how many kinds of resource limit are looked at: as many as Linux has.
const limitResources = 16
