package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// moody is a driver that takes calls or fails, as it is told.
type moody struct {
	compute.Driver
	fails func(v verb) error
	taken []string
}

func (*moody) Kinds() []batch.Kind { return []batch.Kind{batch.Local} }

func (d *moody) Stop(_ context.Context, stops []compute.Stop) error {
	if err := d.fails(verbStop); err != nil {
		return err
	}
	for _, s := range stops {
		d.taken = append(d.taken, "stop "+s.Attempt.String())
	}
	return nil
}

func (d *moody) Forget(_ context.Context, attempts []batch.AttemptID) error {
	if err := d.fails(verbForget); err != nil {
		return err
	}
	for _, a := range attempts {
		d.taken = append(d.taken, "forget "+a.String())
	}
	return nil
}

// TestLettersAreTakenOnceInTheOrderOfTheirAttempt gives random orders to a driver that fails at random. Each order is taken once, and
// those about one attempt in the order in which they came, however long the others had to wait.
func TestLettersAreTakenOnceInTheOrderOfTheirAttempt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := &moody{}
		m := newMailbox(d, nil, slog.New(slog.DiscardHandler))
		want := map[int][]string{}
		count := rapid.IntRange(1, 20).Draw(t, "letters")
		for i := range count {
			about := rapid.IntRange(0, 4).Draw(t, "attempt")
			attempt := batch.AttemptID{Job: "j", Number: int32(about)}
			var o sched.Order = sched.StopAttempt{Attempt: attempt, Host: fmt.Sprint(i)}
			text := "stop "
			if rapid.Bool().Draw(t, "forget") {
				o, text = sched.ForgetAttempt{Attempt: attempt, Host: fmt.Sprint(i)}, "forget "
			}
			want[about] = append(want[about], text+attempt.String())
			m.put(letter{order: o})
		}
		for range count {
			mood := map[verb]bool{verbStop: rapid.Bool().Draw(t, "stops fail"), verbForget: rapid.Bool().Draw(t, "forgets fail")}
			d.fails = func(v verb) error {
				if mood[v] {
					return errors.New("away")
				}
				return nil
			}
			m.troubles = map[verb]*trouble{} // their rest is over
			m.keep(m.deliver(t.Context(), m.take(), nil))
		}
		d.fails = func(verb) error { return nil }
		m.troubles = map[verb]*trouble{}
		m.keep(m.deliver(t.Context(), m.take(), nil))
		for about, orders := range want {
			suffix := fmt.Sprintf(" j/%d", about)
			got := slices.DeleteFunc(slices.Clone(d.taken), func(s string) bool { return s[len(s)-len(suffix):] != suffix })
			if !slices.Equal(got, orders) {
				t.Fatalf("of attempt %d the driver took %q, want %q", about, got, orders)
			}
		}
	})
}

// TestARestEndsWhenTheRefusalSays shows how long a call is not tried again.
func TestARestEndsWhenTheRefusalSays(t *testing.T) {
	for name, c := range map[string]struct{ until, rests time.Duration }{
		"a refusal until a time":   {3 * time.Second, 3 * time.Second},
		"a refusal without a time": {0, minBackoff},
		"a refusal for an hour":    {time.Hour, maxRefusal},
	} {
		synctest.Test(t, func(t *testing.T) {
			m := newMailbox(&moody{}, nil, slog.New(slog.DiscardHandler))
			m.failed(t.Context(), verbStop, &compute.Refusal{Why: batch.Throttled, Until: time.Now().Add(c.until)})
			<-time.After(c.rests - time.Millisecond)
			if !m.rests(verbStop, time.Now()) {
				t.Errorf("%s: it is tried again before %v", name, c.rests)
			}
			<-time.After(time.Millisecond)
			if m.rests(verbStop, time.Now()) {
				t.Errorf("%s: it is not tried again after %v", name, c.rests)
			}
		})
	}
}

// TestWhatFailedIsGivenAgainAfterALongDelivery has one stop fail, and then a call that takes longer than the wait after a failure. The
// stop is given again after that wait, though nothing else arrives.
func TestWhatFailedIsGivenAgainAfterALongDelivery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failed := false
		d := &moody{fails: func(v verb) error {
			switch {
			case v == verbForget:
				<-time.After(2 * minBackoff)
			case !failed:
				failed = true
				return errors.New("away")
			}
			return nil
		}}
		m := newMailbox(d, nil, slog.New(slog.DiscardHandler))
		attempt := func(n int32) batch.AttemptID { return batch.AttemptID{Job: "j", Number: n} }
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { m.run(ctx, nil) })
		synctest.Wait()
		m.put(letter{order: sched.StopAttempt{Attempt: attempt(1)}}, letter{order: sched.ForgetAttempt{Attempt: attempt(2)}},
			letter{order: sched.StopAttempt{Attempt: attempt(3)}})
		<-time.After(4 * minBackoff)
		synctest.Wait()
		stop()
		running.Wait()
		slices.Sort(d.taken)
		if want := []string{"forget j/2", "stop j/1", "stop j/3"}; !slices.Equal(d.taken, want) {
			t.Errorf("the driver took %q, want %q", d.taken, want)
		}
	})
}
