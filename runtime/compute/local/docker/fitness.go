package docker

import (
	"context"
	"sync"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// fitness is whether the daemon starts containers. It is reported when it changes; a daemon that nobody has asked for
// anything is not missed.
type fitness struct {
	say func(...batch.Report)

	mu     sync.Mutex
	missed bool          // somebody wants containers, or there were some
	reason string        // why it starts nothing; empty if it does
	said   string        // what was reported last
	until  time.Time     // a daemon that answers is not believed to be well before
	pause  time.Duration // of until: longer if a start was refused soon after the daemon was believed
	wake   chan struct{} // holds a token when the daemon is to be looked at now
}

func newFitness(say func(...batch.Report)) *fitness {
	return &fitness{say: say, wake: make(chan struct{}, 1)}
}

// wanted notes that containers are to run here.
func (f *fitness) wanted() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.missed {
		f.missed = true
		f.tell()
		f.look()
	}
}

// isMissed reports whether the end of the daemon is looked for.
func (f *fitness) isMissed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.missed
}

// refused notes that a start failed for a cause of the machine. If the daemon was reached, nothing but another start shows that the
// cause has ended, so it counts for a moment.
func (f *fitness) refused(reason string, reached bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now := time.Now(); reached && f.reason == "" {
		if now.Sub(f.until) > 2*lastBelief {
			f.pause = 0
		}
		f.pause = min(max(2*f.pause, firstBelief), lastBelief)
		f.until = now.Add(f.pause)
		time.AfterFunc(f.pause, f.look)
	}
	f.reason = reason
	f.tell()
	f.look()
}

// unreachable notes that the daemon does not answer, and why.
func (f *fitness) unreachable(reason string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reason = reason
	f.tell()
}

// answers notes that the daemon does.
func (f *fitness) answers() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !time.Now().Before(f.until) {
		f.reason = ""
		f.tell()
	}
}

// tell reports what has changed, with mu held.
func (f *fitness) tell() {
	if f.missed && f.reason != f.said {
		f.said = f.reason
		f.say(batch.HostFault{Host: batch.LocalHost, Runner: batch.Containers, Reason: f.reason})
	}
}

// look has the daemon looked at soon.
func (f *fitness) look() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// await waits until it is time to look at a daemon that did not answer; false if ctx ended.
func (f *fitness) await(ctx context.Context) bool {
	wait := sweepEvery
	if f.isMissed() {
		wait = pingEvery
	}
	waiting, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	select {
	case <-waiting.Done():
	case <-f.wake:
	}
	return ctx.Err() == nil
}
