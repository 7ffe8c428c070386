//go:build linux || darwin

package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/compute/local/holder"
)

// Pauses between attempts to reach a holder again.
const (
	firstPause = 50 * time.Millisecond
	lastPause  = 5 * time.Second
	tryEvery   = time.Second
)

// link is the connection to the holder. When it breaks it is made again, to a new holder if the old
// one died; then a census says what became of everything, and what had not arrived is sent again.
type link struct {
	stateDir string
	command  []string
	around   holder.Surroundings // of this process, for the jobs that it orders
	log      *slog.Logger
	say      func(...batch.Report)
	faults   *faults
	resized  func() // a holder with other limits than the one before is there
	run      sync.WaitGroup
	done     chan struct{} // closed by close

	mu      sync.Mutex
	client  *holder.Client // nil while there is no connection
	closed  bool
	ended   bool // the holder was told to end; nobody looks for another until one is needed
	seq     uint64
	pending map[batch.AttemptID]pendingStart // not reported to have started or ended
	undone  []holder.Request                 // stops and forgets that the holder has not confirmed
	asked   map[uint64]chan *holder.Census
	lost    chan struct{} // closed when the connection breaks
	limit   holder.Room   // of the holder that was there last
	trying  bool          // a goroutine tries to connect
}

type pendingStart struct {
	seq   uint64
	index int // in its request
	start *holder.Start
}

func newLink(o Options, say func(...batch.Report), f *faults, resized func()) *link {
	return &link{
		stateDir: o.StateDir, command: o.HolderCommand, around: holder.OwnSurroundings(), log: o.Logger, say: say, faults: f, resized: resized, done: make(chan struct{}),
		pending: map[batch.AttemptID]pendingStart{}, asked: map[uint64]chan *holder.Census{}, limit: holder.NewRoom(),
	}
}

// room is how many attempts the limits of the holder allow at once; before there is one, those that it will have.
func (l *link) room() (int32, string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.limit.Attempts, l.limit.Reason
}

// open connects if there is a holder, or something that one left. A holder that dies or hangs meanwhile is tried again, as
// it is when the connection breaks later.
func (l *link) open(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err := l.connectIfAny(ctx)
	if !fellSilent(err) {
		return err
	}
	l.log.Warn("the holder cannot be reached; it is tried again", "error", err)
	l.run.Go(l.connectAgain)
	return nil
}

