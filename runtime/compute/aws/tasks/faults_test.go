package tasks_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/internal/long"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/awsfake"
	"github.com/batchd/terraform-provider-batch/runtime/compute/computetest"
)

// TestFaults has every call that is made for attempts go wrong in every way, and batchd die in the middle. Attempts of all sorts run
// meanwhile. The stage notices one that runs twice at once.
func TestFaults(t *testing.T) {
	calls := []string{
		"RunTask", "StopTask", "DescribeTasks", "ListTasks", "RegisterTaskDefinition", "DescribeTaskDefinition", "ListTaskDefinitions", "FilterLogEvents",
	}
	kinds := []awsfake.Kind{awsfake.Throttled, awsfake.ServerError, awsfake.LostBefore, awsfake.LostAfter, awsfake.Slow, awsfake.Stale}
	for i, call := range calls {
		for j, kind := range kinds {
			t.Run(call+" "+strings.ReplaceAll(string(kind), " ", "-"), func(t *testing.T) {
				t.Parallel()
				inBed(t, awsfake.Realistic(uint64(100+10*i+j)), 2, func(b *bed) {
					b.w.Inject(awsfake.Fault{Operation: call, Kind: kind, Times: 6, Probability: 0.7})
					everySort(b)
				})
			})
		}
	}
}

// everySort runs attempts that end by themselves, with and without results, attempts that are stopped, and attempts that are running when batchd
// dies, and checks that each ends once, as it must.
func everySort(b *bed) {
	const each = 4
	b.t.Helper()
	ids := func(sort int) (all []batch.AttemptID) {
		for n := range each {
			all = append(all, attempt(10*sort+n))
		}
		return all
	}
	result := func(id batch.AttemptID) string { return fmt.Sprintf("%q", id) }
	short, long, stopped, queued := ids(1), ids(2), ids(3), ids(4)
	for _, id := range short {
		b.start(id, computetest.Behaviour{After: 20 * time.Second, Code: 3, Result: result(id)})
	}
	for _, id := range long {
		b.start(id, computetest.Behaviour{After: 5 * time.Minute, Code: 4, Result: result(id)})
	}
	for _, id := range stopped {
		b.start(id, computetest.Behaviour{Manual: true})
	}
	for _, id := range short {
		if x := b.ended(id, 3); string(x.Result) != result(id) {
			b.t.Errorf("%v: result %q, %s", id, x.Result, x.ResultError)
		}
	}
	b.Forget(short)
	for _, id := range stopped {
		b.started(id)
	}
	b.reopen()
	for _, id := range queued {
		b.start(id, computetest.Behaviour{Manual: true})
	}
	for _, id := range append(stopped, queued...) {
		b.Stop([]compute.Stop{{Attempt: id}})
	}
	for _, id := range long {
		if x := b.ended(id, 4); string(x.Result) != result(id) {
			b.t.Errorf("%v: result %q, %s", id, x.Result, x.ResultError)
		}
	}
	for _, id := range stopped {
		b.ended(id, 143)
	}
	for _, id := range queued {
		if x := b.exited(id); x.Kind != batch.Recalled && (x.Kind != batch.Exited || *x.Code != 143) {
			b.t.Errorf("%v: exit %+v", id, x)
		}
	}
	b.wait(5 * time.Minute)
	b.mu.Lock()
	defer b.mu.Unlock()
	for id, s := range b.heard {
		if len(s.exits) > 1 || s.starts > 1 {
			b.t.Errorf("%v: %d starts and %d exits were reported", id, s.starts, len(s.exits))
		}
	}
	for _, id := range append(append(short, long...), stopped...) {
		if n := b.stage.ran(startedBy(id)); n != 1 {
			b.t.Errorf("%v ran %d times", id, n)
		}
	}
}

// TestRestartsAtAnyTime has batchd die again and again while attempts are started, run and end. After each restart the scheduler orders
// again what no census lists.
func TestRestartsAtAnyTime(t *testing.T) {
	for seed := range uint64(long.Sample(20)) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			dice := rand.New(rand.NewPCG(seed, 1))
			inBed(t, awsfake.Realistic(200+seed), 1, func(b *bed) {
				b.w.Inject(awsfake.Fault{Service: "ecs", Kind: awsfake.LostAfter, Probability: 0.05})
				var orders []compute.Start
				for n := range 30 {
					orders = append(orders, order(attempt(n), computetest.Behaviour{After: time.Duration(dice.IntN(60)) * time.Second, Code: int32(n), Result: "1"}))
				}
				ended := map[batch.AttemptID]bool{}
				for range 6 {
					for _, s := range orders {
						if _, held := b.held(s.Attempt); !held && !ended[s.Attempt] {
							b.Start([]compute.Start{s})
						}
					}
					b.wait(time.Duration(dice.IntN(30_000)) * time.Millisecond)
					for _, p := range b.Census(nil) {
						if p.State == compute.Ended && dice.IntN(2) == 0 { // the scheduler has committed it
							ended[p.Attempt] = true
							b.Forget([]batch.AttemptID{p.Attempt})
						}
					}
					b.reopen()
				}
				for n, s := range orders {
					if !ended[s.Attempt] {
						b.ended(s.Attempt, int32(n))
					}
					if ran := b.stage.ran(startedBy(s.Attempt)); ran != 1 {
						t.Errorf("%v ran %d times", s.Attempt, ran)
					}
				}
			})
		})
	}
}
