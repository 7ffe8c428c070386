package tasks_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/awsfake"
	"github.com/batchd/terraform-provider-batch/runtime/compute/computetest"
)

// An account reads a log five times a second at least, and forty attempts may end in one.
func TestTheResultsOfManyAttemptsAreReadTogether(t *testing.T) {
	const attempts = 250
	inBed(t, awsfake.Realistic(14), 4, func(b *bed) {
		b.settle()
		for n := range attempts {
			s := order(attempt(n), computetest.Behaviour{Manual: true, Result: fmt.Sprint(n)})
			s.Host = fmt.Sprintf("host-%d", n/64)
			b.Start([]compute.Start{s})
		}
		for n := range attempts {
			b.started(attempt(n))
		}
		begun := time.Now()
		for n := range attempts {
			b.stage.find(startedBy(attempt(n))).finish <- 0
		}
		for n := range attempts {
			if x := b.ended(attempt(n), 0); string(x.Result) != fmt.Sprint(n) {
				t.Errorf("%v: result %q, %s", attempt(n), x.Result, x.ResultError)
			}
		}
		if took := time.Since(begun); took > 30*time.Second {
			t.Errorf("the results of %d attempts took %v", attempts, took)
		}
	})
}

func TestAnAttemptWhoseLogHasNoResultSaysSo(t *testing.T) {
	inBed(t, awsfake.Realistic(15), 1, func(b *bed) {
		b.stage.mute = true
		b.start(attempt(1), computetest.Behaviour{Code: 0, Result: "1"})
		if x := b.ended(attempt(1), 0); x.Result != nil || x.ResultError == "" {
			t.Errorf("exit %+v", x)
		}
	})
}
