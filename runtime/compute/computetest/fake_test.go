package computetest

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

func TestFakeConforms(t *testing.T) {
	t.Run("logs in segments", func(t *testing.T) { fakeConforms(t, behaviourOf) })
	t.Run("logs elsewhere", func(t *testing.T) {
		fakeConforms(t, func(s compute.Start) Behaviour {
			b := behaviourOf(s)
			b.Elsewhere = true
			return b
		})
	})
}

func fakeConforms(t *testing.T, behave func(compute.Start) Behaviour) {
	Run(t, func(*testing.T) Subject {
		first := NewFake(FakeOptions{Behave: behave})
		return Subject{
			Driver: first, Again: func() Driver { return first.Again() }, Container: Container, Logs: first.Logs(),
			Finish: func(attempt batch.AttemptID, code int32) { first.Finish(attempt, code) },
			SetUnfit: func(unfit bool) {
				reason := ""
				if unfit {
					reason = "no descriptor is free"
				}
				first.SetUnfit(reason)
			},
		}
	})
}

// offer is one of a pool of its own.
func offer(name string) batch.Offer {
	return batch.Offer{
		Pool:  batch.Pool{Type: name, Zone: "here", Market: batch.OnDemand},
		Shape: batch.Shape{MilliCPU: 4000, MemoryMiB: 8192}, MicroUSDPerHour: 100_000,
	}
}

func TestFakeCloudConforms(t *testing.T) {
	Run(t, func(*testing.T) Subject {
		comes := map[string]time.Duration{"late": -1}
		first := NewCloud(FakeOptions{Cloud: &Cloud{
			Room: map[string]int{"scarce": 1}, Comes: func(o batch.Offer) time.Duration { return comes[o.Type] },
		}})
		return Subject{
			Driver: first, Again: func() Driver { return first.Again() }, Container: Container, Logs: first.Logs(),
			Finish: func(attempt batch.AttemptID, code int32) { first.Finish(attempt, code) },
			Offers: &Offers{Prompt: offer("prompt"), Late: offer("late"), Scarce: offer("scarce"), Arrive: first.Arrive},
		}
	})
}

func TestFakeRunsByTheBubblesClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := NewFake(FakeOptions{})
		if err := f.Open(t.Context()); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		start := compute.Start{Attempt: id(1), Container: Container(Behaviour{After: time.Hour, Code: 3})}
		if err := f.Start(t.Context(), []compute.Start{start}); err != nil {
			t.Fatal(err)
		}
		for ended := false; !ended; {
			for _, r := range <-f.Reports() {
				_, ended = r.(batch.AttemptExited)
			}
		}
		if took := time.Since(began); took != time.Hour {
			t.Errorf("it took %v", took)
		}
		if err := f.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

func TestFakeLoses(t *testing.T) {
	f := NewFake(FakeOptions{})
	starts := []compute.Start{
		{Attempt: id(1), Container: Container(Behaviour{Manual: true})},
		{Attempt: id(2), Ahead: true, Container: Container(Behaviour{Manual: true})},
	}
	if err := f.Start(t.Context(), starts); err != nil {
		t.Fatal(err)
	}
	f.Lose()
	c, err := f.Census(t.Context())
	if err != nil || len(c.Attempts) != 2 || c.Attempts[0].Exit.Kind != batch.Lost || c.Attempts[1].State != compute.Running {
		t.Errorf("census %+v, %v", c, err)
	}
	if n := f.Began()[id(2)]; n != 1 {
		t.Errorf("it began %d times", n)
	}
}
