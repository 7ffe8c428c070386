//go:build linux || darwin

package holder

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/compute/local/process"
	"github.com/batchd/terraform-provider-batch/runtime/detach"
	"github.com/batchd/terraform-provider-batch/runtime/fifo"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
)

// Options is what a holder is run with.
type Options struct {
	// StateDir is the runtime's state directory; it must exist.
	StateDir string
	// Logger receives what goes wrong; nil writes text to standard error.
	Logger *slog.Logger
}

// ReadyVariable names, in the environment of a holder, the descriptor that it writes one line to
// once it listens: "ready", or why it cannot.
const ReadyVariable = "BATCHD_HOLDER_READY_FD"

// readyWord is the line of a holder that listens.
const readyWord = "ready"

// ErrRuns is wrapped when the state directory has a holder already.
var ErrRuns = errors.New("a holder of this state directory runs already")

// Run is the holder: it returns when it was told to end, ctx ends, or nobody needs it any more. An
// end of ctx kills what runs. It must have its process for itself, as it reaps every child.
func Run(ctx context.Context, o Options) error {
	ready := readyFile()
	defer catchSignals()()
	if o.Logger == nil {
		o.Logger = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	err := run(ctx, o, func() { announce(ready, readyWord) })
	if err != nil {
		announce(ready, err.Error())
	}
	return err
}

// catchSignals gives every job the default disposition of signals that the one who started the holder may have ignored
// (nohup, a shell's background): a child inherits what is ignored, and not what is caught. The holder itself drops them.
// The rest is caught by the Go runtime.
func catchSignals() (stop func()) {
	restoreLibrarySignals()
	dropped := make(chan os.Signal, 1)
	signal.Notify(dropped, syscall.SIGHUP, syscall.SIGINT, syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU, syscall.SIGCONT, syscall.SIGXFSZ)
	return func() { signal.Stop(dropped) }
}

// readyFile is where the one who started this process waits; nil if nobody does.
func readyFile() *os.File {
	fd, err := strconv.Atoi(os.Getenv(ReadyVariable))
	if err != nil || os.Unsetenv(ReadyVariable) != nil {
		return nil
	}
	syscall.CloseOnExec(fd)
	return os.NewFile(uintptr(fd), "ready")
}

func announce(ready *os.File, word string) {
	if ready != nil {
		_, _ = ready.WriteString(word + "\n") // whoever waited is gone
		_ = ready.Close()
	}
}

func run(ctx context.Context, o Options, ready func()) (err error) {
	if err := detach.Seal(); err != nil {
		return err
	}
	dir, err := openDirectory(o.StateDir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, dir.close()) }()
	lock, err := takeLock(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	h, err := newHolder(dir, o.Logger)
	if err != nil {
		return err
	}
	listener, err := listen(dir.path)
	if err != nil {
		return errors.Join(err, h.close())
	}
	h.server = serve(listener, dir, h.mail, o.Logger)
	process.ReserveThreads(spareThreads)
	ready()
	h.loop(ctx)
	// A client that sees its connection end may start another holder, so that comes last.
	return errors.Join(dir.root.RemoveAll(socketName), h.close(), h.server.close())
}

// takeLock makes this process the holder of a state directory for as long as it lives.
func takeLock(dir *directory) (*os.File, error) {
	lock, err := dir.root.OpenFile(LockName, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("taking the holder's lock: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = ErrRuns
		}
		return nil, errors.Join(fmt.Errorf("taking the holder's lock in %s: %w", dir.path, err), lock.Close())
	}
	return lock, nil
}

// newHolder takes over what the last holder left, and ends what still ran of it, before anything else.
func newHolder(dir *directory, log *slog.Logger) (*holder, error) {
	h := &holder{
		dir: dir, own: OwnSurroundings(), log: log, mail: fifo.New[message](),
		attempts: map[batch.AttemptID]*attempt{}, lanes: lanes{}, users: users{taken: map[uint32]struct{}{}}, byPID: map[int]*attempt{},
		stopping: map[*attempt]struct{}{}, clearing: map[*attempt]struct{}{},
	}
	h.own.TimerSlack = 0 // the holder has one that is for no job
	h.around = &h.own
	var err error
	if h.logs, err = joblog.OpenWriter(LogsDir(dir.path), joblog.SeriesHolder); err != nil {
		return nil, err
	}
	exits, err := inherit(dir, h.logs.Here())
	if err != nil {
		return nil, errors.Join(err, h.logs.Close())
	}
	for _, e := range exits {
		a := h.hold(&Start{Attempt: e.Attempt})
		a.state, a.exit = compute.Ended, e
	}
	if h.launcher, err = process.NewLauncher(dir.id.mark()); err != nil {
		return nil, errors.Join(err, h.logs.Close())
	}
	if h.journal, err = newJournal(dir, h.launcher.Groups(), h.entries()); err != nil {
		return nil, errors.Join(err, h.logs.Close())
	}
	if h.scratch, err = newScratchPool(dir); err != nil {
		return nil, errors.Join(err, h.logs.Close())
	}
	h.reaper = process.NewReaper(h.exited)
	return h, nil
}

// exited takes the turn that an exit asks for. The goroutine that saw the exit takes it itself: between
// an end and the next start nobody else needs to wake up.
func (h *holder) exited(e process.Exit) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	h.turn(append(h.mail.Take(), message{exit: &e}), now)
	if at := h.wake(now); h.leaving() || !at.IsZero() && (h.armed.IsZero() || at.Before(h.armed)) {
		h.mail.Put()
	}
}

