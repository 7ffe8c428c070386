// Package joblog appends and reads the output of attempts. Output lies in segments, append-only files that the
// attempts of a host share, as records that carry their attempt and time. The log of an attempt is a span of
// segments, read through a filter. There is no file per attempt, because making one costs as much as starting a
// process.
//
// # How it is used
//
// A [Writer] appends the output of many attempts; each has a [Stream]. What was written is in the segments once
// Flush has returned, so that it outlives the process; it is not synced to the disk. A [Dir] reads the segments of
// a directory while they are written; it implements [Reader]. [Prune] removes old segments.
//
// # Words
//
//   - segment: one file, of a number within its series.
//   - series: the segments of one writer; several writers may share a directory.
//   - record: one piece of output of one attempt with its time.
//   - span: where the output of an attempt begins and ends.
//   - position: a place in a segment at which reading can go on.
//
// # Files, in the order to read them
//
//   - joblog.go: lines and the interface Reader.
//   - segment.go: the format of segments.
//   - writer.go, flush.go, resume.go, restore.go: writing; going on after a restart, and after files were removed.
//   - scan.go, reader.go, tail.go: reading the log of one attempt, forwards and from the end.
//   - merge.go, source.go: reading the logs of many attempts in the order of time.
//   - prune.go: removing old segments.
//   - limits.go: every limit.
package joblog
