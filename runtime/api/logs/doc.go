// Package logs serves the output of jobs: the calls of Amazon CloudWatch Logs with which clients read it and prepare its log
// groups, and the one with which batchd's own command line reads it.
//
// There is a stream for each attempt that has begun. Its group and its name follow from the definition of the job, wherever the
// output is kept: where that is says the row of the attempt, and a [joblog.Reader] reads it. The groups that exist are rows.
// The package knows neither routes nor who may call what; package api does.
//
// # Words
//
//   - group: a log group, a name under which streams are found.
//   - stream: the output of one attempt, as CloudWatch Logs names it.
//   - log: the output of one attempt, as package joblog reads it.
//   - walk: looking through the submissions of all queues, the newest first, for the streams of a group.
//
// # Files, in the order to read them
//
//   - service.go: what it is made of, and how a call is served.
//   - error.go: how CloudWatch Logs refuses.
//   - job.go: the output of a job, as the command line asks for it, and the log of an attempt.
//   - names.go: which group and stream a name means.
//   - events.go: GetLogEvents, lines of one stream.
//   - stream_walk.go, streams.go: the streams of a group, and DescribeLogStreams.
//   - filter.go, pattern.go: FilterLogEvents, lines of many streams.
//   - groups.go, group_setup.go: the calls on groups.
//   - limits.go: every limit.
package logs
