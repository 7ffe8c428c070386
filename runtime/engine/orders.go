package engine

import (
	"context"
	"errors"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// verb is which method of a driver a letter is for.
type verb uint8

const (
	verbStart verb = iota + 1
	verbStop
	verbForget
	verbCensus
)

func (l letter) verb() verb {
	switch l.order.(type) {
	case sched.StartAttempt:
		return verbStart
	case sched.StopAttempt:
		return verbStop
	case sched.ForgetAttempt:
		return verbForget
	default:
		return verbCensus
	}
}

// sameKind returns how many of the first letters go into one call.
func sameKind(letters []letter) int {
	v, n := letters[0].verb(), 1
	for n < len(letters) && letters[n].verb() == v && v != verbCensus && (v != verbStart || n < maxStartsPerCall) {
		n++
	}
	return n
}

// hostOf returns the host that an order is for.
func hostOf(o sched.Order) string {
	switch o := o.(type) {
	case sched.StartAttempt:
		return o.Host
	case sched.StopAttempt:
		return o.Host
	case sched.ForgetAttempt:
		return o.Host
	default:
		return ""
	}
}

// call makes one call of the driver and repeats it until it succeeds. Only the end of ctx ends it.
func (m *mailbox) call(ctx context.Context, letters []letter, reports chan<- delivery) {
	switch letters[0].verb() {
	case verbStart:
		m.start(ctx, letters, reports)
	case verbStop:
		stops := make([]compute.Stop, len(letters))
		for i, l := range letters {
			if o, ok := l.order.(sched.StopAttempt); ok {
				stops[i] = compute.Stop{Attempt: o.Attempt, Recall: o.Recall, Runner: o.Runner}
			}
		}
		m.insist(ctx, "stop attempts", func() error { return m.driver.Stop(ctx, stops) })
	case verbForget:
		ended := make([]batch.AttemptID, len(letters))
		for i, l := range letters {
			if o, ok := l.order.(sched.ForgetAttempt); ok {
				ended[i] = o.Attempt
			}
		}
		m.insist(ctx, "forget attempts", func() error { return m.driver.Forget(ctx, ended) })
	case verbCensus:
		m.count(ctx, letters[0].census, reports)
	}
}

// start resolves start orders and gives them to the driver. What cannot be resolved, now or later,
// is reported as an attempt that failed to start.
func (m *mailbox) start(ctx context.Context, letters []letter, reports chan<- delivery) {
	orders := make([]sched.StartAttempt, 0, len(letters))
	for _, l := range letters {
		if o, ok := l.order.(sched.StartAttempt); ok {
			orders = append(orders, o)
		}
	}
	var starts []compute.Start
	var hopeless []batch.Exit
	m.insist(ctx, "read what to start", func() (err error) {
		starts, hopeless, err = m.resolver.resolve(ctx, orders)
		return err
	})
	if len(hopeless) > 0 {
		facts := make([]sched.Fact, len(hopeless))
		for i, exit := range hopeless {
			m.log.Error("an attempt cannot be started", "attempt", exit.Attempt.String(), "reason", exit.Reason)
			facts[i] = sched.Reported{Report: batch.AttemptExited{Exit: exit}}
		}
		send(ctx, reports, delivery{from: m, facts: facts})
	}
	if len(starts) > 0 {
		m.insist(ctx, "start attempts", func() error { return m.driver.Start(ctx, starts) })
	}
}

// count asks the driver for a census as of a moment and reports it.
func (m *mailbox) count(ctx context.Context, asOf time.Time, reports chan<- delivery) {
	var census compute.Census
	m.insist(ctx, "list what runs", func() (err error) {
		census, err = m.driver.Census(ctx)
		return err
	})
	if ctx.Err() != nil {
		return
	}
	send(ctx, reports, delivery{from: m, census: true, facts: []sched.Fact{censusFact(asOf, census)}})
}

func censusFact(asOf time.Time, c compute.Census) sched.Census {
	fact := sched.Census{AsOf: batch.At(asOf), Hosts: c.Hosts, Faults: c.Faults}
	for _, p := range c.Attempts {
		switch p.State {
		case compute.WaitingAhead:
			fact.Waiting = append(fact.Waiting, p.Attempt)
		case compute.Running:
			fact.Running = append(fact.Running, p.Started)
		case compute.Ended:
			fact.Ended = append(fact.Ended, p.Exit)
		}
	}
	return fact
}

// insist repeats what until it succeeds or ctx ends, waiting longer each time. One cause is logged once.
func (m *mailbox) insist(ctx context.Context, doing string, what func() error) {
	cause := ""
	for failures := 1; ctx.Err() == nil; failures++ {
		err := what()
		if err == nil {
			if cause != "" {
				m.log.Info("the driver works again", "doing", doing)
			}
			return
		}
		if errors.Is(err, context.Canceled) && ctx.Err() != nil {
			return
		}
		if err.Error() != cause {
			cause = err.Error()
			m.log.Warn("the driver failed and is tried again", "doing", doing, "error", err)
		}
		pause(ctx, backoff(failures))
	}
}

// pause waits, or returns when ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
