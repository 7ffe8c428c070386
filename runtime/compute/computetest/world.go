package computetest

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/joblog/logtest"
)

// Exit codes a stopped or killed attempt has.
const codeTerminated = 143

// loopback is where attempts of the one host of a Fake reach each other.
const loopback = "127.0.0.1"

// world is the machine of a Fake.
type world struct {
	options FakeOptions

	mu       sync.Mutex
	attempts map[batch.AttemptID]*attempt
	began    map[batch.AttemptID]int
	running  map[string]int        // by lane
	waiting  map[string][]*attempt // by lane, first come first
	order    int64                 // numbers attempts as they come and begin
	log      []record
	// elsewhere keeps the output of attempts that do not leave it in log.
	elsewhere *logtest.Remote
	tell      func(...batch.Report)
	unfit     string               // why nothing is started; empty if it is
	cloud     map[string]*instance // hosts that were launched, or were released before they could be
	// environments are those that were provisioned, with their UUIDs, by name.
	environments map[string]string
}

// attempt is one that the world holds.
type attempt struct {
	start compute.Start
	does  Behaviour
	state compute.PresenceState
	order int64
	began batch.AttemptStarted
	exit  batch.Exit
	timer *time.Timer
}

func newWorld(o FakeOptions) *world {
	return &world{
		options: o, attempts: map[batch.AttemptID]*attempt{}, began: map[batch.AttemptID]int{},
		running: map[string]int{}, waiting: map[string][]*attempt{}, tell: func(...batch.Report) {},
		cloud: map[string]*instance{}, environments: map[string]string{}, elsewhere: logtest.NewRemote(),
	}
}

// listen makes tell the one that hears what happens, starting with the host; nil is nobody.
func (w *world) listen(tell func(...batch.Report)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if tell == nil {
		w.tell = func(...batch.Report) {}
		return
	}
	w.tell = tell
	for _, h := range w.hosts() {
		tell(batch.HostReady{Host: h})
	}
}

// hosts are those that take attempts.
func (w *world) hosts() []batch.Host {
	if w.options.Cloud != nil {
		return w.serving()
	}
	return []batch.Host{{
		ID: batch.LocalHost, Kind: batch.Local, Name: "fake", Capacity: w.options.Capacity, Address: loopback, Ready: true,
		SeenAt: now(),
	}}
}

func (w *world) start(starts []compute.Start) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range starts {
		if known := w.attempts[s.Attempt]; known != nil {
			if known.state == compute.WaitingAhead && !s.Ahead {
				w.withdraw(known)
				w.begin(known)
			}
			continue
		}
		a := &attempt{start: s, does: w.options.Behave(s), state: compute.WaitingAhead, order: w.next()}
		w.attempts[s.Attempt] = a
		if s.Ahead && w.running[s.Lane] > 0 {
			w.waiting[s.Lane] = append(w.waiting[s.Lane], a)
			continue
		}
		w.begin(a)
	}
}

// withdraw takes a out of those that wait in its lane.
func (w *world) withdraw(a *attempt) {
	lane := a.start.Lane
	w.waiting[lane] = slices.DeleteFunc(w.waiting[lane], func(b *attempt) bool { return b == a })
}

// begin runs a and reports whether it holds a place of its lane now.
func (w *world) begin(a *attempt) bool {
	if w.unfit != "" {
		w.end(a, compute.OfMachine.NotStarted(w.unfit))
		return false
	}
	if w.options.Cloud != nil && !w.serves(a.start.Host) {
		w.end(a, compute.OfMachine.NotStarted("host "+a.start.Host+" is not there"))
		return false
	}
	if a.does.Refuse != "" {
		w.end(a, batch.Exit{Kind: batch.FailedToStart, Reason: a.does.Refuse})
		return false
	}
	id := a.start.Attempt
	w.running[a.start.Lane]++
	w.began[id]++
	a.state, a.order = compute.Running, w.next()
	a.began = batch.AttemptStarted{Attempt: id, At: now(), Log: batch.LogFrom(w.position())}
	if a.does.Elsewhere {
		a.began.Log = logtest.Ref(id)
	}
	w.print(id, a.does.Output)
	w.tell(a.began)
	if !a.does.Manual {
		a.timer = time.AfterFunc(a.does.After, func() { w.finish(id, a.does.Code) })
	}
	return true
}

