package engine_test

import (
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/compute/computetest"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// inCloud runs a test in a bubble with an engine whose hosts are launched by order: a queue over one environment with the offers
// small, of 2 vCPUs, and large, of 8.
func inCloud(t *testing.T, cloud computetest.Cloud, body func(*world, *computetest.FakeCloud)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, store: newMemory()}
		driver := computetest.NewCloud(computetest.FakeOptions{Cloud: &cloud})
		w.driver = driver.Fake
		w.must(driver.Open(w.Context()))
		w.startWith(driver)
		w.queueOver(batch.Environment{
			Name: "there", UUID: "e1", Kind: batch.EC2, Max: batch.Shape{MilliCPU: 16000}, Resources: &batch.Resources{DefaultImage: "image"}, Offers: []batch.Offer{
				{Pool: batch.Pool{Type: "small"}, Shape: batch.Shape{MilliCPU: 2000, MemoryMiB: 4096}},
				{Pool: batch.Pool{Type: "large"}, Shape: batch.Shape{MilliCPU: 8000, MemoryMiB: 16384}},
			},
		})
		w.define("second", computetest.Behaviour{After: time.Second})
		body(w, driver)
		w.stop()
	})
}

// wait lets time pass, in which drivers and engine do what they have to.
func (w *world) wait(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func TestHostsAreLaunchedForWorkAndGivenBack(t *testing.T) {
	inCloud(t, computetest.Cloud{Comes: func(batch.Offer) time.Duration { return 2 * time.Minute }}, func(w *world, cloud *computetest.FakeCloud) {
		for _, id := range []string{"a", "b", "c"} { // of one vCPU each
			w.submit(submission(id, "second"))
		}
		w.wait(90 * time.Second) // a census comes in between
		if hosts := cloud.Hosts(); len(hosts) != 2 {
			w.Errorf("for three jobs there are the hosts %v", hosts)
		}
		w.wait(time.Minute)
		for _, id := range []batch.JobID{"a", "b", "c"} {
			w.await(id, batch.Succeeded)
		}
		w.ranOnce()
		w.wait(10 * time.Minute)
		if hosts := cloud.Hosts(); len(hosts) > 0 {
			w.Errorf("without work the hosts %v are kept", hosts)
		}
	})
}

func TestAnEmptyPoolIsNotAskedBeforeItsTime(t *testing.T) {
	cloud := computetest.Cloud{Room: map[string]int{"small": 0, "large": 0}, Closed: 45 * time.Second}
	inCloud(t, cloud, func(w *world, _ *computetest.FakeCloud) {
		w.submit(submission("a", "second"))
		w.wait(4 * time.Minute)
		rows, err := w.store.Load(w.Context())
		w.must(err)
		asked := map[string]int{}
		for _, h := range rows.Hosts {
			asked[h.Launch.Offer.Type]++
		}
		if !maps.Equal(asked, map[string]int{"small": 6, "large": 6}) { // at 0, 45, 90 … 225 seconds
			w.Errorf("in four minutes pools that are closed for 45 s were asked %v times", asked)
		}
	})
}

func TestAHostThatNeverComesIsGivenBackAndAnotherOneLaunched(t *testing.T) {
	comes := func(o batch.Offer) time.Duration {
		if o.Type == "small" {
			return -1
		}
		return time.Minute
	}
	inCloud(t, computetest.Cloud{Comes: comes}, func(w *world, cloud *computetest.FakeCloud) {
		w.submit(submission("a", "second"))
		w.wait(10*time.Minute + time.Second)
		w.wait(time.Minute)
		w.await("a", batch.Succeeded)
		if hosts := slices.Collect(maps.Values(cloud.Hosts())); !slices.Equal(hosts, []batch.Stage{batch.Serving}) {
			w.Errorf("the hosts are %v, want the large one", hosts)
		}
	})
}

func TestWorkOfALostHostRunsOnAnother(t *testing.T) {
	inCloud(t, computetest.Cloud{}, func(w *world, cloud *computetest.FakeCloud) {
		job := submission("a", "second")
		job.Retry = &batch.Retry{Attempts: 2}
		w.submit(job)
		w.await("a", batch.Running)
		for id := range cloud.Hosts() {
			cloud.LoseHost(id)
		}
		w.await("a", batch.Succeeded)
		w.ranOnce()
	})
}

// environment returns the row of the environment of these tests.
func (w *world) environment() (e batch.Environment) {
	w.Helper()
	rows, err := w.store.Load(w.Context())
	w.must(err)
	if len(rows.Environments) > 0 {
		e = rows.Environments[0]
	}
	return e
}

// queue is the job queue with that name.
func (w *world) queue(name string) batch.Queue {
	w.Helper()
	found, err := w.store.Queues(w.Context(), store.NameQuery{Names: []string{name}})
	w.must(err)
	if len(found) != 1 {
		w.Fatalf("%d queues are called %s", len(found), name)
	}
	return found[0]
}

func TestAnEnvironmentIsProvisionedAgainAfterARestartAndRetired(t *testing.T) {
	var asked []string
	cloud := computetest.Cloud{Provisions: func(p compute.Provision) string {
		asked = append(asked, fmt.Sprintf("revision %d with %d hosts", p.Environment.Revision, len(p.Hosts)))
		return ""
	}}
	inCloud(t, cloud, func(w *world, driver *computetest.FakeCloud) {
		w.submit(submission("a", "second"))
		w.await("a", batch.Running)
		w.stop()
		driver = driver.Again()
		w.driver = driver.Fake
		w.must(driver.Open(w.Context()))
		w.startWith(driver)
		w.await("a", batch.Succeeded)
		if want := []string{"revision 1 with 0 hosts", "revision 1 with 1 hosts"}; !slices.Equal(asked, want) {
			w.Errorf("the driver was asked for %q, want %q", asked, want)
		}
		off, closed := w.environment(), w.queue("work")
		off.State, closed.State = batch.Disabled, batch.Disabled
		for _, c := range []sched.Returning[sched.Done]{
			sched.UpdateQueue{Queue: closed},
			sched.DeleteQueue{Name: "work"},
			sched.UpdateEnvironment{Environment: off},
			sched.DeleteEnvironment{Name: "there"},
		} {
			_, err := engine.Do(w.Context(), w.engine, c)
			w.must(err)
		}
		w.wait(time.Second)
		if hosts, made := driver.Hosts(), driver.Environments(); len(hosts)+len(made) > 0 || w.environment().Name != "" {
			w.Errorf("after it was deleted there are the hosts %v, what was made for %v, and the row %+v", hosts, made, w.environment())
		}
	})
}

func TestAnEnvironmentThatCannotBeProvisionedIsTriedAgain(t *testing.T) {
	var forbidden atomic.Bool
	forbidden.Store(true)
	cloud := computetest.Cloud{Provisions: func(compute.Provision) string {
		if forbidden.Load() {
			return "the role may not create clusters"
		}
		return ""
	}}
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, store: newMemory()}
		driver := computetest.NewCloud(computetest.FakeOptions{Cloud: &cloud})
		w.driver = driver.Fake
		w.must(driver.Open(w.Context()))
		w.startWith(driver)
		_, err := engine.Do(w.Context(), w.engine, sched.CreateEnvironment{Environment: batch.Environment{Name: "there", UUID: "e1", Kind: batch.EC2}})
		w.must(err)
		w.wait(time.Second)
		if e := w.environment(); e.Health != batch.Invalid || e.StatusReason != "the role may not create clusters" {
			w.Errorf("it is %s: %s", e.Health, e.StatusReason)
		}
		forbidden.Store(false)
		w.wait(time.Minute)
		if e := w.environment(); e.Health != batch.Valid {
			w.Errorf("a minute after the role was mended it is %s: %s", e.Health, e.StatusReason)
		}
		w.stop()
	})
}

func TestAHostThatClosesTakesNothingMore(t *testing.T) {
	inCloud(t, computetest.Cloud{}, func(w *world, cloud *computetest.FakeCloud) {
		w.define("manual", computetest.Behaviour{Manual: true})
		job := submission("a", "manual")
		job.Retry = &batch.Retry{Attempts: 2}
		w.submit(job)
		first := w.await("a", batch.Running).Run.Host
		cloud.CloseHost(first, batch.Interrupted, time.Now().Add(2*time.Minute))
		synctest.Wait()
		w.submit(submission("b", "manual"))
		if host := w.await("b", batch.Running).Run.Host; host == first {
			w.Error("a host that closes was given another attempt")
		}
		w.wait(2*time.Minute + time.Second)
		if run := w.await("a", batch.Running).Run; run.Host == first {
			w.Error("a host that was to be gone two minutes later still runs an attempt")
		}
		if _, there := cloud.Hosts()[first]; there {
			w.Error("a host that closed and is empty is kept")
		}
		w.ranOnce()
	})
}
