package docker

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/events"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// The daemon reads the output of containers and writes it down. What a container writes while no daemon runs waits in a pipe of
// 64 KiB. A daemon that is started again reads the pipe of a container that runs still; that of a container which has ended
// is gone, with what was in it. What a daemon had read and not yet written down when it was killed is gone, too: a line in the middle
// of the output of a container that goes on. The log of such an attempt is what the daemon has, and the attempt says so.
//
// The output of an attempt is whole if one of these holds:
//   - The stream that follows it ended in order, neither the start of the container nor a stream of it was broken off before, and the
//     container did not end before the daemon's first answer. Docker ends a stream in order only after it has read the output to its end.
//   - The daemon remembers an event from before the connection was cut, or batchd went away: the daemon was there all the time.
//
// If the container ended after the new daemon's first answer to the runner, then the new daemon saw the end.
//
// Neither the daemon's word that a container runs nor its event of the end decides. A daemon that has just been started takes a
// container that ended a moment before for a running one, and then writes an event of the end which it did not see.

// Reasons of attempts during which the daemon may have gone away. Nothing says for certain that it did: a daemon that was there all the
// time forgets an event after 256 others.
const (
	outputTorn    = "the Docker daemon may have been started again while the container ran: output that it had read and not yet written down may be missing"
	outputMissing = "the Docker daemon may not have been running when the container ended: the end of its output may be missing"
	endMissed     = "the Docker daemon may not have been running when the container ended: its exit code is not known"
	endedByDaemon = "the Docker daemon may have been started again while the container ran, and may have ended it"
)

// tellAbsence adds to exit what it means for it that the daemon may have been away while a's container ran.
func (r *Runner) tellAbsence(a *attempt, state *container.State, exit *batch.Exit) {
	r.mu.Lock()
	stopping := a.stopping
	r.mu.Unlock()
	switch code := state.ExitCode; {
	case !r.absence.mayCover(timeOf(state.FinishedAt)):
		exit.Reason = outputTorn
	case code == codeUnknown:
		exit.Kind, exit.Code, exit.Reason = batch.Lost, nil, endMissed
	case !stopping && (code == codeTerminated || code == codeKilled):
		exit.Reason = endedByDaemon
	default:
		exit.Reason = outputMissing
	}
}

// part notes that a connection to the daemon that concerns a was lost after heard, a time of the daemon's clock. If one was lost before
// and may have been the end of the daemon, that stands.
func (r *Runner) part(a *attempt, heard batch.Time) {
	r.absence.begin()
	if !a.apart {
		a.apart, a.heard = true, heard
	}
}

// lastHeard is the newest time of the daemon's clock that is known of a.
func (a *attempt) lastHeard() batch.Time { return max(a.started.At, a.recent.newest) }

// endedUnseen reports whether a container that was found may have ended while the daemon was away, too: before the first answer, and
// nothing shows that this daemon was there at heard. What the daemon said of it when it was found does not decide.
func (r *Runner) endedUnseen(ctx context.Context, state *container.State, heard batch.Time) bool {
	return r.absence.mayCover(timeOf(state.FinishedAt)) && !r.remembers(ctx, heard)
}

// remembers reports whether the daemon has an event that is not later than at, a time of its own clock. Docker keeps the newest 256
// events in memory, so that a daemon which was started after at has none.
func (r *Runner) remembers(ctx context.Context, at batch.Time) bool {
	if at == 0 {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	messages, errs := r.daemon.Events(ctx, events.ListOptions{Since: "0", Until: unixTime(at)})
	select {
	case <-messages:
		return true
	case err := <-errs:
		if !errors.Is(err, io.EOF) { // which says that there are no more
			r.logger.Info("asking the daemon for its first events", "error", err)
		}
		return false
	}
}

// absence is the latest absence of the daemon. The whole runner shares it: the first answer to anything it asks
// shows that the daemon is back. It lasts from the beginning: what the daemon did before the first answer is not known.
type absence struct {
	mu    sync.Mutex
	lost  int        // how often the connection was lost
	lasts bool       // the daemon has not answered since
	until batch.Time // when it answered first after the latest absence that is over
}

// begin notes that the daemon ended a connection or does not take one.
func (n *absence) begin() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lost++
	n.lasts = true
}

// asking returns the mark of a request that is made now, for [absence.answered].
func (n *absence) asking() (mark int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.lost
}

// answered notes that the daemon answered the request of mark. An answer to a request from before the latest loss of the connection
// does not show that the daemon is back.
func (n *absence) answered(mark int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.lasts && mark == n.lost {
		n.lasts, n.until = false, now()
	}
}

// mayCover reports whether the daemon may have been away at a time. A daemon reads the output of containers that run before it
// answers for the first time, so an end after that answer was seen. The clock is the one of this machine, as the daemon's is.
func (n *absence) mayCover(at batch.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.lasts || at <= n.until
}
