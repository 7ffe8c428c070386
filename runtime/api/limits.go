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
	// maxFront is how many jobs GetJobQueueSnapshot shows, maxTopShares how many shares (AWS: 100 and 20).
	maxFront     = 100
	maxTopShares = 20
	// defaultHostJobs is how many jobs of a host are named if the caller does not say.
	defaultHostJobs = 10
	// maxConsumableScan is how many consumable resources are read at once to find those with a name.
	maxConsumableScan = 1000
	// eventBeat is how often a stream of events on which nothing happens says where it is.
	eventBeat = 15 * time.Second
	// leaseBeat is how often a lease connection hears that the runtime is there.
	leaseBeat = 10 * time.Second
)
