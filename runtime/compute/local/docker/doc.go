// Package docker runs attempts that name an image as containers of the Docker daemon of this
// machine. It is the container runner of package local: it pulls what is missing, creates, starts,
// follows and ends containers, and reads their exits and results. It does not decide when attempts
// run, and it keeps nothing of its own that the daemon can tell.
//
// The daemon's list is the truth. A container carries in its labels what must be known of its
// attempt after batchd ended; a restarted batchd finds its containers by them, running or exited,
// goes on reading their output where its log ends, and keeps their exits until they are forgotten.
// A container is removed only when its attempt is forgotten. Attempts that wait in a lane, or are
// pulled or created, live in memory; the scheduler orders again what a census does not list.
//
// Output goes through the daemon's "local" log driver, which keeps it while batchd is away, and
// from there into log segments. The log says itself how far it goes: on the way back the daemon
// replays the last second that is recorded, and as many lines as the log holds of it are
// skipped. Lines are lost only if a container writes more than logFileSize × logFiles while batchd
// is away, or if a disk is full.
//
// CPU time and memory used are not reported: the daemon drops a container's counters when it exits.
//
// # Words
//
//   - runner: what runs attempts of one kind on this machine; here containers.
//   - lane: the attempts that may follow one another, as in package holder.
//   - to attend an attempt: to follow its container to the end and report how it ended, in a goroutine of its own.
//   - marker: the file that says that there may be containers of this installation.
//   - fitness: whether the daemon starts containers at present.
//
// # Files, in the order to read them
//
//   - runner.go: the runner, how it opens and closes.
//   - order.go: the verbs of the driver: start, stop, forget, census.
//   - attempt.go: an attempt, its phases and its lane.
//   - launch.go, config.go, image.go, label.go: from an order to a running container: image, configuration, labels.
//   - exit.go, output.go, away.go: how an attempt ended, what it wrote, and what is unknown if the daemon was not running.
//   - watch.go: keeping what is known in step with the daemon.
//   - daemon.go, fitness.go, blame.go: reaching the daemon, whether it starts containers, and whose fault a failure is.
//   - marker.go: the marker.
//   - limits.go: every limit.
package docker
