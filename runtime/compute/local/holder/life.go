//go:build linux || darwin

package holder

import (
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/compute/local/process"
)

// resultVariable names the file that an attempt may leave its result in.
const resultVariable = process.MarkVariable

// codeKilled is the exit code of a process that SIGKILL ended.
const codeKilled = 137

// settle makes what ended, and what is about to start, safe in the journal.
func (h *holder) settle() {
	for _, a := range h.closing {
		if a.output != nil {
			a.exit.Log.Span = a.output.stream.Span()
			a.output = nil
		}
		h.journal.add(ended(a))
		h.events = append(h.events, a)
	}
	h.closing = h.closing[:0]
	if !h.moved {
		h.noteStarts()
	}
	h.flushJournal()
}

// noteStarts adds what is about to start.
func (h *holder) noteStarts() {
	now := batch.At(time.Now())
	for _, a := range h.starting {
		if a.output != nil {
			a.began.At = now // it was noted before, and had to wait
			continue
		}
		a.output = &output{stream: h.logs.Stream(a.order.Attempt)}
		a.began = batch.AttemptStarted{Attempt: a.order.Attempt, At: now, Log: batch.LogFrom(a.output.stream.From())}
		h.journal.add(&entry{Op: opBegin, Attempt: a.order.Attempt, At: now, Log: a.began.Log.Span.From, Base: a.order.BaseKey})
	}
}

// ended is the entry of the exit of a.
func ended(a *attempt) *entry {
	exit := packExit(a.exit)
	return &entry{Op: opExit, Attempt: a.order.Attempt, Exit: &exit}
}

func (h *holder) flushJournal() {
	err := h.journal.flush()
	if err != nil && !h.failing {
		h.log.Error("the journal could not be written; it is tried again with every turn", "error", err)
	}
	h.failing, h.fitness.journal = err != nil, err
	if h.journal.size > compactBytes && h.journal.size > 2*h.compacted {
		if err := h.journal.rewrite(h.entries()); err != nil {
			h.log.Error("the journal could not be shortened", "error", err)
		}
		h.compacted = h.journal.size
	}
}

// entries is what a journal has to say of all that is held. What waits in its lane is left out, because the client orders it
// again; a start that was noted is kept, because it may be made before the next line is written.
func (h *holder) entries() []entry {
	var all []entry
	for _, id := range h.order {
		a := h.attempts[id]
		if a == nil {
			continue
		}
		begin := entry{Op: opBegin, Attempt: id, At: a.began.At, Log: a.began.Log.Span.From, Base: a.order.BaseKey}
		switch a.state {
		case compute.Ended:
			all = append(all, *ended(a))
		case compute.Running:
			all = append(all, begin, entry{Op: opRun, Attempt: id, PID: a.process.PID, Since: a.since})
		case compute.WaitingAhead:
			if a.output != nil {
				all = append(all, begin)
			}
		}
	}
	return all
}

// start runs what takes a place of its lane in this turn. What cannot be started leaves the place to the next.
func (h *holder) start() {
	starting := h.starting
	h.starting = nil
	for _, a := range starting {
		if err := h.launch(a); err != nil {
			h.failToStart(a, err)
			continue
		}
		h.events = append(h.events, a)
	}
}

func (h *holder) launch(a *attempt) error {
	if err := h.assignUser(a); err != nil {
		return err
	}
	if err := h.scratch.checkInodesAt(time.Now()); err != nil {
		return err
	}
	dir, err := h.scratch.take(a.order.User)
	if err != nil {
		return ofDirectory(err)
	}
	a.scratch, a.since = dir, sinceBoot()
	spec, err := h.spec(a)
	err = ofDirectory(err)
	if err == nil {
		err = dir.hand()
	}
	if err == nil {
		a.process, err = h.begin(spec)
	}
	if err != nil {
		return err
	}
	a.state, a.output.fd = compute.Running, a.process.Output
	h.running++
	h.byPID[a.process.PID] = a
	if len(h.young) == 0 {
		h.lookAt = time.Now().Add(followEvery)
	}
	h.young = append(h.young, a)
	h.journal.add(&entry{Op: opRun, Attempt: a.order.Attempt, PID: a.process.PID, Since: a.since})
	return nil
}

// assignUser chooses the user of an attempt that is to have one for itself.
func (h *holder) assignUser(a *attempt) (err error) {
	if a.order.Users == (process.UserRange{}) {
		return nil
	}
	if a.uid, err = h.users.take(a.order.Users); err != nil {
		return process.OfMachine(err)
	}
	a.order.User = userName(a.uid)
	return nil
}

// begin starts a process. The reaper may see its end before its pid is known here.
func (h *holder) begin(spec *process.Spec) (p *process.Process, err error) {
	h.reaper.Starting()
	pid := 0
	if p, err = h.launcher.Start(spec); err == nil {
		pid = p.PID
	}
	h.reaper.Begun(pid)
	return p, err
}

