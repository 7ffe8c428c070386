package app_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/batch/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/batchd/terraform-provider-batch/internal/long"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/awsfake"
)

// cloudSeeds is how many accounts are tried: make cloud-seeds.
var cloudSeeds = flag.Int("cloud-seeds", 0, "how many bad accounts `TestASweepInABadAccount` tries; 0 is the usual number")

// misfortunes are the faults of a bad day: each call meets one of them now and then.
func misfortunes(w *awsfake.World) (calm func()) {
	var remove []func()
	for _, f := range []awsfake.Fault{
		{Kind: awsfake.Throttled, Probability: 0.03},
		{Kind: awsfake.ServerError, Probability: 0.03},
		{Kind: awsfake.LostBefore, Probability: 0.03},
		{Kind: awsfake.LostAfter, Probability: 0.05},
		{Kind: awsfake.Slow, Probability: 0.02, Delay: 10 * time.Second},
		{Kind: awsfake.Stale, Probability: 0.1, Delay: 5 * time.Second},
	} {
		remove = append(remove, w.Inject(f))
	}
	return func() {
		for _, r := range remove {
			r()
		}
	}
}

// ledger notes which tasks were started for which attempt.
type ledger struct {
	mu    sync.Mutex
	tasks map[string]map[string]bool // ARNs of tasks by attempt
}

// ledgerOf begins to watch a world.
func ledgerOf(w *awsfake.World) *ledger {
	l := &ledger{tasks: map[string]map[string]bool{}}
	w.Observe(func(c awsfake.Call) {
		in, asked := c.Input.(*ecs.RunTaskInput)
		out, answered := c.Output.(*ecs.RunTaskOutput)
		if !asked || !answered || out == nil {
			return
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		attempt := aws.ToString(in.StartedBy)
		for _, t := range out.Tasks {
			if l.tasks[attempt] == nil {
				l.tasks[attempt] = map[string]bool{}
			}
			l.tasks[attempt][*t.TaskArn] = true
		}
	})
	return l
}

// A sweep survives misfortunes of every kind and a runtime that ends and is started again at any moment: each attempt is one task, each
// child succeeds, and nothing is left in the account.
func TestASweepInABadAccount(t *testing.T) {
	seeds := *cloudSeeds
	if seeds == 0 {
		seeds = long.Sample(12)
	}
	const size = 20
	for seed := range seeds {
		kind := []types.CRType{types.CRTypeEc2, types.CRTypeSpot, types.CRTypeFargate}[seed%3]
		t.Run(fmt.Sprintf("%s, seed %d", kind, seed), func(t *testing.T) {
			o := awsfake.Realistic(uint64(seed))
			o.EC2.SpotLoss, o.EC2.Unwarned, o.EC2.SpotLife = 0.3, 0.5, awsfake.Span{Min: time.Minute, Max: 4 * time.Minute}
			o.ECS.Script = func(awsfake.Container) awsfake.Play { return awsfake.Play{Runs: 60 * time.Second} }
			inAccount(t, o, func(a *account) {
				dice := rand.New(rand.NewPCG(uint64(seed), 1))
				calm := misfortunes(a.world)
				started := ledgerOf(a.world)
				a.environment("far", a.resources(kind))
				id := a.submit("far", size)
				restarts := 0
				a.await("the sweep to end", func() string {
					if dice.IntN(40) == 0 {
						restarts++
						a.stop()
						a.start()
					}
					return a.unended(id)
				})
				if ended := a.describe(id); ended.Status != types.JobStatusSucceeded {
					a.tellAttempts(id + ":0")
					t.Errorf("the sweep is %s: %s %v", ended.Status, aws.ToString(ended.StatusReason), ended.ArrayProperties.StatusSummary)
				}
				for attempt, tasks := range started.tasks {
					if len(tasks) != 1 {
						t.Errorf("attempt %s was started as %d tasks", attempt, len(tasks))
					}
				}
				a.delete("far")
				calm()
				t.Logf("%d attempts, %d restarts, %s of virtual time, %d instances, %.4f USD", len(started.tasks), restarts,
					time.Since(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)), a.world.Meter().Instances, a.world.Meter().OnDemand+a.world.Meter().Spot)
			})
		})
	}
}
