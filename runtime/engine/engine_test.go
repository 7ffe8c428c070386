package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

func TestAJobRuns(t *testing.T) {
	inWorld(t, func(w *world) {
		w.submit(submission("a", "second"))
		w.await("a", batch.Running)
		job := w.await("a", batch.Succeeded)
		if job.Attempt != 1 || job.ExitCode == nil || *job.ExitCode != 0 {
			w.Errorf("job = %+v, want one attempt with code 0", job)
		}
		if v := w.engine.View(); v.Unfinished != 0 || v.Attempts != 0 {
			w.Errorf("view = %+v, want nothing unfinished", v)
		}
	})
}

func TestAnArrayRunsEveryChildOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		c := submission("a", "quick")
		c.Size = 500
		w.submit(c)
		w.await("a", batch.Succeeded)
		if n := len(w.driver.Began()); n != 500 {
			w.Errorf("%d attempts began, want 500", n)
		}
		w.ranOnce()
	})
}

func TestConcurrentCommandsShareCommits(t *testing.T) {
	inWorld(t, func(w *world) {
		before := w.store.committed()
		w.store.failing(func(_ *batch.Delta, apply func() error) error {
			<-time.After(time.Millisecond) // a disk takes its time
			return apply()
		}, nil)
		var callers sync.WaitGroup
		for i := range 64 {
			callers.Go(func() {
				if _, err := engine.Do(w.Context(), w.engine, submission(fmt.Sprint("job", i), "manual")); err != nil {
					w.Error(err)
				}
			})
		}
		callers.Wait()
		synctest.Wait()
		if n := w.store.committed() - before; n > 6 {
			w.Errorf("64 submissions took %d commits, want a handful", n)
		}
	})
}

func TestPersistThenAnswerAndAct(t *testing.T) {
	inWorld(t, func(w *world) {
		committing, finish := make(chan struct{}), make(chan struct{})
		w.store.failing(func(d *batch.Delta, apply func() error) error {
			if len(d.Specs) > 0 {
				close(committing)
				<-finish
			}
			return apply()
		}, nil)
		answered := make(chan error, 1)
		go func() {
			_, err := engine.Do(w.Context(), w.engine, submission("a", "manual"))
			answered <- err
		}()
		<-committing
		synctest.Wait()
		if len(answered) != 0 || len(w.driver.Began()) != 0 {
			w.Error("answered or started before the commit")
		}
		close(finish)
		w.must(<-answered)
		w.await("a", batch.Running)
	})
}

func TestRefusalsChangeNothing(t *testing.T) {
	inWorld(t, func(w *world) {
		before := w.store.committed()
		c := submission("a", "quick")
		c.Queue = "nowhere"
		_, err := engine.Do(w.Context(), w.engine, c)
		w.wantError(err, batch.NotFound, "nowhere")
		if n := w.store.committed(); n != before {
			w.Errorf("a refused command took %d commits", n-before)
		}
	})
}

func TestARestartFindsWhatRuns(t *testing.T) {
	inWorld(t, func(w *world) {
		w.submit(submission("a", "manual"))
		w.await("a", batch.Running)
		w.submit(submission("b", "manual"))
		w.await("b", batch.Running)
		w.stop()
		w.driver.Finish(batch.AttemptID{Job: "b", Number: 1}, 3) // nobody hears it
		w.driver = w.driver.Again()
		w.start()
		if j := w.await("b", batch.Failed); j.ExitCode == nil || *j.ExitCode != 3 {
			w.Errorf("exit code of b = %v, want 3", j.ExitCode)
		}
		w.driver.Finish(batch.AttemptID{Job: "a", Number: 1}, 0)
		w.await("a", batch.Succeeded)
		w.ranOnce()
	})
}

func TestDeadlinesWake(t *testing.T) {
	inWorld(t, func(w *world) {
		c := submission("a", "manual")
		limit := 60 * time.Second
		c.Timeout = &limit
		begin := time.Now()
		w.submit(c)
		w.await("a", batch.Running)
		<-time.After(55 * time.Second)
		job := w.await("a", batch.Failed)
		if ran := time.Since(begin); ran < limit || ran > limit+5*time.Second {
			w.Errorf("stopped after %s, want about %s", ran, limit)
		}
		if !strings.Contains(job.StatusReason, "timeout") {
			w.Errorf("reason = %q", job.StatusReason)
		}
	})
}

func TestASpecificationThatIsNotThereFailsTheJob(t *testing.T) {
	inWorld(t, func(w *world) {
		w.store.failing(func(d *batch.Delta, apply func() error) error {
			d.Specs = nil
			return apply()
		}, nil)
		w.submit(submission("a", "quick"))
		if j := w.await("a", batch.Failed); !strings.Contains(j.Reason, "not in the store") {
			w.Errorf("reason = %q", j.Reason)
		}
	})
}

func TestATokenSubmitsOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		first := submission("a", "quick")
		first.Token = "t"
		w.submit(first)
		w.await("a", batch.Succeeded)
		w.restart()
		again := submission("b", "quick")
		again.Token = "t"
		reply, err := engine.Do(w.Context(), w.engine, again)
		w.must(err)
		if reply.ID != "a" {
			w.Errorf("answered %s, want a", reply.ID)
		}
	})
}

func TestResultsAreTakenAgain(t *testing.T) {
	inWorld(t, func(w *world) {
		sweep := func(id string, strikes ...string) sched.SubmitJob {
			c := submission(id, "quick")
			c.Reuse = true
			for _, k := range strikes {
				c.Points = append(c.Points, map[string]string{"strike": k})
			}
			return c
		}
		w.submit(sweep("a", "90", "100"))
		w.await("a", batch.Succeeded)
		w.submit(sweep("b", "100", "110"))
		w.await("b", batch.Succeeded)
		if j, _ := w.store.job("b:0"); j.ReusedFrom != "a:1" {
			w.Errorf("b:0 was reused from %q, want a:1", j.ReusedFrom)
		}
		if n := len(w.driver.Began()); n != 3 {
			w.Errorf("%d attempts began, want 3", n)
		}
	})
}

func TestTagsAreNotLost(t *testing.T) {
	inWorld(t, func(w *world) {
		var callers sync.WaitGroup
		for i := range 20 {
			callers.Go(func() {
				_, err := engine.Do(w.Context(), w.engine, sched.SetTags{Resource: "job-queue/work", Set: map[string]string{fmt.Sprint("tag", i): "x"}})
				if err != nil {
					w.Error(err)
				}
			})
		}
		callers.Wait()
		tags, _ := w.store.Tags(w.Context(), []string{"job-queue/work"})
		if n := len(tags["job-queue/work"]); n != 20 {
			w.Errorf("%d tags, want 20", n)
		}
	})
}

func TestStopRefusesAndLeavesAttemptsRunning(t *testing.T) {
	inWorld(t, func(w *world) {
		w.submit(submission("a", "manual"))
		w.await("a", batch.Running)
		w.stop()
		_, err := engine.Do(context.Background(), w.engine, submission("b", "quick"))
		w.wantError(err, batch.Unavailable, "stopping")
		if n := len(w.driver.Running()); n != 1 {
			w.Errorf("%d attempts run, want 1", n)
		}
		w.driver = w.driver.Again()
		w.start()
	})
}

func (w *world) wantError(err error, kind batch.ErrorKind, text string) {
	w.Helper()
	var refusal *batch.Error
	if !errors.As(err, &refusal) || refusal.Kind != kind || !strings.Contains(refusal.Message, text) {
		w.Errorf("error = %v, want kind %d with %q", err, kind, text)
	}
}
