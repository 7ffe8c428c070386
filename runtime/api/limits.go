package api

import "time"

// Limits of the server.
const (
	// defaultPage and maxPage are how many entries a page of a Describe or List has (AWS: 100).
	defaultPage = 100
	// maxListPage is how many jobs a page of ListJobs has without filters (AWS: 1,000).
	maxListPage = 1000
	// defaultResults is how many results a page has.
	defaultResults = 1000
	// defaultLogEvents is how many lines a page of a log has.
	defaultLogEvents = 1000
	// leaseBeat is how often a lease connection hears that the runtime is there.
	leaseBeat = 10 * time.Second
)
