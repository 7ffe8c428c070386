package batch

// Runner is one of the ways in which a host runs attempts. A fault of one says nothing about the other.
type Runner string

// The runners of a host.
const (
	Processes  Runner = "process"
	Containers Runner = "container"
)

// RunnerOf returns the runner of attempts that run an image, or none.
func RunnerOf(inContainer bool) Runner {
	if inContainer {
		return Containers
	}
	return Processes
}

// HostFault says that a runner of a host starts nothing, and why. An empty Reason says that it does again.
type HostFault struct {
	Host   string
	Runner Runner
	Reason string // for people, for example "no descriptor is free (limit 256)"
	// Unlisted is set in a census if the attempts of the runner are not in it: its driver could not ask for them.
	Unlisted bool
}

func (HostFault) report() {}

// Limit is how many attempts of one runner a host takes at once.
type Limit struct {
	Runner   Runner
	Attempts int32  // live at once; 1 or more
	Reason   string // which limit of the system says so, for example "256 open files"
}

// Fault is the row of a runner that refused an attempt, or was said to start nothing. It stays, without a Reason, until as
// many starts have succeeded that the runner can be trusted with any number.
type Fault struct {
	Runner Runner
	Reason string // why it starts nothing; empty once it is believed to be well
	Since  Time   // of Reason; 0 without one
	// Order is the number of the last start that was ordered when the fault was noticed: only a later one proves anything.
	Order int64
	// Allow is how many attempts it is known to be able to hold.
	Allow int32
	// Tries is how many starts beyond Allow it refused in a row, and RetryAt when the next may be tried.
	Tries   int32
	RetryAt Time
	// Grown is how many starts beyond Allow have succeeded in a row.
	Grown int32
	// Ended is set when an attempt of the runner has ended since it last refused one.
	Ended bool
}

// Refusals is what a job has met with hosts that refused its attempt, since an attempt of it last started.
type Refusals struct {
	// Back is how often it was refused since anything else started there, 255 at most. What was refused less often is tried first.
	Back uint8
	// Blamed is how often that may have been its own fault: others were started after it was refused while nothing had
	// ended, or the cause was not known.
	Blamed uint8
}