// finish ends a running attempt by itself.
func (w *world) finish(id batch.AttemptID, code int32) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	a := w.attempts[id]
	if a == nil || a.state != compute.Running {
		return false
	}
	exit := batch.Exit{Kind: batch.Exited, Code: &code}
	if a.does.Result != "" {
		exit.TakeResult([]byte(a.does.Result))
	}
	w.leave(a, exit)
	return true
}

// leave ends a running attempt and gives its place to the first that waits.
func (w *world) leave(a *attempt, exit batch.Exit) {
	if a.timer != nil {
		a.timer.Stop()
	}
	exit.StartedAt = a.began.At
	if exit.Log = a.began.Log; !a.does.Elsewhere {
		exit.Log.Span = w.span(a.start.Attempt, exit.Log.Span.From)
	}
	w.running[a.start.Lane]--
	w.end(a, exit)
	w.advance(a.start.Lane)
}

// advance begins the first that waits in lane and can be started.
func (w *world) advance(lane string) {
	for len(w.waiting[lane]) > 0 {
		first := w.waiting[lane][0]
		w.waiting[lane] = w.waiting[lane][1:]
		if w.begin(first) {
			return
		}
	}
}

// end keeps and reports the exit of a.
func (w *world) end(a *attempt, exit batch.Exit) {
	exit.Attempt, exit.StoppedAt, exit.BaseKey = a.start.Attempt, now(), a.start.BaseKey
	if image := a.start.Container.Image; image != "" && exit.Kind == batch.Exited {
		exit.ImageDigest = w.options.Digests[image]
	}
	a.state, a.exit = compute.Ended, exit
	w.tell(batch.AttemptExited{Exit: exit})
}

func (w *world) stop(stops []compute.Stop) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range stops {
		a := w.attempts[s.Attempt]
		switch {
		case a == nil:
			a = &attempt{start: compute.Start{Attempt: s.Attempt}, order: w.next()}
			w.attempts[s.Attempt] = a
			w.end(a, batch.Exit{Kind: batch.Recalled})
		case a.state == compute.WaitingAhead:
			w.withdraw(a)
			w.end(a, batch.Exit{Kind: batch.Recalled})
		case a.state == compute.Running && !s.Recall:
			code := int32(codeTerminated)
			w.leave(a, batch.Exit{Kind: batch.Exited, Code: &code})
		}
	}
}

// setUnfit makes the machine start nothing, for a reason; an empty one ends that.
func (w *world) setUnfit(reason string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.unfit != reason {
		w.unfit = reason
		w.tell(w.fault(batch.Processes), w.fault(batch.Containers))
	}
}

func (w *world) fault(runner batch.Runner) batch.HostFault {
	return batch.HostFault{Host: batch.LocalHost, Runner: runner, Reason: w.unfit}
}

func (w *world) lose() {
	w.mu.Lock()
	defer w.mu.Unlock()
	last := w.order
	for _, a := range w.sorted() {
		if a.state == compute.Running && a.order <= last {
			w.leave(a, batch.Exit{Kind: batch.Lost, Reason: "the holder ended"})
		}
	}
}

func (w *world) forget(ids []batch.AttemptID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, id := range ids {
		if a := w.attempts[id]; a != nil && a.state == compute.Ended {
			delete(w.attempts, id)
		}
	}
}

func (w *world) census() compute.Census {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := compute.Census{Hosts: w.hosts(), Coming: w.coming()}
	if w.options.Cloud == nil {
		c.Faults = []batch.HostFault{w.fault(batch.Processes), w.fault(batch.Containers)}
	}
	for _, a := range w.sorted() {
		p := compute.Presence{Attempt: a.start.Attempt, State: a.state}
		switch a.state {
		case compute.Running:
			p.Started = a.began
		case compute.Ended:
			p.Exit = a.exit
		case compute.WaitingAhead:
		}
		c.Attempts = append(c.Attempts, p)
	}
	return c
}

func (w *world) list(state compute.PresenceState) []batch.AttemptID {
	w.mu.Lock()
	defer w.mu.Unlock()
	var ids []batch.AttemptID
	for _, a := range w.sorted() {
		if a.state == state {
			ids = append(ids, a.start.Attempt)
		}
	}
	return ids
}

// sorted returns the attempts by order, so that nothing depends on a map.
func (w *world) sorted() []*attempt {
	return slices.SortedFunc(maps.Values(w.attempts), func(a, b *attempt) int { return cmp.Compare(a.order, b.order) })
}

func (w *world) beganCopy() map[batch.AttemptID]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.began)
}

func (w *world) next() int64 {
	w.order++
	return w.order
}
