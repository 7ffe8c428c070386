package engine

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/store"
	"github.com/batchd/terraform-provider-batch/runtime/store/storetest"
	"github.com/batchd/terraform-provider-batch/runtime/submit"
)

// answering is a machine that answers queries as a test says, and counts.
type answering struct {
	*sched.Machine
	answer func(q sched.Query) (any, error)

	perRound, most int // queries answered since the last Dispatch, and the most so far
	applied        int // commands
}

func (a *answering) Apply(now time.Time, ev sched.Event) (any, error) {
	if _, ok := ev.(sched.Command); ok {
		a.applied++
	}
	return a.Machine.Apply(now, ev)
}

func (a *answering) Dispatch(now time.Time) {
	a.perRound = 0
	a.Machine.Dispatch(now)
}

func (a *answering) Answer(_ time.Time, q sched.Query) (any, error) {
	a.perRound++
	a.most = max(a.most, a.perRound)
	return a.answer(q)
}

// gated is a store whose commits wait for a token while gate is not nil, and fail with err if that is set.
type gated struct {
	store.Store
	mu   sync.Mutex
	gate chan struct{}
	err  error
}

func (g *gated) Commit(ctx context.Context, d *batch.Delta) error {
	g.mu.Lock()
	gate, err := g.gate, g.err
	g.mu.Unlock()
	if gate != nil {
		<-gate
	}
	if err != nil {
		return err
	}
	return g.Store.Commit(ctx, d)
}

func (g *gated) set(gate chan struct{}, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.gate, g.err = gate, err
}

// asking is an engine around machines that answer; loads counts them.
type asking struct {
	*testing.T
	*Engine
	store   *gated
	machine *answering
	loads   int
}