// fellSilent reports whether err says that somebody was there who did not go on talking.
func fellSilent(err error) bool {
	for _, e := range []error{io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.EPIPE, os.ErrDeadlineExceeded} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// connectIfAny reports whether there is a holder to talk to.
func (l *link) connectIfAny(ctx context.Context) (bool, error) {
	if l.client != nil {
		return true, nil
	}
	client, err := holder.Dial(l.stateDir, l.around)
	switch {
	case err == nil:
		l.adopt(client)
		return true, nil
	case !errors.Is(err, holder.ErrNone):
		return false, err
	case !holder.Left(l.stateDir):
		return false, nil
	}
	return true, l.connect(ctx)
}

// connect connects to the holder, which is started if none runs.
func (l *link) connect(ctx context.Context) error {
	if l.closed {
		return errors.New("the driver is closed")
	}
	if l.client != nil {
		return nil
	}
	client, err := holder.Dial(l.stateDir, l.around)
	if errors.Is(err, holder.ErrNone) {
		client, err = spawn(ctx, l.stateDir, l.command, l.around)
	}
	if err != nil {
		l.faults.set(byLink, batch.Processes, err.Error())
		l.keepTrying()
		return err
	}
	l.adopt(client)
	return nil
}

// keepTrying connects to the holder as soon as one can be started, with mu held.
func (l *link) keepTrying() {
	if l.trying {
		return
	}
	l.trying = true
	l.run.Go(func() {
		for tried := false; !tried; {
			select {
			case <-l.done:
				return
			case <-time.After(tryEvery):
			}
			l.mu.Lock()
			ctx, cancel := context.WithTimeout(context.Background(), spawnTimeout)
			tried = l.closed || l.connect(ctx) == nil
			cancel()
			l.trying = !tried
			l.mu.Unlock()
		}
	})
}

// adopt takes a new connection into use and asks what the holder has. A holder that makes room for another may have
// closed it already.
func (l *link) adopt(client *holder.Client) {
	if client.Inherits() {
		l.log.Warn("the holder is of an earlier version: until it ends, jobs get the environment, umask and limits that it was started with", "pid", client.PID())
	}
	l.client, l.lost, l.ended = client, make(chan struct{}), false
	l.faults.set(byLink, batch.Processes, "")
	l.faults.set(byHolder, batch.Processes, "")
	if room := client.Room(); room != (holder.Room{}) && room != l.limit { // an old holder does not say
		l.limit = room
		l.run.Go(l.resized)
	}
	l.run.Go(func() { l.read(client) })
	l.seq++
	l.send(&holder.Request{Seq: l.seq, Census: true})
}

func (l *link) close() error {
	l.mu.Lock()
	l.closed = true
	client := l.client
	l.mu.Unlock()
	close(l.done)
	var err error
	if client != nil {
		err = client.Close()
	}
	l.run.Wait()
	return err
}

// start hands over starts. They are kept until something is heard of them.
func (l *link) start(ctx context.Context, starts []holder.Start) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.connect(ctx); err != nil {
		return err
	}
	if l.client.Inherits() && slices.ContainsFunc(starts, func(s holder.Start) bool { return s.Confined }) {
		return fmt.Errorf("the holder (pid %d) is of an earlier version, which cannot keep processes from gaining privileges: when nothing runs, stop the runtime for a minute, or end the holder", l.client.PID())
	}
	l.seq++
	for i := range starts {
		l.pending[starts[i].Attempt] = pendingStart{l.seq, i, &starts[i]}
	}
	l.send(&holder.Request{Seq: l.seq, Starts: starts})
	return nil
}

// do hands over stops or forgets. They are kept until the holder has done them.
func (l *link) do(ctx context.Context, r holder.Request) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.connect(ctx); err != nil {
		return err
	}
	l.seq++
	r.Seq = l.seq
	for _, id := range r.Forget {
		delete(l.pending, id)
	}
	l.undone = append(l.undone, r)
	l.send(&r)
	return nil
}

// send writes r. An error is left to the reader, which makes a new connection and sends again.
func (l *link) send(r *holder.Request) {
	if err := l.client.Send(r); err != nil {
		l.log.Warn("the holder did not take an order; it will be sent again", "error", err)
		_ = l.client.Close() // wakes the reader, if it does not know yet
	}
}

// census asks the holder what it holds; nothing, if there is no holder.
func (l *link) census(ctx context.Context) ([]compute.Presence, error) {
	l.mu.Lock()
	if found, err := l.connectIfAny(ctx); err != nil || !found {
		l.mu.Unlock()
		return nil, err
	}
	l.seq++
	seq, answer, lost := l.seq, make(chan *holder.Census, 1), l.lost
	l.asked[seq] = answer
	l.send(&holder.Request{Seq: seq, Census: true})
	l.mu.Unlock()
	select {
	case <-lost:
		return nil, errors.New("the connection to the holder broke while it was asked for a census")
	case c := <-answer:
		all := make([]compute.Presence, len(c.Attempts))
		for i := range c.Attempts {
			all[i] = c.Attempts[i].Unpack()
		}
		return all, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for the holder's census: %w", ctx.Err())
	}
}

// read takes responses until the connection breaks, and then makes a new one.
func (l *link) read(client *holder.Client) {
	first := true // the first census is the one that adopt asked for
	for {
		r, err := client.Receive()
		if err != nil {
			l.broken(client, err)
			return
		}
		if r.FaultChanged {
			l.faults.set(byHolder, batch.Processes, r.Fault)
		}
		l.heard(r.Events)
		l.settle(r)
		if r.Census == nil {
			continue
		}
		if first {
			l.catchUp(client, r.Census)
			first = false
		}
		l.answer(r.Census)
	}
}

