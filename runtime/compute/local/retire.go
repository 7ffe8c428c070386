//go:build linux || darwin

package local

import (
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/compute/local/holder"
)

// retire ends a holder of an earlier version once nothing runs or waits in it, so that what starts next has what this version
// promises. It would not end by itself while this process is connected. Its successor reads what it has kept from the journal.
//
// Only a census tells that it is idle: an order that it had not taken when it counted is pending still. What is ordered while
// it ends is ignored by it, stays pending, and goes to the successor.
func (l *link) retire(client *holder.Client, r *holder.Response) {
	if !client.Inherits() {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.client != client || len(l.pending) > 0 {
		return
	}
	switch {
	case r.Census != nil && !slices.ContainsFunc(r.Census.Attempts, isLive):
		l.log.Info("the holder of an earlier version is idle and ends", "pid", client.PID())
		l.send(&holder.Request{Seq: l.seq, Shutdown: true})
	case r.Census == nil && len(r.Events) > 0 && !slices.ContainsFunc(r.Events, isLive):
		l.seq++
		l.send(&holder.Request{Seq: l.seq, Census: true})
	}
}

func isLive(p holder.Presence) bool { return p.State != compute.Ended }