// spec says what to run for a, which has its scratch directory.
func (h *holder) spec(a *attempt) (*process.Spec, error) {
	o := &a.order
	s := &process.Spec{
		Command: o.Command, Dir: o.Directory, Env: a.around.environment(o, a.scratch), User: o.User, Confined: o.Confined, MemoryMiB: o.MemoryMiB,
		Mark: a.scratch.resultFile(), Umask: &a.around.Umask, TimerSlack: a.around.TimerSlack,
	}
	if s.Dir == "" {
		s.Dir = a.scratch.path
	}
	if o.Script == "" {
		return s, nil
	}
	s.Script = ScriptPath(h.dir.path, o.Script)
	var err error
	if a.scratch.owner != nil {
		s.Script, err = a.scratch.lend(s.Script)
	}
	return s, err
}

func (h *holder) failToStart(a *attempt, err error) {
	exit := h.notStarted(a, err)
	if a.scratch != nil {
		a.waste = h.scratch.leave(a.scratch, false)
	}
	lane := a.order.Lane
	h.end(a, exit)
	if exit.Kind == batch.Refused {
		h.refuseLane(lane, exit.Reason)
		return
	}
	h.advance(lane)
}

// processEnded takes the exit of a child. Its attempt has ended once nothing is left of it and its output was read, too.
func (h *holder) processEnded(e *process.Exit, now time.Time) {
	h.reaper.Settle(e.PID)
	a := h.byPID[e.PID]
	if a == nil {
		return // not ours: an orphan that was given to this process
	}
	delete(h.byPID, e.PID)
	delete(h.stopping, a)
	a.ended = e
	h.clear(a, now)
}

// clear ends what an attempt left behind when its process ended. What was killed takes a moment to go; what does not
// go is not waited for for ever.
func (h *holder) clear(a *attempt, now time.Time) {
	a.left = h.launcher.Clear(a.process)
	if a.left == process.Something && now.Sub(a.ended.At) < clearTimeout {
		a.pause = min(max(2*a.pause, firstClear), lastClear)
		a.clearAt = now.Add(a.pause)
		h.clearing[a] = struct{}{}
		return
	}
	delete(h.clearing, a)
	if a.left == process.Something {
		h.log.Warn("processes of an attempt do not end, although they were killed; the attempt ends without them", "attempt", a.order.Attempt.String())
	}
	a.clearAt = time.Time{}
	h.readLast(a)
}

// readLast reads what the output of an attempt still holds.
func (h *holder) readLast(a *attempt) {
	switch {
	case a.output.file == nil:
		a.output.finish()
		h.conclude(a)
	case a.drained:
		h.conclude(a)
	default:
		a.output.wrap()
	}
}

func (h *holder) outputEnded(a *attempt) {
	a.drained = true
	if a.ended != nil && a.clearAt.IsZero() {
		h.conclude(a)
	}
}

// conclude ends an attempt that ran.
func (h *holder) conclude(a *attempt) {
	h.running--
	outOfMemory, peakKiB := h.launcher.Ended(a.process)
	result, problem := a.scratch.result()
	a.waste = h.scratch.leave(a.scratch, a.left == process.Nothing)
	code, reason := a.ended.Code(), ""
	if outOfMemory && code != 0 {
		code, reason = codeKilled, "OutOfMemoryError: Container killed due to memory usage"
	}
	// Until its exec a child shares the holder's memory, so its peak is never less than the holder's own,
	// about 25 MiB.
	u := &a.ended.Usage
	usage := batch.Usage{
		CPUMillis: u.Utime.Nano()/1e6 + u.Stime.Nano()/1e6,
		MaxRSSKiB: max(int64(u.Maxrss)/maxRSSUnit, peakKiB), //nolint:unconvert // it is shorter on some systems
	}
	h.end(a, batch.Exit{Kind: batch.Exited, Code: &code, Reason: reason, Usage: usage, Result: result, ResultError: problem, StartedAt: a.began.At})
	h.advance(a.order.Lane)
}

// end keeps the exit of a, to be reported when it is safe.
func (h *holder) end(a *attempt, exit batch.Exit) {
	exit.Attempt, exit.BaseKey, exit.StoppedAt = a.order.Attempt, a.order.BaseKey, batch.At(time.Now())
	a.state, a.exit = compute.Ended, exit
	h.users.give(a.uid)
	a.uid = 0
	a.process, a.scratch, a.ended = nil, nil, nil
	a.order = Start{Attempt: a.order.Attempt, Lane: a.order.Lane}
	h.closing = append(h.closing, a)
}

// advance gives the place of an attempt that ended to the next of its lane.
func (h *holder) advance(lane string) {
	if next := h.lanes.leave(lane); next != nil {
		h.lanes.enter(lane)
		h.starting = append(h.starting, next)
	}
}
