package batch

// Usage is what an attempt used.
type Usage struct {
	CPUMillis int64 `json:"cpuMillis"` // user and system time of the attempt and its descendants
	MaxRSSKiB int64 `json:"maxRSSKiB"` // peak resident memory
}

// Attempt is one finished run of a job.
type Attempt struct {
	ID           AttemptID
	Environment  string
	Host         string
	StartedAt    Time // 0 if it never ran
	StoppedAt    Time
	StatusReason string
	Reason       string // container reason
	ResultError  string // why what it left as its result was not taken; see [Exit.ResultError]
	ExitCode     *int32
	Log          LogRef
	Usage        Usage
	ImageDigest  string
}

// ExitKind is how an attempt came to its end.
type ExitKind uint8

// The kinds of exit.
const (
	// Exited: it ran and ended by itself or by a signal.
	Exited ExitKind = iota + 1
	// FailedToStart: it could not be started; Reason says why.
	FailedToStart
	// Recalled: it was stopped before it started; nothing ran.
	Recalled
	// Lost: its host, or what watched it, is gone and the outcome is unknown.
	Lost
	// Refused: its host could not start it for a reason that is the host's; nothing ran. It is tried again under the same
	// number. Reason says why.
	Refused
)

// NothingRan reports whether an attempt that ended like that leaves its number to the next one of its job.
func (k ExitKind) NothingRan() bool { return k == Recalled || k == Refused }

// Exit is what a driver knows of an attempt that ended.
type Exit struct {
	Attempt   AttemptID
	Kind      ExitKind
	StartedAt Time // 0 if it never ran
	StoppedAt Time
	Code      *int32 // nil if there is none; 128+n for death by signal n
	Reason    string // container reason, for example "OutOfMemoryError: …"
	// StatusReason is what the service that ran it says of its end, which retry rules match, for example "Your Spot Task was
	// interrupted."; if it is empty, the status reason follows from Kind.
	StatusReason string
	Log          LogRef
	Usage        Usage
	Result       []byte // what it left at $BATCH_RESULT_FILE; nil if nothing; [CheckResult] finds nothing wrong with it
	ResultError  string // why what it left there was not taken; empty if it was, or nothing was left
	ImageDigest  string // of the image that ran; empty for a process
	// BaseKey is echoed from the start order; see [ContentKey].
	BaseKey string
	// Doubtful is set for Refused if it is not known whether the cause is the host's or the job's.
	Doubtful bool
}

// Result is the JSON an attempt left.
type Result struct {
	Attempt AttemptID
	Body    []byte
}

// Report is what a driver says: one of [HostComing], [HostReady], [HostRefused], [HostGone], [HostFault],
// [AttemptStarted], [AttemptExited].
//
//sumtype:decl
type Report interface{ report() }

// HostReady says that a host can take attempts, and how large it is. Of one that was launched it says as which offer, so that
// a launched host without a row can be told from a host that was there by itself.
type HostReady struct{ Host Host }

// HostGone says that a host ended; its attempts are lost.
type HostGone struct{ ID string }

// AttemptStarted says that an attempt runs.
type AttemptStarted struct {
	Attempt AttemptID
	At      Time
	Log     LogRef // where its output begins
}

// AttemptExited says that an attempt ended, or will never start.
type AttemptExited struct{ Exit Exit }

func (HostReady) report()      {}
func (HostGone) report()       {}
func (AttemptStarted) report() {}
func (AttemptExited) report()  {}
