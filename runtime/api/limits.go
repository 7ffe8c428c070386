package api

import "time"

// Limits of the server.
const (
	// recordPatience is how long a call to stop waits for its audit line.
	recordPatience = 5 * time.Second
	// maxUpdateTries is how often an update is checked against what it changes, if that changes meanwhile.
	maxUpdateTries = 10
	// defaultPage is how many entries a page of a Describe or List has, at most too (AWS: 100).
	defaultPage = 100
	// maxListPage is how many jobs a page of ListJobs has without filters (AWS: 1,000).
	maxListPage = 1000
	// defaultResults is how many results a page has.
	defaultResults = 1000
	// defaultLogEvents is how many lines a page of a log has.
	defaultLogEvents = 1000
	// maxFront is how many jobs GetJobQueueSnapshot shows, maxTopShares how many shares (AWS: 100 and 20).
	maxFront     = 100
	maxTopShares = 20
	// maxConsumableScan is how many consumable resources are read at once to find those with a name.
	maxConsumableScan = 1000
	// eventBeat is how often a stream of events on which nothing happens says where it is.
	eventBeat = 15 * time.Second
	// leaseBeat is how often a lease connection hears that the runtime is there.
	leaseBeat = 10 * time.Second
	// maxShown is how much of what a caller sent a message repeats, in bytes.
	maxShown = 120

	// maxEvents is how many events a page of CloudWatch Logs has, and its default (AWS: 10,000).
	maxEvents = 10_000
	// maxEventBytes is how much text a page of events has, or one event (AWS: 1 MB).
	maxEventBytes = 1 << 20
	// maxGroups is how many groups a page has, and its default (AWS: 50).
	maxGroups = 50
	// maxStreams is how many streams a page has, and its default (AWS: 50).
	maxStreams = 50
	// maxStreamNames is how many streams FilterLogEvents looks at (AWS: 100).
	maxStreamNames = 100
	// minQueuePage is how many submissions of each queue are read at once, at least, for a page of streams.
	minQueuePage = 10
	// maxStreamWalk is how many jobs are looked at for one page of streams, or for streams that are sorted or whose events are
	// merged; twice as many where jobs have come to those of the page before.
	maxStreamWalk = 5000
	// maxOutliving is how long before its attempt's end, or after it, output may have been written, by the clocks of the two.
	maxOutliving = time.Minute
)
