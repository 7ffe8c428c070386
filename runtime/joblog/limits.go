package joblog

import "time"

// Limits of the log.
const (
	// MaxLineBytes is the longest line that is read in one part (CloudWatch Logs' largest event: 256 KiB).
	MaxLineBytes = 256 << 10
	// MaxReadBytes is how much text one Read or Tail returns at most; a Read that reaches it returns
	// fewer lines than asked.
	MaxReadBytes = 4 << 20
	// maxPageReads is how often a log is read for one page whose window lets little pass, and maxPageLines how many lines All reads
	// at once.
	maxPageReads = 8
	maxPageLines = 1000
	// MaxOutliving is how much before its attempt began, or after it ended, output may have been written, by the clocks of the two.
	MaxOutliving = time.Minute
	// maxApartLines is how many lines of a log MergePages reads at once, and maxApartLooked how many of all it looks at for one page.
	maxApartLines  = 200
	maxApartLooked = 100_000
	// MaxSegmentBytes is the largest segment; the next record opens another one.
	MaxSegmentBytes = 64 << 20
	// MaxHeldBytes is how far behind the end of a live log reading waits for a line to be finished.
	MaxHeldBytes = 1 << 20
	// MaxMergedBytes is how much of a series one Merge goes through, whoever wrote it.
	MaxMergedBytes = 64 << 20
	// maxOpenLines is how many unfinished lines a Merge holds; the oldest is taken as it is when there are more.
	maxOpenLines = 1000
	// mergedGap is how many bytes between two attempts' output Merge rather reads than jumps over.
	mergedGap = 1 << 20
	// MaxUnwritten is how long output may take to the disk, as long as that takes it.
	MaxUnwritten = 50 * time.Millisecond

	// blockBytes is the unit of a segment. No record crosses the border of a block, so a position
	// inside a record, or a damaged place, is resolved by reading one block from its start.
	blockBytes = 64 << 10
	// maxBufferBytes is how much output waits for the disk before writers wait for it too.
	maxBufferBytes = 8 << 20
	// maxPieceBytes is about how much of one attempt is laid out together; it is far below a segment.
	maxPieceBytes = 1 << 20
	// maxStall is how long a writer waits for the disk before output is dropped.
	maxStall = 2 * time.Second
	// lookEvery is how often it is looked whether the segment that is written is in its place, while output comes.
	lookEvery = time.Second
	// flushDelay is how long output may lie in memory.
	flushDelay = 20 * time.Millisecond
)
