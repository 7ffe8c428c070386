package holder

import (
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

// Presence is a [compute.Presence] as it travels: gob takes a pointer to zero for nil, so the exit
// code has a field of its own.
type Presence struct {
	Attempt batch.AttemptID
	State   compute.PresenceState
	Started Started
	Exit    Exit // without Code
	Exited  bool // there is a code
	Code    int32
}

// Started is a [batch.AttemptStarted] as it travels. Holders of several versions send it, and a log of a holder is always in
// segments, so its fields stay as they are.
type Started struct {
	Attempt batch.AttemptID
	At      batch.Time
	Log     batch.LogPosition
}

// Exit is a [batch.Exit] as it travels, and as it stands in the journal. The names of its fields stay as they are, for the same
// reason; a field of batch.Exit that is missing here is a test's failure.
type Exit struct {
	Attempt      batch.AttemptID
	Kind         batch.ExitKind
	StartedAt    batch.Time
	StoppedAt    batch.Time
	Code         *int32
	Reason       string
	StatusReason string
	Log          batch.LogSpan
	Usage        batch.Usage
	Result       []byte
	ResultError  string
	ImageDigest  string
	BaseKey      string
	Doubtful     bool
}

// packExit makes an exit travel.
func packExit(x batch.Exit) Exit {
	return Exit{
		Attempt: x.Attempt, Kind: x.Kind, StartedAt: x.StartedAt, StoppedAt: x.StoppedAt, Code: x.Code, Reason: x.Reason, StatusReason: x.StatusReason, Log: x.Log.Span,
		Usage: x.Usage, Result: x.Result, ResultError: x.ResultError, ImageDigest: x.ImageDigest, BaseKey: x.BaseKey, Doubtful: x.Doubtful,
	}
}

// unpack is the inverse of packExit.
func (x Exit) unpack() batch.Exit {
	return batch.Exit{
		Attempt: x.Attempt, Kind: x.Kind, StartedAt: x.StartedAt, StoppedAt: x.StoppedAt, Code: x.Code, Reason: x.Reason, StatusReason: x.StatusReason, Log: batch.LogRef{Span: x.Log},
		Usage: x.Usage, Result: x.Result, ResultError: x.ResultError, ImageDigest: x.ImageDigest, BaseKey: x.BaseKey, Doubtful: x.Doubtful,
	}
}

// pack makes a Presence travel.
func pack(p compute.Presence) Presence {
	w := Presence{Attempt: p.Attempt, State: p.State, Exit: packExit(p.Exit)}
	w.Started = Started{Attempt: p.Started.Attempt, At: p.Started.At, Log: p.Started.Log.Span.From}
	if p.Exit.Code != nil {
		w.Exited, w.Code, w.Exit.Code = true, *p.Exit.Code, nil
	}
	return w
}

// Unpack returns what travelled, without a result that cannot be taken. It is looked at here and not in the holder, so that
// it is done once, and of what a holder of an earlier version sends too.
func (p *Presence) Unpack() compute.Presence {
	u := compute.Presence{Attempt: p.Attempt, State: p.State, Exit: p.Exit.unpack()}
	u.Started = batch.AttemptStarted{Attempt: p.Started.Attempt, At: p.Started.At, Log: batch.LogFrom(p.Started.Log)}
	u.Exit.TakeResult(p.Exit.Result)
	if rest, problem := batch.SplitReason(u.Exit.Reason); problem != "" {
		u.Exit.Reason, u.Exit.ResultError = rest, problem
	}
	if p.Exited {
		code := p.Code
		u.Exit.Code = &code
	}
	return u
}
