package logs

// Limits of the service.
const (
	// defaultLogEvents is how many lines a page of a log has.
	defaultLogEvents = 1000
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
	// walkPage is how many jobs are read at once in a walk.
	walkPage = 100
	// maxStreamWalk is how many jobs are looked at for one page of streams, or for streams that are sorted or whose events are
	// merged; twice as many where jobs have come to those of the page before.
	maxStreamWalk = 5000
)
