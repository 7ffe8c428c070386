package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// verb is which method of a driver a letter is for. The log names it as what the driver is doing.
type verb string

const (
	verbProvision verb = "provision environments"
	verbRetire    verb = "retire environments"
	verbLaunch    verb = "launch hosts"
	verbRelease   verb = "release hosts"
	verbStart     verb = "start attempts"
	verbStop      verb = "stop attempts"
	verbForget    verb = "forget attempts"
	verbCensus    verb = "list what runs"
)

func (l letter) verb() verb {
	switch l.order.(type) {
	case sched.ProvisionEnvironment:
		return verbProvision
	case sched.RetireEnvironment:
		return verbRetire
	case sched.LaunchHosts:
		return verbLaunch
	case sched.ReleaseHost:
		return verbRelease
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
	for n < len(letters) && letters[n].verb() == v && v != verbCensus && (v != verbStart || n < maxStartsPerCall) && alike(letters[0].order, letters[n].order) {
		n++
	}
	return n
}

// alike reports whether two orders of one verb go into one call: launches do if they are for one environment.
func alike(a, b sched.Order) bool {
	first, ok := a.(sched.LaunchHosts)
	if !ok {
		return true
	}
	second, ok := b.(sched.LaunchHosts)
	return ok && first.Environment == second.Environment
}

// ofEnvironment is what orders are about that must not overtake one another: an environment is provisioned before its hosts are launched.
type ofEnvironment string

// about returns what the letter is about, an environment, an attempt or the id of a host; nil for a census.
func (l letter) about() any {
	switch o := l.order.(type) {
	case sched.ProvisionEnvironment:
		return ofEnvironment(o.Environment.Name)
	case sched.RetireEnvironment:
		return ofEnvironment(o.Environment.Name)
	case sched.LaunchHosts:
		return ofEnvironment(o.Environment)
	case sched.ReleaseHost:
		return o.Host
	case sched.StartAttempt:
		return o.Attempt
	case sched.StopAttempt:
		return o.Attempt
	case sched.ForgetAttempt:
		return o.Attempt
	default:
		return nil
	}
}

// repeats reports whether a later order asks for the same as an earlier one, as of a later time: then the later one is enough.
func repeats(later, earlier sched.Order) bool {
	switch later := later.(type) {
	case sched.ProvisionEnvironment:
		earlier, ok := earlier.(sched.ProvisionEnvironment)
		return ok && earlier.Environment.UUID == later.Environment.UUID
	case sched.RetireEnvironment:
		earlier, ok := earlier.(sched.RetireEnvironment)
		return ok && earlier.Environment.UUID == later.Environment.UUID
	case sched.LaunchHosts:
		earlier, ok := earlier.(sched.LaunchHosts)
		return ok && earlier.Group == later.Group
	default:
		return later == earlier
	}
}

// hostOf returns the host that an order is for; empty if it is for none in particular.
func hostOf(o sched.Order) string {
	switch o := o.(type) {
	case sched.ReleaseHost:
		return o.Host
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

// kindOf returns the kind of environment that an order is about; empty if it is about a host or an attempt.
func kindOf(o sched.Order) batch.Kind {
	switch o := o.(type) {
	case sched.ProvisionEnvironment:
		return o.Environment.Kind
	case sched.RetireEnvironment:
		return o.Environment.Kind
	case sched.LaunchHosts:
		return o.Kind
	default:
		return ""
	}
}

// call makes one call of the driver for letters of one verb, and returns those that it has not taken. Before are letters that came
// before and that it has not taken either. The call has to return within [callTimeout].
func (m *mailbox) call(ctx context.Context, letters, before []letter, reports chan<- delivery) []letter {
	calling, done := context.WithTimeout(ctx, callTimeout)
	defer done()
	taken := true
	switch letters[0].verb() {
	case verbProvision:
		taken = m.provision(ctx, calling, letters, reports)
	case verbRetire:
		taken = m.retire(ctx, calling, letters)
	case verbLaunch:
		taken = m.launch(ctx, calling, letters, reports)
	case verbRelease:
		taken = m.release(ctx, calling, letters)
	case verbStart:
		return m.start(ctx, calling, letters, reports)
	case verbStop:
		stops := each(letters, func(o sched.StopAttempt) compute.Stop {
			return compute.Stop{Attempt: o.Attempt, Recall: o.Recall, Runner: o.Runner}
		})
		taken = m.worked(ctx, verbStop, m.driver.Stop(calling, stops))
	case verbForget:
		ended := each(letters, func(o sched.ForgetAttempt) batch.AttemptID { return o.Attempt })
		taken = m.worked(ctx, verbForget, m.driver.Forget(calling, ended))
	case verbCensus:
		taken = m.count(ctx, calling, letters[0].census, before, reports)
	}
	if taken {
		return nil
	}
	return letters
}

// each makes what a call of the driver takes from the orders in letters, which are all of type O; see [sameKind].
func each[O sched.Order, T any](letters []letter, from func(O) T) []T {
	all := make([]T, 0, len(letters))
	for _, l := range letters {
		if o, ok := l.order.(O); ok {
			all = append(all, from(o))
		}
	}
	return all
}

// start resolves start orders and gives them to the driver. What cannot be resolved, now or later,
// is reported as an attempt that failed to start, and what the driver refuses as one that its host refused.
func (m *mailbox) start(ctx, calling context.Context, letters []letter, reports chan<- delivery) []letter {
	orders := each(letters, func(o sched.StartAttempt) sched.StartAttempt { return o })
	starts, hopeless, err := m.resolver.resolve(calling, orders)
	if err != nil {
		m.failed(ctx, verbStart, fmt.Errorf("reading what to start: %w", err))
		return letters
	}
	for _, exit := range hopeless {
		m.log.Error("an attempt cannot be started", "attempt", exit.Attempt.String(), "reason", exit.Reason)
		letters = slices.DeleteFunc(slices.Clone(letters), func(l letter) bool { return l.about() == exit.Attempt })
	}
	if len(starts) > 0 {
		err = m.driver.Start(calling, starts)
	}
	var refusal *compute.Refusal
	if errors.As(err, &refusal) && refusal.Why != batch.Throttled {
		for _, s := range starts {
			exit := compute.OfMachine.NotStarted(refusal.Text)
			exit.Attempt = s.Attempt
			hopeless = append(hopeless, exit)
		}
		err = nil
	}
	if len(hopeless) > 0 {
		facts := make([]sched.Fact, len(hopeless))
		for i, exit := range hopeless {
			facts[i] = sched.Reported{Report: batch.AttemptExited{Exit: exit}}
		}
		send(ctx, reports, delivery{from: m, facts: facts})
	}
	if m.worked(ctx, verbStart, err) {
		return nil
	}
	return letters
}

// count asks the driver for a census as of a moment and reports it. Nothing follows from the absence of attempts and hosts whose orders are
// among those that the driver has not taken.
func (m *mailbox) count(ctx, calling context.Context, asOf time.Time, before []letter, reports chan<- delivery) bool {
	census, err := m.driver.Census(calling)
	if !m.worked(ctx, verbCensus, err) {
		return false
	}
	fact := censusFact(asOf, census)
	fact.Kinds = m.kinds
	for _, l := range before {
		switch o := l.order.(type) {
		case sched.StartAttempt:
			fact.Untaken = append(fact.Untaken, o.Attempt)
		case sched.LaunchHosts:
			fact.UntakenHosts = append(fact.UntakenHosts, o.Hosts...)
		default: // nothing is concluded from what these have not done
		}
	}
	send(ctx, reports, delivery{from: m, census: true, facts: []sched.Fact{fact}})
	return true
}

func censusFact(asOf time.Time, c compute.Census) sched.Census {
	fact := sched.Census{AsOf: batch.At(asOf), Hosts: c.Hosts, Coming: c.Coming, Faults: c.Faults}
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