// answer hands c to those who asked for it or for one before it.
func (l *link) answer(c *holder.Census) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for seq, ask := range l.asked {
		if seq <= c.Seq {
			ask <- c
			delete(l.asked, seq)
		}
	}
}

// heard reports events.
func (l *link) heard(events []holder.Presence) {
	if len(events) == 0 {
		return
	}
	said := make([]batch.Report, 0, len(events))
	for i := range events {
		switch p := events[i].Unpack(); p.State {
		case compute.Running:
			said = append(said, p.Started)
		case compute.Ended:
			said = append(said, batch.AttemptExited{Exit: p.Exit})
		case compute.WaitingAhead:
		}
	}
	l.say(said...)
}

// settle drops what the holder has confirmed.
func (l *link) settle(r *holder.Response) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range r.Events {
		delete(l.pending, r.Events[i].Attempt)
	}
	done := 0
	for done < len(l.undone) && l.undone[done].Seq <= r.Done {
		done++
	}
	l.undone = slices.Delete(l.undone, 0, done)
}

// catchUp reports everything that the holder holds and sends what it did not get.
func (l *link) catchUp(client *holder.Client, c *holder.Census) {
	l.heard(c.Attempts)
	l.mu.Lock()
	defer l.mu.Unlock()
	waiting := map[batch.AttemptID]bool{}
	for _, p := range c.Attempts {
		if p.State == compute.WaitingAhead {
			waiting[p.Attempt] = true
			continue
		}
		delete(l.pending, p.Attempt)
	}
	if l.client != client {
		return
	}
	var missing []pendingStart
	for id, p := range l.pending {
		if !waiting[id] {
			missing = append(missing, p)
		}
	}
	slices.SortFunc(missing, func(a, b pendingStart) int {
		return cmp.Or(cmp.Compare(a.seq, b.seq), cmp.Compare(a.index, b.index))
	})
	again := holder.Request{Seq: l.seq}
	for _, p := range missing {
		again.Starts = append(again.Starts, *p.start)
	}
	for _, r := range l.undone {
		again.Stops, again.Forget = append(again.Stops, r.Stops...), append(again.Forget, r.Forget...)
	}
	if len(again.Starts)+len(again.Stops)+len(again.Forget) > 0 {
		l.send(&again)
	}
}

// broken lets go of a connection and makes a new one, unless the driver is closed.
func (l *link) broken(client *holder.Client, cause error) {
	_ = client.Close() // it is of no use any more
	l.mu.Lock()
	l.client = nil
	close(l.lost)
	clear(l.asked)
	stay := l.closed || l.ended
	l.mu.Unlock()
	if stay {
		return
	}
	l.log.Warn("the connection to the holder broke; it is made again", "error", cause)
	l.connectAgain()
}

// connectAgain tries to reach the holder until it succeeds, or the driver is closed.
func (l *link) connectAgain() {
	for pause := firstPause; !l.reconnect(); pause = min(2*pause, lastPause) {
		select {
		case <-l.done:
			return
		case <-time.After(pause):
		}
	}
}

// reconnect reports whether there is nothing left to try.
func (l *link) reconnect() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || l.client != nil {
		return true
	}
	ctx, cancel := context.WithTimeout(context.Background(), spawnTimeout)
	defer cancel()
	connect := l.connect
	if len(l.pending) == 0 && len(l.undone) == 0 {
		connect = func(ctx context.Context) error {
			_, err := l.connectIfAny(ctx)
			return err
		}
	}
	if err := connect(ctx); err != nil {
		l.log.Warn("the holder cannot be reached; it is tried again", "error", err)
		return false
	}
	return true
}

// endHolder tells the holder to kill what runs and to end, and waits until the connection breaks.
func (l *link) endHolder(ctx context.Context) error {
	l.mu.Lock()
	found, err := l.connectIfAny(ctx)
	if err != nil || !found {
		l.mu.Unlock()
		return err
	}
	l.seq++
	lost := l.lost
	l.ended = true
	l.send(&holder.Request{Seq: l.seq, Shutdown: true})
	l.mu.Unlock()
	select {
	case <-lost:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting for the holder to end: %w", ctx.Err())
	}
}
