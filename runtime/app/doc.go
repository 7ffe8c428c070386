// Package app is a whole runtime as a value. It connects store, drivers, engine and API, and owns their life
// cycle. The command line runs an [App] in a process of its own; tests run one inside theirs. It makes no
// decisions about jobs; signals and flags are handled by its caller.
//
// # How it is used
//
// [New] opens the state directory, takes its lock, binds the address and opens the store; nothing is served yet.
// [App.Start] begins to run jobs and to serve, and returns once requests are answered. Stop ends both and waits.
// Every step of New and Start registers a cleanup, so that a step that fails undoes the ones before it.
//
// # Words
//
//   - state directory: everything that a runtime keeps; the lock in it admits one runtime at a time.
//   - installation: the identity of a state directory, which a copy does not share.
//   - machine: what the jobs of LOCAL environments run on: the holder's processes and Docker's containers.
//   - lease: the statement of a client that it needs the runtime; without leases and jobs an idle runtime may end.
//
// # Files, in the order to read them
//
//   - app.go: New, Start and Stop.
//   - options.go, config.go, names.go: the options, the configuration file, and names of hosts.
//   - serve.go: the HTTP server's endpoint, ready file and authenticator.
//   - drivers.go, machine.go, machine_*.go: the drivers, that of this machine, and the holder.
//   - installation.go, keys.go: the identity of the state directory, the master key and the administrator's key.
//   - confine_unix.go: what --run-as requires of the machine.
//   - certificate.go, connections.go: TLS certificates that are reloaded, and the bound on connections.
//   - events.go, metadata.go: sinks of events, and the metadata endpoint of attempts.
//   - metrics.go, metrics_view.go: Prometheus metrics, those that are counted and those that are read at a scrape.
//   - doctor.go: what batchd doctor checks.
//   - idle.go, upkeep.go, memory.go: ending when idle, removing old logs and watching the store, and memory.
//   - openfiles_*.go, space_*.go: differences between operating systems.
//   - limits.go: every limit.
package app

// Version is the version of this build. It is set when a release is linked.
var Version = "dev"
