package awsfake

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// watch calls see with the world locked whenever the state of an instance changed, and when it was given notice. What runs on instances
// lives by this: it begins when the instance is running and ends when it is shutting down.
func (s *ec2State) watch(see func(i *instance)) { s.watchers = append(s.watchers, see) }

// become changes the state of an instance and tells who watches.
func (s *ec2State) become(i *instance, c change) {
	c.at = time.Now()
	i.changes = append(i.changes, c)
	s.world.publish(Event{
		Source: "aws.ec2", DetailType: "EC2 Instance State-change Notification", Resources: []string{s.world.arn("ec2", "instance/"+i.id)},
		Detail: map[string]string{"instance-id": i.id, "state": string(c.state)},
	})
	s.tell(i)
}

func (s *ec2State) tell(i *instance) {
	for _, see := range s.watchers {
		see(i)
	}
}

// plan plans something for an instance, which does not happen if the instance ends before.
func (s *ec2State) plan(i *instance, delay time.Duration, do func()) {
	i.cancel = append(i.cancel, s.world.after(delay, do))
}

// begin begins the life of an instance that was accepted.
func (s *ec2State) begin(i *instance) {
	w, options := s.world, s.world.options.EC2
	s.become(i, change{state: types.InstanceStateNamePending})
	boot := w.draw(options.Boot, "boot", i.id)
	if w.chance(options.Failing, "failing", i.id) {
		s.plan(i, boot/2, func() {
			s.finish(i, change{code: "Server.InternalError", message: "Server.InternalError: Internal error on launch"})
		})
		return
	}
	run := func() {
		s.become(i, change{state: types.InstanceStateNameRunning})
		if i.spot() && w.chance(options.SpotLoss, "spot loss", i.id) {
			s.foresee(i, w.draw(options.SpotLife, "spot life", i.id))
		}
	}
	if boot == 0 {
		run()
		return
	}
	s.plan(i, boot, run)
}

// end shuts an instance down, which ends it after a while.
func (s *ec2State) end(i *instance, why change) {
	if i.ended() {
		return
	}
	why.state = types.InstanceStateNameShuttingDown
	i.forgetPlans()
	s.become(i, why)
	if ending := s.world.draw(s.world.options.EC2.Ending, "ending", i.id); ending > 0 {
		s.plan(i, ending, func() { s.finish(i, why) })
	} else {
		s.finish(i, why)
	}
}

// finish terminates an instance at once. It is shown for another hour.
func (s *ec2State) finish(i *instance, why change) {
	i.forgetPlans()
	why.state = types.InstanceStateNameTerminated
	s.become(i, why)
	s.world.meter.bill(i, time.Now())
	s.world.after(terminatedShown, func() { s.forget(i) })
}

func (i *instance) forgetPlans() {
	for _, cancel := range i.cancel {
		cancel()
	}
	i.cancel = nil
}

// userInitiated is the end that a call asked for.
func userInitiated(now time.Time) change {
	return change{
		code: "Client.UserInitiatedShutdown", message: "Client.UserInitiatedShutdown: User initiated shutdown",
		reason: fmt.Sprintf("User initiated (%s GMT)", now.UTC().Format(time.DateTime)),
	}
}

// powerOff is what an instance does when the system on it shuts down.
func (s *ec2State) powerOff(i *instance) {
	why := change{code: "Client.InstanceInitiatedShutdown", message: "Client.InstanceInitiatedShutdown: Instance initiated shutdown"}
	switch {
	case i.now().state != types.InstanceStateNameRunning:
	case i.spec.shutdown == types.ShutdownBehaviorTerminate:
		s.end(i, why)
	default:
		i.forgetPlans()
		why.state = types.InstanceStateNameStopped
		s.become(i, why)
	}
}

// PowerOff shuts down the system on a running instance, as its own users can. Whether that terminates or stops it, its launch template says.
func (w *World) PowerOff(id string) { w.withInstance(id, w.ec2.powerOff) }

// FailHost ends an instance as if its host broke down.
func (w *World) FailHost(id string) {
	w.withInstance(id, func(i *instance) {
		w.ec2.end(i, change{code: "Server.InternalError", message: "Server.InternalError: Internal error"})
	})
}

// Impair lets the status checks of an instance fail from now on.
func (w *World) Impair(id string) { w.withInstance(id, func(i *instance) { i.impaired = true }) }

// withInstance calls do for an instance, with the world locked. An id that does not exist is a mistake of the test.
func (w *World) withInstance(id string, do func(i *instance)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.happen()
	i := w.ec2.instances[id]
	if i == nil {
		panic("awsfake: there is no instance " + id)
	}
	do(i)
}
