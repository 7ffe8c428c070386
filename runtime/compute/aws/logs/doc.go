// Package logs reads the output of attempts from CloudWatch Logs. It is the [joblog.Reader] of the logs that package tasks refers to. What
// the wrapper has printed there, the result and the usage, is not shown.
//
// A position is a moment, in milliseconds as the service counts, and how many events of that moment lie before it; it is the same for who
// reads forward and who reads backward. The service's own tokens have a direction, and are used within one page only. An event
// that the service shows late, with a time that has been read past, is not seen by who goes on from there.
package logs
