package computetest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
	"github.com/batchd/terraform-provider-batch/runtime/joblog/logtest"
)

// FakeOptions is what a [Fake] is made from; every field may be left out.
type FakeOptions struct {
	// Capacity of the one host; zero means 4 vCPUs and 8 GiB.
	Capacity batch.Shape
	// Behave says what an attempt does; nil reads the behaviour that [Container] put into the
	// command, and lets any other command end at once with code 0.
	Behave func(compute.Start) Behaviour
	// Digests maps images to what they stand for.
	Digests map[string]string
	// Cloud, if set, makes it a driver whose hosts are launched by order, see [NewCloud].
	Cloud *Cloud
}

// Fake is a driver over a world in memory that behaves as a local machine does: attempts run in
// lanes for as long as their [Behaviour] says, by the clock of package time (and so by the
// bubble's clock under testing/synctest), and outlive the driver. It is safe for concurrent use.
// It implements [compute.Driver], [compute.Lifecycle] and [compute.ImageResolver]; [Fake.Logs] reads its logs.
type Fake struct {
	world   *world
	queue   chan struct{} // holds a token while pending is not empty
	reports chan []batch.Report
	done    chan struct{} // closed by Close; nil while not open
	pump    sync.WaitGroup

	mu      sync.Mutex
	pending []batch.Report
}

// NewFake returns a driver over a world of its own.
func NewFake(o FakeOptions) *Fake {
	if o.Capacity == (batch.Shape{}) {
		o.Capacity = batch.Shape{MilliCPU: 4000, MemoryMiB: 8192}
	}
	if o.Behave == nil {
		o.Behave = behaviourOf
	}
	return newHandle(newWorld(o))
}

// NewCloud returns a driver over a world of its own that has no hosts until some are launched.
func NewCloud(o FakeOptions) *FakeCloud {
	if o.Cloud == nil {
		o.Cloud = &Cloud{}
	}
	return &FakeCloud{NewFake(o)}
}

func newHandle(w *world) *Fake {
	return &Fake{world: w, queue: make(chan struct{}, 1), reports: make(chan []batch.Report)}
}

// Again returns another driver over the same world, as a restarted batchd has. Close the old one first.
func (f *Fake) Again() *Fake { return newHandle(f.world) }

// Open implements [compute.Lifecycle].
func (f *Fake) Open(context.Context) error {
	if f.done != nil {
		return errors.New("fake driver: opened twice")
	}
	f.done = make(chan struct{})
	f.pump.Go(f.deliver)
	f.world.listen(f.say)
	return nil
}

// Close implements [compute.Lifecycle].
func (f *Fake) Close(context.Context) error {
	f.world.listen(nil)
	if f.done != nil {
		close(f.done)
		f.pump.Wait()
		f.done = nil
	}
	return nil
}

// say queues reports for whoever receives them.
func (f *Fake) say(reports ...batch.Report) {
	f.mu.Lock()
	f.pending = append(f.pending, reports...)
	f.mu.Unlock()
	select {
	case f.queue <- struct{}{}:
	default:
	}
}

func (f *Fake) deliver() {
	for {
		select {
		case <-f.done:
			return
		case <-f.queue:
		}
		f.mu.Lock()
		reports := f.pending
		f.pending = nil
		f.mu.Unlock()
		select {
		case <-f.done:
			return
		case f.reports <- reports:
		}
	}
}

// Kinds implements [compute.Driver].
func (f *Fake) Kinds() []batch.Kind {
	if f.world.options.Cloud != nil {
		return []batch.Kind{batch.EC2, batch.Spot}
	}
	return []batch.Kind{batch.Local}
}

// Start implements [compute.Driver].
func (f *Fake) Start(_ context.Context, starts []compute.Start) error {
	f.world.start(starts)
	return nil
}

// Stop implements [compute.Driver]. A running attempt ends with code 143 at once.
func (f *Fake) Stop(_ context.Context, stops []compute.Stop) error {
	f.world.stop(stops)
	return nil
}

// Forget implements [compute.Driver].
func (f *Fake) Forget(_ context.Context, attempts []batch.AttemptID) error {
	f.world.forget(attempts)
	return nil
}

// Census implements [compute.Driver].
func (f *Fake) Census(context.Context) (compute.Census, error) { return f.world.census(), nil }

// Reports implements [compute.Driver].
func (f *Fake) Reports() <-chan []batch.Report { return f.reports }

// ImageDigest implements [compute.ImageResolver].
func (f *Fake) ImageDigest(_ context.Context, image string) (string, error) {
	return f.world.options.Digests[image], nil
}

// Finish ends a running attempt with code. It reports whether the attempt ran.
func (f *Fake) Finish(attempt batch.AttemptID, code int32) bool {
	return f.world.finish(attempt, code)
}

// Lose ends everything that runs as [batch.Lost], as the death of what watches it does; what waits
// runs then.
func (f *Fake) Lose() { f.world.lose() }

// SetUnfit makes the machine start nothing, for a reason, as a machine without free descriptors does: what is ordered is refused, and
// the fault is reported. An empty reason ends that.
func (f *Fake) SetUnfit(reason string) { f.world.setUnfit(reason) }

// Running lists the attempts that run now, in the order in which they started.
func (f *Fake) Running() []batch.AttemptID { return f.world.list(compute.Running) }

// Waiting lists the attempts that wait in lanes, in order.
func (f *Fake) Waiting() []batch.AttemptID { return f.world.list(compute.WaitingAhead) }

// Began says how often each attempt has begun to run, forgotten ones included. More than once is a
// broken promise of the service.
func (f *Fake) Began() map[batch.AttemptID]int { return f.world.beganCopy() }

// Logs reads the output of the world's attempts.
func (f *Fake) Logs() joblog.Readers {
	return joblog.Readers{batch.LogSegments: &Logs{world: f.world}, logtest.Kind: f.world.elsewhere}
}

var (
	_ compute.Driver        = (*Fake)(nil)
	_ compute.Lifecycle     = (*Fake)(nil)
	_ compute.ImageResolver = (*Fake)(nil)
)

// now is the moment in the service's resolution.
func now() batch.Time { return batch.At(time.Now()) }
