package sim

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"hash/fnv"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// story is what was told to the machine and what it answered: always as a hash, and as text if wanted.
type story struct {
	hash  hash.Hash
	lines []string
	told  bool // whether to keep lines
	deaf  bool // whether to leave out the hash
}

func newStory() *story { return &story{hash: fnv.New128a()} }

// sum names the story: two stories with one sum are the same to the byte.
func (s *story) sum() string { return hex.EncodeToString(s.hash.Sum(nil)) }

// event tells what the machine is told.
func (s *story) event(w *world, ev sched.Event) {
	s.hashed(w, ev)
	if !s.told {
		return
	}
	switch ev := ev.(type) {
	case sched.Reported:
		s.say(w, "report %s", reportText(ev.Report))
	case sched.Census:
		s.say(w, "census as of %d: waiting %v, running %v, ended %v", ev.AsOf-epoch, ev.Waiting, started(ev.Running), exits(ev.Ended))
	case sched.Tick:
		s.say(w, "tick")
	default: // a command, which its user has told
	}
}

// round tells what the machine decided.
func (s *story) round(w *world, r sched.Round) {
	s.hashed(w, r)
	for _, o := range r.Orders {
		fmt.Fprintf(s.hash, "%T", o)
	}
	if !s.told {
		return
	}
	for i := range r.Delta.Jobs {
		s.say(w, "  row %s", rowText(&r.Delta.Jobs[i]))
	}
	for _, o := range r.Orders {
		s.say(w, "  order %s", orderText(o))
	}
}

func (s *story) hashed(w *world, what any) {
	if s.deaf {
		return
	}
	b, err := json.Marshal(what)
	if err != nil {
		w.broken("story", "%T does not marshal: %v", what, err)
	}
	fmt.Fprintf(s.hash, "%d %T ", w.now, what)
	s.hash.Write(b)
}

// say adds a line for people.
func (s *story) say(w *world, format string, args ...any) {
	if s.told {
		s.lines = append(s.lines, fmt.Sprintf("%12s  ", std(w.now))+fmt.Sprintf(format, args...))
	}
}

func reportText(r batch.Report) string {
	switch r := r.(type) {
	case batch.HostReady:
		return "host ready"
	case batch.HostGone:
		return "host gone"
	case batch.AttemptStarted:
		return fmt.Sprintf("started %s at %d", r.Attempt, r.At-epoch)
	case batch.AttemptExited:
		return "exited " + exits([]batch.Exit{r.Exit})[0]
	default:
		return fmt.Sprintf("%T", r)
	}
}

func started(list []batch.AttemptStarted) []string {
	texts := make([]string, len(list))
	for i, s := range list {
		texts[i] = s.Attempt.String()
	}
	return texts
}

func exits(list []batch.Exit) []string {
	kinds := map[batch.ExitKind]string{batch.Exited: "exited", batch.FailedToStart: "refused", batch.Recalled: "recalled", batch.Lost: "lost", batch.Refused: "refused by its host"}
	texts := make([]string, len(list))
	for i, x := range list {
		texts[i] = fmt.Sprintf("%s %s code=%v", x.Attempt, kinds[x.Kind], shown(x.Code))
	}
	return texts
}

func rowText(j *batch.Job) string {
	if j == nil {
		return "no row"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s #%d", j.ID, j.Status, j.Attempt)
	if r := j.Run; r != nil {
		fmt.Fprintf(&b, " in %s ahead=%t stop=%d ordered=%d", r.Environment, r.Ahead, r.Stop, r.OrderedAt-epoch)
	}
	if a := j.Array; a != nil {
		fmt.Fprintf(&b, " counts=%v unborn=%s", a.Counts, a.Unborn.Status)
	}
	if j.StatusReason != "" {
		fmt.Fprintf(&b, " (%s)", j.StatusReason)
	}
	return b.String()
}

func orderText(o sched.Order) string {
	switch o := o.(type) {
	case sched.StartAttempt:
		return fmt.Sprintf("start %s lane=%s ahead=%t", o.Attempt, o.Lane, o.Ahead)
	case sched.StopAttempt:
		return fmt.Sprintf("stop %s recall=%t", o.Attempt, o.Recall)
	case sched.ForgetAttempt:
		return fmt.Sprintf("forget %s", o.Attempt)
	default:
		return fmt.Sprintf("%T", o)
	}
}
