// Package holder is the small process that starts and reaps the attempts of one state directory and collects their
// output, so that attempts outlive batchd; and it is the protocol by which batchd talks to that process.
//
// A holder keeps the attempts that run, that wait in a lane, or that have ended and have not been forgotten. It
// makes one decision: which waiting attempt follows one that has ended in the same lane. It knows nothing of
// containers, and nothing of jobs.
//
// # How it is used
//
// batchd starts a holder by calling [Run] in a process of its own, and connects with [Dial]. A [Client] sends
// requests (start, stop, forget, list) and receives messages (started, exited, the list). A holder serves one
// client at a time; a new connection replaces the one before. The exit of an attempt is in the journal before the
// client hears of it, and stays until the client says that it may be forgotten.
//
// # Words
//
//   - attempt: one run of a process for a job, named by its attempt id.
//   - lane: the attempts that may follow one another: when one ends, the first that waits starts in its place.
//   - client: the batchd that is connected.
//   - journal: the file from which the next holder learns what a killed one had started and which exits were not
//     forgotten.
//   - scratch directory: the working directory of one attempt; directories in their original state are used again
//     under a new name.
//   - surroundings: what a job gets from the runtime that orders its start: environment variables and the umask.
//   - fitness: whether processes can be started on this machine at present.
//   - room: how many attempts the limits of this process allow at once.
//
// # Files, in the order to read them
//
//   - protocol.go: the requests and messages, and the greeting with which both sides begin.
//   - presence.go: what a message and the journal say of one attempt.
//   - run.go, run_other.go: the life of the process: lock, socket, signals, the loop.
//   - holder.go: the state, and one turn of the loop: take what happened, make it durable, act.
//   - attempt.go: an attempt, and the lanes.
//   - life.go: how an attempt starts, runs, is stopped, ends and is forgotten.
//   - end.go: when the holder itself ends, and what it does when its socket or directory is removed.
//   - session.go, socket.go, client.go: the connection: server side, address, client side.
//   - journal.go, recover.go: the journal, and how the next holder takes over from it.
//   - directory.go, identity_*.go, paths.go: which state directory this is, which boot, and where its files are.
//   - scratch.go, pool.go, mounts_*.go: scratch directories: opened, checked, used again, removed.
//   - output.go: from the pipe of a process to the log.
//   - surroundings.go, users.go: the environment of a job, and the user ids of a range.
//   - fitness.go: what happens after a start failed for a cause of the machine.
//   - rss_*.go, signals_*.go: differences between operating systems.
//   - limits.go: every limit.
package holder
