package engine_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/compute/computetest"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/submit"
)

// world is an engine over a store and a machine in memory. It lives in a bubble of testing/synctest.
type world struct {
	*testing.T
	store  *memory
	driver *computetest.Fake
	images map[string]string // what images stand for
	engine *engine.Engine
	// wrap, if set, stands between the engine and the driver.
	wrap func(compute.Driver) compute.Driver
}

// inWorld runs a test in a bubble with an engine, an environment, a queue and definitions.
func inWorld(t *testing.T, body func(*world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, store: newMemory(), images: map[string]string{}}
		w.driver = computetest.NewFake(computetest.FakeOptions{Digests: w.images})
		w.start()
		w.furnish()
		body(w)
		w.stop()
	})
}

func (w *world) start() {
	w.Helper()
	w.must(w.driver.Open(w.Context()))
	var driver compute.Driver = w.driver
	if w.wrap != nil {
		driver = w.wrap(driver)
	}
	w.startWith(driver)
	synctest.Wait() // the host is there
}

// startWith makes and starts an engine over the store and an open driver.
func (w *world) startWith(driver compute.Driver) {
	w.Helper()
	w.engine = engine.New(engine.Options{
		Store: w.store, Drivers: []compute.Driver{driver}, Config: sched.Config{HostGrace: time.Minute},
		Logger: slog.New(slog.NewTextHandler(w.Output(), nil)), Home: "/state",
	})
	w.must(w.engine.Start(w.Context()))
}

func (w *world) stop() {
	w.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	w.must(w.engine.Stop(ctx))
	w.must(w.driver.Close(ctx))
}

// restart stops the engine and starts another over the same store and machine.
func (w *world) restart() {
	w.Helper()
	w.stop()
	w.driver = w.driver.Again()
	w.start()
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// furnish makes what a job needs: an environment of 2 vCPUs, a queue over it and definitions.
func (w *world) furnish() {
	w.Helper()
	w.queueOver(batch.Environment{Name: "here", UUID: "e1", Kind: batch.Local, Max: batch.Shape{MilliCPU: 2000}})
	w.define("quick", computetest.Behaviour{})
	w.define("second", computetest.Behaviour{After: time.Second})
	w.define("manual", computetest.Behaviour{Manual: true})
}

// queueOver makes an environment and the queue "work" over it.
func (w *world) queueOver(e batch.Environment) {
	w.Helper()
	_, err := engine.Do(w.Context(), w.engine, sched.CreateEnvironment{Environment: e})
	w.must(err)
	synctest.Wait() // it is provisioned, if its driver does that
	_, err = engine.Do(w.Context(), w.engine, sched.CreateQueue{Queue: batch.Queue{
		Name: "work", UUID: "q1", Priority: 1, Environments: []batch.EnvironmentOrder{{Order: 1, Environment: e.Name}},
	}})
	w.must(err)
}

func (w *world) define(name string, b computetest.Behaviour) {
	w.Helper()
	w.defineIn("", name, b)
}

// boxed defines a job that runs in an image and ends at once.
func (w *world) boxed(name, image string) {
	w.Helper()
	w.defineIn(image, name, computetest.Behaviour{})
}

func (w *world) defineIn(image, name string, b computetest.Behaviour) {
	w.Helper()
	c := computetest.Container(b)
	c.Shape, c.Image = batch.Shape{MilliCPU: 1000}, image
	_, err := engine.Do(w.Context(), w.engine, sched.RegisterDefinition{Definition: batch.Definition{Name: name, Runs: true, Container: c}})
	w.must(err)
}

func submission(id, definition string) sched.SubmitJob {
	return sched.SubmitJob{Request: submit.Request{ID: batch.JobID(id), Name: id, Queue: "work", Definition: batch.DefinitionRef{Name: definition}}}
}

func (w *world) submit(c sched.SubmitJob) {
	w.Helper()
	reply, err := engine.Do(w.Context(), w.engine, c)
	w.must(err)
	if reply.ID != c.ID {
		w.Fatalf("submitted %s, answered %s", c.ID, reply.ID)
	}
}

// await passes time until the job is in a status, at most a minute.
func (w *world) await(id batch.JobID, status batch.Status) batch.Job {
	w.Helper()
	last := "not in the store"
	for range 600 {
		synctest.Wait()
		if j, ok := w.store.job(id); ok {
			if j.Status == status {
				return j
			}
			last = fmt.Sprintf("%s (%s)", j.Status, j.StatusReason)
		}
		<-time.After(100 * time.Millisecond)
	}
	w.Fatalf("job %s is %s, want %s", id, last, status)
	return batch.Job{}
}

// ranOnce fails if an attempt began more than once.
func (w *world) ranOnce() {
	w.Helper()
	for id, n := range w.driver.Began() {
		if n > 1 {
			w.Errorf("attempt %s began %d times", id, n)
		}
	}
}
