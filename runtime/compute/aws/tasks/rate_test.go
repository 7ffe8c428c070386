package tasks_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/internal/long"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/awsfake"
	"github.com/batchd/terraform-provider-batch/runtime/compute/computetest"
)

// The call budget that ECS documents allows 100 tasks at once and 40 more each second, one call for each: 10,000 in 247.5 s.
const burst, perSecond = 100, 40

func TestTenThousandJobsStartWithinTheBudgetOfCalls(t *testing.T) {
	long.Only(t, "starts 10,000 tasks")
	const jobs, perHost = 10_000, 64
	withShare(t, awsfake.Realistic(300), (jobs+perHost-1)/perHost, 1, func(b *bed) {
		b.settle()
		begun := time.Now()
		var starts []compute.Start
		for n := range jobs {
			s := order(attempt(n), computetest.Behaviour{Manual: true})
			s.Host = fmt.Sprintf("host-%d", n/perHost)
			s.Environment = append(s.Environment, fmt.Sprintf("AWS_BATCH_JOB_ID=%d", n))
			starts = append(starts, s)
		}
		b.Start(starts)
		for n := range jobs {
			b.playing(attempt(n))
		}
		took := time.Since(begun)
		const budget = (jobs - burst) * time.Second / perSecond
		m := b.w.Meter()
		var calls, throttled int
		for action, n := range m.Calls {
			calls, throttled = calls+n, throttled+m.Throttled[action]
		}
		b.t.Logf("%d jobs started in %v, %.2f of what the budget allows; %d calls, %d throttled", jobs, took, float64(took)/float64(budget), calls, throttled)
		if took > budget*11/10 {
			b.t.Errorf("%v, more than 1.1 × %v", took, budget)
		}
		if throttled*100 > calls {
			b.t.Errorf("%d of %d calls were throttled", throttled, calls)
		}
	})
}
