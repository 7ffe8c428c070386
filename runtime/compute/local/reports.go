//go:build linux || darwin

package local

import (
	"sync"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// reports keeps what is to be said until the receiver takes it.
type reports struct {
	out  chan []batch.Report
	bell chan struct{} // holds a token while there is something to say

	mu      sync.Mutex
	waiting []batch.Report
}

func newReports() *reports {
	return &reports{out: make(chan []batch.Report), bell: make(chan struct{}, 1)}
}

func (r *reports) put(said []batch.Report) {
	r.mu.Lock()
	r.waiting = append(r.waiting, said...)
	r.mu.Unlock()
	select {
	case r.bell <- struct{}{}:
	default:
	}
}

func (r *reports) take() []batch.Report {
	r.mu.Lock()
	defer r.mu.Unlock()
	said := r.waiting
	r.waiting = nil
	return said
}

// deliver hands everything to the receiver until done.
func (r *reports) deliver(done <-chan struct{}) {
	for {
		select {
		case <-done:
			return
		case <-r.bell:
		}
		select {
		case <-done:
			return
		case r.out <- r.take():
		}
	}
}
