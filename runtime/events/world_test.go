package events

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/compute/computetest"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/registry"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/store/storetest"
	"github.com/batchd/terraform-provider-batch/runtime/submit"
)

// world is an engine over a store and a machine in memory, in a bubble of testing/synctest.
type world struct {
	*testing.T
	store  *storetest.Memory
	driver *computetest.Fake
	engine *engine.Engine
	source *Source
}

func inWorld(t *testing.T, body func(*world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, store: storetest.NewMemory(), driver: computetest.NewFake(computetest.FakeOptions{})}
		w.start()
		w.furnish()
		body(w)
		w.stop()
	})
}

func (w *world) start() {
	w.Helper()
	w.must(w.driver.Open(w.Context()))
	w.engine = engine.New(engine.Options{
		Store: w.store, Drivers: []compute.Driver{w.driver}, Config: sched.Config{HostGrace: time.Minute},
	})
	w.must(w.engine.Start(w.Context()))
	place := batch.Place{Region: "us-east-1", Account: "123456789012"}
	w.source = &Source{
		Store: w.store, Place: place, Tail: w.engine.LastTransition,
	}
	synctest.Wait() // the host is there
}

func (w *world) stop() {
	w.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	w.must(w.engine.Stop(ctx))
	w.must(w.driver.Close(ctx))
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func do[R any](w *world, c sched.Returning[R]) R {
	w.Helper()
	reply, err := engine.Do(w.Context(), w.engine, c)
	w.must(err)
	return reply
}

// furnish makes an environment of 2 vCPUs, two queues over it, and a definition that is done after a second.
func (w *world) furnish() {
	w.Helper()
	do(w, sched.CreateEnvironment{Environment: batch.Environment{Name: "here", UUID: "e1", Kind: batch.Local, Max: batch.Shape{MilliCPU: 2000}}})
	for i, name := range []string{"work", "other"} {
		do(w, sched.CreateQueue{Queue: batch.Queue{
			Name: name, UUID: fmt.Sprint("q", i), Priority: 1, Environments: []batch.EnvironmentOrder{{Order: 1, Environment: "here"}},
		}})
	}
	c := computetest.Container(computetest.Behaviour{After: time.Second})
	c.Shape = batch.Shape{MilliCPU: 1000}
	do(w, sched.RegisterDefinition{Definition: batch.Definition{Name: "second", Runs: true, Container: c}})
	c.Shape = batch.Shape{MilliCPU: 64_000}
	do(w, sched.RegisterDefinition{Definition: batch.Definition{Name: "huge", Runs: true, Container: c}})
}

// close leaves no room in the environment, so that nothing starts.
func (w *world) close() {
	w.Helper()
	do(w, sched.UpdateEnvironment{Environment: batch.Environment{Name: "here", UUID: "e1", Revision: 1, Kind: batch.Local, State: batch.Enabled}})
}

// submit submits a job, or an array if size is not 0, and waits until it can have ended.
func (w *world) submit(id batch.JobID, queue, definition string, size int32) {
	w.Helper()
	do(w, sched.SubmitJob{Request: submit.Request{ID: id, Name: string(id), Queue: queue, Definition: batch.DefinitionRef{Name: definition}, Size: size, Tags: map[string]string{"team": "blue"}}})
	<-time.After(time.Duration(size+2) * time.Second)
	synctest.Wait()
}

// read reads all events.
func (w *world) read(f wire.EventFilter) (all []wire.Event) {
	w.Helper()
	for after := int64(0); ; {
		page, err := w.source.Read(w.Context(), after, f)
		w.must(err)
		all = append(all, page.Events...)
		if page.Next == after {
			return all
		}
		after = page.Next
	}
}

// said renders events shortly.
func said(told []wire.Event) []string {
	var lines []string
	for _, e := range told {
		line := e.Detail.JobID + " " + e.Detail.Status
		if e.Batchd.Children != "" {
			line += " children " + e.Batchd.Children
		}
		if e.DetailType == wire.EventQueueBlocked {
			line += " blocked"
		}
		lines = append(lines, line)
	}
	return lines
}

func (w *world) expect(got []string, want ...string) {
	w.Helper()
	if !slices.Equal(got, want) {
		w.Errorf("told %q, want %q", got, want)
	}
}

// basket is a sink in memory that refuses events while it is down.
type basket struct {
	mu     sync.Mutex
	down   bool
	refuse int // it takes over the next so many deliveries and says that it did not
	told   []wire.Event
	closed bool
}

func (b *basket) deliver(_ context.Context, told []wire.Event) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.down {
		return len(told), fmt.Errorf("it is down")
	}
	b.told = append(b.told, told...)
	if b.refuse > 0 {
		b.refuse--
		return len(told), fmt.Errorf("the answer was lost")
	}
	return len(told), nil
}

func (b *basket) close() error { b.closed = true; return nil }

func (b *basket) set(down bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.down = down
}

// outbox starts to carry to a basket.
func (w *world) outbox(b *basket) *Outbox {
	w.Helper()
	o := w.newOutbox(SinkConfig{Name: "basket", Type: TypeJSONLines, Path: "unused", Statuses: []string{"SUCCEEDED"}})
	o.senders[0].to = b
	w.must(o.Start(w.Context()))
	return o
}

func (w *world) newOutbox(sinks ...SinkConfig) *Outbox {
	w.Helper()
	o, err := NewOutbox(OutboxOptions{
		Source: w.source, Sinks: sinks, Cursors: w.store,
		Move: func(ctx context.Context, cursor string, seq int64) error {
			_, err := engine.Do(ctx, w.engine, sched.Keep{Command: registry.MoveCursor{Name: cursor, Seq: seq}})
			return err
		},
		Drop: func(ctx context.Context, cursor string) error {
			_, err := engine.Do(ctx, w.engine, sched.Keep{Command: registry.DropCursor{Name: cursor}})
			return err
		},
		Logger: slog.New(slog.NewTextHandler(w.Output(), nil)),
	})
	w.must(err)
	return o
}

func definition(name string) batch.DefinitionRef { return batch.DefinitionRef{Name: name} }
