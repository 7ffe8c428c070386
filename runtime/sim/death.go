package sim

import "github.com/batchd/terraform-provider-batch/runtime/batch"

// die takes the host away with everything it holds, and brings it back empty. It is back only when its death is
// committed and nothing decided before is on its way any more: a driver says that a host is ready
// when it can tell old orders from new ones.
func (h *host) die(key string) {
	h.w.story.say(h.w, "the host dies")
	h.up, h.heard = false, false
	h.deaths++
	for _, a := range h.sorted() {
		if a.state == runs {
			h.true(a.id).killed = true
		}
	}
	clear(h.attempts)
	clear(h.running)
	clear(h.waiting)
	h.opened()
	h.w.after(h.w.dice.span(10*millisecond, 8*second, "dead for", key), h.recover)
}

// recover brings the host back, or says again that it is gone.
func (h *host) recover() {
	if !h.heard || h.w.wire.inFlight > 0 || h.w.engine.busy {
		if !h.heard {
			h.opened()
		}
		h.w.after(50*millisecond, h.recover)
		return
	}
	h.w.story.say(h.w, "the host is back")
	h.up = true
	h.opened()
}

// opened says how the host is, to a process that begins to listen or has to be told.
func (h *host) opened() {
	if h.up {
		h.w.postHost(batch.HostReady{Host: h.row()})
		return
	}
	h.w.postHost(batch.HostGone{ID: batch.LocalHost})
}
