package awsfake

import "time"

// Container is a container of a task as its engine is told to run it: the task definition with the overrides of RunTask.
type Container struct {
	Task       string // the ARN of the task
	StartedBy  string
	Cluster    string // its name
	Family     string // of the task definition
	Instance   string // the id of the EC2 instance; empty on Fargate
	Spot       bool   // on a Spot instance or Fargate Spot
	Name       string
	Image      string
	EntryPoint []string // nil: the image's
	Command    []string // nil: the image's
	// Environment is "NAME=value", sorted by name.
	Environment      []string
	User             string
	WorkingDirectory string
	MilliCPU         int64 // 0: no share of its own
	MemoryMiB        int64 // the hard limit; 0: none
	GPUs             []string
	Privileged       bool
	ReadonlyRoot     bool
	Init             bool          // an init process that passes signals on and reaps
	StopTimeout      time.Duration // from SIGTERM to SIGKILL
	Mounts           []Mount
	Tmpfs            []Tmpfs
	SharedMemoryMiB  int64 // 0: the engine's default
	Ulimits          []Ulimit
}

// Mount is a directory in a container: one of the host, or an empty one if Source is empty.
type Mount struct {
	Source, Target string
	ReadOnly       bool
}

// Tmpfs is a file system in memory.
type Tmpfs struct {
	Path    string
	SizeMiB int64
	Options []string
}

// Ulimit is a limit of the container's processes.
type Ulimit struct {
	Name       string
	Soft, Hard int64
}

// Ending is how a container ended, or why it did not start.
type Ending struct {
	// Started is false if it never ran: then Reason says why, for example "CannotPullContainerError: …", and there is no exit code.
	Started  bool
	ExitCode int32
	Reason   string // for example OutOfMemory; usually empty
}

// OutOfMemory is the reason of a container that the kernel killed because it had used up its memory; its exit code is 137.
const OutOfMemory = "OutOfMemoryError: Container killed due to memory usage"

// Exit codes of containers that a signal ended.
const (
	exitTerminated = 128 + 15
	exitKilled     = 128 + 9
)

// Engine runs containers: the simulated one plays what a [Script] says, that of real mode asks Docker.
type Engine interface {
	// Run pulls the image of a container, starts it and tells watch what becomes of it. It returns at once, and tells nothing
	// before it has returned.
	Run(c Container, watch Watch) Running
}

// Watch is told what becomes of a container, in this order, from any goroutine: Pulled and Started at most once, any number of lines, and
// Ended exactly once unless the container was killed with its host.
type Watch interface {
	Pulled()
	Started()
	Line(at time.Time, text string)
	Ended(Ending)
}

// Running is a container that an engine was asked to run.
type Running interface {
	// Stop sends SIGTERM, and SIGKILL after the stop timeout. A container that has not started is not started.
	Stop()
	// Kill removes it without a word: its host is gone.
	Kill()
}