// close ends what newHolder began. Nothing runs any more.
func (h *holder) close() error {
	h.reaper.Close()
	h.launcher.Close()
	for _, a := range h.attempts {
		if a.waste != "" {
			h.scratch.discard(a.waste) // the next holder would not know whose it is
		}
	}
	h.scratch.close()
	return errors.Join(h.logs.Close(), h.journal.close(len(h.attempts) == 0))
}

// loop takes the turns that no exit asks for, until the holder is over.
func (h *holder) loop(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	ended, toEnd := ctx.Done(), false
	for h.arm(timer) {
		select {
		case <-h.mail.Bell():
		case <-timer.C:
		case <-ended:
			ended, toEnd = nil, true // a nil channel is never ready again
		}
		h.mu.Lock()
		if !h.ending && toEnd {
			h.shutDown()
		}
		now := time.Now()
		if !now.Before(h.watchAt) {
			h.watch(now)
		}
		h.turn(h.mail.Take(), now)
		h.mu.Unlock()
	}
}

// arm sets the timer to when there is something to do, and reports false when there never will be.
func (h *holder) arm(timer *time.Timer) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	if h.over(now) {
		return false
	}
	h.armed = h.wake(now)
	if h.armed.IsZero() {
		timer.Stop()
	} else {
		timer.Reset(h.armed.Sub(now))
	}
	return true
}

// answer tells the client what happened in this turn.
func (h *holder) answer() {
	r := &Response{Done: h.done, Events: make([]Presence, len(h.events))}
	for i, a := range h.events {
		r.Events[i] = pack(a.presence())
	}
	clear(h.events)
	h.events = h.events[:0]
	if h.census > 0 {
		r.Census, h.census = h.takeCensus(h.census), 0
	}
	r.Fault = h.fitness.why()
	r.FaultChanged = r.Fault != h.fitness.told
	if h.client != nil && (len(r.Events) > 0 || r.Census != nil || r.FaultChanged) {
		h.client.out.Put(r)
		h.fitness.told = r.Fault
	}
	if len(h.order) > 2*len(h.attempts)+minOrder {
		h.dropForgotten()
	}
}

func (h *holder) takeCensus(seq uint64) *Census {
	c := &Census{Seq: seq, Attempts: make([]Presence, 0, len(h.attempts))}
	for _, id := range h.order {
		if a := h.attempts[id]; a != nil {
			c.Attempts = append(c.Attempts, pack(a.presence()))
		}
	}
	return c
}

func (h *holder) dropForgotten() {
	kept := h.order[:0]
	for _, id := range h.order {
		if h.attempts[id] != nil {
			kept = append(kept, id)
		}
	}
	h.order = kept
}