// withAnswers runs a test in a bubble; answer is the machine's.
func withAnswers(t *testing.T, answer func(a *asking, q sched.Query) (any, error), body func(a *asking)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		a := &asking{T: t, store: &gated{Store: storetest.NewMemory()}}
		a.Engine = New(Options{Store: a.store})
		a.load = func(s batch.Snapshot, c sched.Config) machine {
			a.loads++
			a.machine = &answering{Machine: sched.Load(s, c), answer: func(q sched.Query) (any, error) { return answer(a, q) }}
			return a.machine
		}
		if err := a.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		body(a)
		if err := a.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// applied answers how many commands the machine has been told.
func applied(a *asking, q sched.Query) (any, error) {
	if x, ok := q.(sched.ExplainJob); ok {
		return sched.Explanation{Job: x.ID, Position: int64(a.machine.applied)}, nil
	}
	return nil, batch.Errorf(batch.NotFound, "no such thing")
}

func (a *asking) explain() (sched.Explanation, error) {
	return Ask(a.Context(), a.Engine, sched.ExplainJob{ID: "j"})
}

func TestAQueryIsAnsweredByTheMachine(t *testing.T) {
	withAnswers(t, applied, func(a *asking) {
		for n := range 3 {
			if x, err := a.explain(); err != nil || x.Job != "j" || x.Position != int64(n) {
				a.Errorf("answer = %+v, %v, want %d commands", x, err, n)
			}
			if err := create(a.Context(), a.Engine, strconv.Itoa(n)); err != nil {
				a.Fatal(err)
			}
		}
		_, err := Ask(a.Context(), a.Engine, sched.QueueFront{Queue: "q"})
		var refusal *batch.Error
		if !errors.As(err, &refusal) || refusal.Kind != batch.NotFound {
			a.Errorf("error = %v, want the machine's refusal", err)
		}
	})
}

func TestAQueryWaitsForTheCommit(t *testing.T) {
	withAnswers(t, applied, func(a *asking) {
		gate := make(chan struct{})
		a.store.set(gate, nil)
		made, explained := make(chan error, 1), make(chan int64, 1)
		go func() { made <- create(a.Context(), a.Engine, "here") }()
		synctest.Wait() // the commit waits
		go func() {
			x, err := a.explain()
			if err != nil {
				a.Error(err)
			}
			explained <- x.Position
		}()
		synctest.Wait()
		if len(explained) != 0 {
			a.Error("a query was answered before the commit")
		}
		close(gate)
		if err := <-made; err != nil {
			a.Error(err)
		}
		if n := <-explained; n != 1 {
			a.Errorf("the answer knows of %d commands, want 1", n)
		}
	})
}

func TestQueriesAreBoundedAndHoldNoCommandBack(t *testing.T) {
	withAnswers(t, applied, func(a *asking) {
		gate := make(chan struct{})
		a.store.set(gate, nil)
		var callers sync.WaitGroup
		defer callers.Wait()
		callers.Go(func() {
			if err := create(a.Context(), a.Engine, "first"); err != nil {
				a.Error(err)
			}
		})
		synctest.Wait()
		const storm = 10*maxQueriesPerRound + 1
		counts := make(chan int64, storm)
		for range storm {
			callers.Go(func() {
				x, err := a.explain()
				if err != nil {
					a.Error(err)
				}
				counts <- x.Position
			})
		}
		synctest.Wait()
		callers.Go(func() {
			if err := create(a.Context(), a.Engine, "behind"); err != nil {
				a.Error(err)
			}
		})
		synctest.Wait()
		close(gate)
		for range storm {
			if n := <-counts; n != 2 {
				a.Errorf("an answer knows of %d commands: one that came after a storm of queries must not wait for them", n)
			}
		}
		if m := a.machine.most; m != maxQueriesPerRound {
			a.Errorf("%d queries were answered between two rounds, want %d", m, maxQueriesPerRound)
		}
	})
}

func TestQueriesAreRefusedAsCommandsAre(t *testing.T) {
	withAnswers(t, applied, func(a *asking) {
		gate := make(chan struct{})
		a.store.set(gate, nil)
		var callers sync.WaitGroup
		callers.Go(func() {
			if err := create(a.Context(), a.Engine, "first"); err != nil {
				a.Error(err)
			}
		})
		synctest.Wait() // the first commit waits; what comes now is the next round
		a.store.set(nil, errors.New("the disk shook"))
		callers.Go(func() { wantUnavailable(a.T, create(a.Context(), a.Engine, "here"), "cannot be written") })
		callers.Go(func() {
			_, err := a.explain()
			wantUnavailable(a.T, err, "cannot be written")
		})
		synctest.Wait()
		close(gate)
		callers.Wait()

		a.store.set(nil, store.ErrCorrupt)
		wantUnavailable(a.T, create(a.Context(), a.Engine, "here"), "corrupt")
		_, err := a.explain()
		wantUnavailable(a.T, err, "corrupt")

		if err := a.Stop(a.Context()); err != nil {
			a.Fatal(err)
		}
		_, err = a.explain()
		wantUnavailable(a.T, err, "stopping")
	})
}

func TestAQueryThatBreaksALawIsSurvived(t *testing.T) {
	broken := func(a *asking, q sched.Query) (any, error) {
		if x, ok := q.(sched.ExplainJob); ok && x.ID == "bad" {
			panic("sched: job bad waits for itself")
		}
		return applied(a, q)
	}
	withAnswers(t, broken, func(a *asking) {
		bad := func() error {
			_, err := Ask(a.Context(), a.Engine, sched.ExplainJob{ID: "bad"})
			return err
		}
		for range 3 {
			loads := a.loads
			wantUnavailable(a.T, bad(), "waits for itself")
			wantUnavailable(a.T, bad(), "jobs go on")
			_, err := a.explain()
			wantUnavailable(a.T, err, "jobs go on")
			if err := create(a.Context(), a.Engine, strconv.Itoa(loads)); err != nil {
				a.Errorf("a command: %v", err)
			}
			if h := a.Health(); h.State != Working || a.loads != loads+1 {
				a.Errorf("health = %+v after %d loads, want working and one more load", h, a.loads-loads)
			}
			<-time.After(queryRest)
			if _, err := a.explain(); err != nil {
				a.Errorf("after the rest: %v", err)
			}
		}
	})
}

func TestAPlanIsGivenWhatASubmitIs(t *testing.T) {
	var tries int
	stale := func(_ *asking, q sched.Query) (any, error) {
		plan, ok := q.(sched.PlanJob)
		if !ok || plan.Submit.Given.Definition == nil {
			return nil, batch.Errorf(batch.NotFound, "job definition %s does not exist", plan.Submit.Definition)
		}
		if tries++; tries < 3 {
			return nil, batch.ErrStale
		}
		return sched.Plan{Placeable: true, Runs: plan.Submit.Given.Definition.Revision}, nil
	}
	withAnswers(t, stale, func(a *asking) {
		plan := sched.PlanJob{Submit: sched.SubmitJob{Request: submit.Request{ID: "j", Queue: "work", Definition: batch.DefinitionRef{Name: "d"}}}}
		if _, err := Ask(a.Context(), a.Engine, plan); err == nil {
			a.Error("planned without a definition")
		}
		if _, err := Do(a.Context(), a.Engine, sched.RegisterDefinition{Definition: batch.Definition{Name: "d", Runs: true}}); err != nil {
			a.Fatal(err)
		}
		if p, err := Ask(a.Context(), a.Engine, plan); err != nil || !p.Placeable || p.Runs != 1 || tries != 3 {
			a.Errorf("plan = %+v, %v after %d tries, want revision 1 after 3", p, err, tries)
		}
		tries = -maxGathers
		_, err := Ask(a.Context(), a.Engine, plan)
		wantUnavailable(a.T, err, "keeps changing")
	})
}
