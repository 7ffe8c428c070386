// Package joblog reads the output of attempts wherever it is kept, and appends and reads that of this machine. Output of
// this machine lies in segments, append-only files that the attempts of a host share, as records that carry their attempt
// and time. The log of an attempt is a span of segments, read through a filter. There is no file per attempt, because
// making one costs as much as starting a process.
//
// # How it is used
//
// Who reads a log has a [Log], whose reference says where it is kept, and calls a [Reader]: [Readers] finds the reader of
// its kind. A reader answers pages in both directions, from positions that are its own, for example the tokens of a
// service that is asked over a network.
//
// A [Writer] appends the output of many attempts; each has a [Stream]. What was written is in the segments once
// Flush has returned, so that it outlives the process; it is not synced to the disk. A [Dir] reads the segments of
// a directory while they are written; it is the reader of [batch.LogSegments]. [Prune] removes old segments.
//
// # Words
//
//   - segment: one file, of a number within its series.
//   - series: the segments of one writer; several writers may share a directory.
//   - record: one piece of output of one attempt with its time.
//   - span: where the output of an attempt begins and ends in segments.
//   - position: a place in a log at which reading can go on; in segments, a segment and an offset.
//   - place: where merging goes on, in the logs of one series or kind.
//
// # Files, in the order to read them
//
//   - joblog.go: logs, lines, pages and the interface Reader.
//   - readers.go: the reader of logs of several kinds.
//   - apart.go: merging logs that share nothing, by pages of each.
//   - segment.go: the format of segments.
//   - writer.go, flush.go, resume.go, restore.go: writing; going on after a restart, and after files were removed.
//   - scan.go, reader.go, tail.go, page.go: reading the log of one attempt in segments, forwards and from the end.
//   - merge.go, source.go: reading the logs of many attempts in the order of time.
//   - prune.go: removing old segments.
//   - limits.go: every limit.
package joblog
