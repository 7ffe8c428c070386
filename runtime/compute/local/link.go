//go:build linux || darwin

package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/compute/local/holder"
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
	madeAt  time.Time     // when client was connected
	brief   int           // connections in a row that did not last
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
		return fmt.Errorf("the holder (pid %d) is of an earlier version, which cannot keep processes from gaining privileges: it ends when nothing runs in it", l.client.PID())
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
		if r.Census != nil {
			if first {
				l.catchUp(client, r.Census)
				first = false
			}
			l.answer(r.Census)
		}
		l.retire(client, r)
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
