package wire

import (
	"fmt"
	"strings"
)

// Ending is what is known of how a job, or its last attempt, ended.
type Ending struct {
	StatusReason string
	Reason       string // of the container, for example that its program was not found
	ExitCode     *int32
	ResultError  string // why the result was not taken
}

// Ending is how j ended.
func (j *JobDetail) Ending() Ending {
	c, x := value(j.Container), value(j.Batchd)
	return Ending{StatusReason: j.StatusReason, Reason: c.Reason, ExitCode: c.ExitCode, ResultError: x.ResultError}
}

// Ending is how j ended.
func (j *JobSummary) Ending() Ending {
	c, x := value(j.Container), value(j.Batchd)
	return Ending{StatusReason: j.StatusReason, Reason: c.Reason, ExitCode: c.ExitCode, ResultError: x.ResultError}
}

// Ending is how the job of r ended.
func (r *Result) Ending() Ending {
	return Ending{StatusReason: r.StatusReason, Reason: r.Reason, ExitCode: r.ExitCode, ResultError: r.ResultError}
}

// Ending is how a ended.
func (a *AttemptDetail) Ending() Ending {
	c, x := value(a.Container), value(a.Batchd)
	return Ending{StatusReason: a.StatusReason, Reason: c.Reason, ExitCode: c.ExitCode, ResultError: x.ResultError}
}

// Because says why a job ended as it did, in full, but for the exit code: for example
//
//	Task failed to start: CannotStartContainerError: exec "fit": not found in PATH (/bin)
//	Essential container in task exited; the result was not taken: it is not UTF-8
//
// It is empty if nothing is known.
func (e Ending) Because() string {
	text := e.StatusReason
	if e.Reason != "" { // that of a host ends with a full stop
		text = joined(": ", strings.TrimSuffix(text, "."), e.Reason)
	}
	if e.ResultError != "" && !strings.HasSuffix(e.StatusReason, e.ResultError) {
		text = joined("; ", text, "the result was not taken: "+e.ResultError)
	}
	return text
}

// String is [Ending.Because] with an exit code that is not 0: "Essential container in task exited (exit code 3)".
func (e Ending) String() string {
	text := e.Because()
	if text == "" {
		text = "for no reason that is known"
	}
	if e.ExitCode != nil && *e.ExitCode != 0 {
		text += fmt.Sprintf(" (exit code %d)", *e.ExitCode)
	}
	return text
}

// joined puts sep between two texts of which either may be empty.
func joined(sep, a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + sep + b
}
