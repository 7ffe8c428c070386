//go:build linux || darwin

package holder

import (
	"slices"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

// over reports whether the holder has nothing left to do, and notes since when.
func (h *holder) over(now time.Time) bool {
	patience := IdleExit
	if len(h.attempts) > 0 {
		patience = KeptExit
	}
	switch {
	case h.ending || h.moved && !h.failing:
		return h.running == 0
	case h.outdated() && !h.busy():
		return true
	case h.client != nil || h.busy():
		h.idleFrom = time.Time{}
	case h.idleFrom.IsZero():
		h.idleFrom = now
	default:
		return now.Sub(h.idleFrom) >= patience
	}
	return false
}

// leaving reports whether the holder ends as soon as it can.
func (h *holder) leaving() bool { return h.ending || h.moved || h.outdated() }

// outdated reports whether the runtime has other resource limits than the holder, which cannot give its jobs those.
func (h *holder) outdated() bool {
	return len(h.around.Limits) > 0 && !slices.Equal(h.around.Limits, h.own.Limits)
}

// busy reports whether h holds what a successor would not find in the journal.
func (h *holder) busy() bool {
	if h.running > 0 || h.failing {
		return true
	}
	for _, a := range h.attempts {
		if a.state != compute.Ended {
			return true
		}
	}
	return false
}

// abandoned reports whether nobody will come any more: the state directory was removed, and the socket with it. One that
// was moved has the socket. Where only the socket was removed, the holder listens again.
func (h *holder) abandoned() bool {
	return h.client == nil && !h.dir.has(socketName) && !h.dir.there()
}

// watch looks after what others may do to the state directory.
func (h *holder) watch(now time.Time) {
	h.watchAt = now.Add(watchEvery)
	h.lookAround()
	switch {
	case h.ending:
	case h.abandoned():
		h.shutDown()
	case !h.moved && !h.dir.has(socketName):
		h.listenAgain()
	}
}

// listenAgain makes the socket again, which somebody removed. One that cannot be made is tried at the next look.
func (h *holder) listenAgain() {
	err := h.server.listenAgain()
	if !h.deaf {
		h.log.Warn("the socket of the holder was removed; it is made again", "socket", socketName, "error", err)
	}
	h.deaf = err != nil
}

// lookAround finds out whether the state directory is still where it was.
func (h *holder) lookAround() {
	moved := !h.dir.there()
	if moved && !h.moved {
		h.log.Warn("the state directory is not at its path any more; nothing is started, and the holder ends when nothing runs", "directory", h.dir.path)
	}
	h.moved = moved
}
