package fleet

const (
	// MaxEnds bounds how many ends of attempts are looked ahead to find the place of a head.
	MaxEnds = 1000
	// minStaleEnds is how many entries that do not count any more are kept before they are dropped.
	minStaleEnds = 64
)
