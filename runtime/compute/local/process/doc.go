// Package process starts processes of this machine, each in a process group of its own with one pipe for its
// output, and reaps them. It knows what a command, a script, a user and a memory limit are. It knows nothing of
// attempts, lanes or logs.
//
// One process of the system uses it, the holder, because the reaper waits for every child of its process.
//
// # How it is used
//
// [NewReaper] begins to wait for children and [NewLauncher] prepares control groups. [Launcher.Start] starts the
// process that a [Spec] describes; the reaper tells each [Exit] once. After the exit, the launcher ends whatever
// the process has left behind. [BlameOf] says whether a failed start is the fault of the machine or of the job.
//
// # Words
//
//   - mark: the variable in the environment of a process that says which attempt it belongs to.
//   - family: the processes of attempts where there are no control groups: they are found by their marks.
//   - group: a control group (version 2) of one attempt, through which everything in it can be found and killed.
//   - slot: a control group with a memory limit, used again by one process after another.
//   - slack: by how much the kernel may delay a timer of a thread.
//
// # Files, in the order to read them
//
//   - spec.go: what to run: command, script and interpreter, directory, environment.
//   - launcher.go: starting a process and ending what it leaves.
//   - reaper.go, wait.go: waiting for children.
//   - blame.go: whose fault a failed start is.
//   - group_linux.go, cgroup_linux.go: control groups of attempts, and where they can be made.
//   - limiter_*.go: memory limits.
//   - family_*.go, mark.go: finding processes by their marks.
//   - user.go, runas.go, range.go: the user of a process, the users of --run-as, and ranges of user ids.
//   - confine_*.go: giving up the right to gain privileges.
//   - room.go: how many processes the limits of this process allow.
//   - slack_*.go, threads.go: timer slack, and spare threads.
//   - limits.go: every limit.
package process
