package awsfake

import (
	"time"
)

// foresee plans that EC2 takes a Spot instance back. Whether there is a warning, and a recommendation before it, is drawn.
func (s *ec2State) foresee(i *instance, life time.Duration) {
	w, options := s.world, s.world.options.EC2
	if w.chance(options.Rebalanced, "rebalance", i.id) {
		s.plan(i, max(0, life-rebalanceLead), func() { s.recommend(i) })
	}
	if w.chance(options.Unwarned, "unwarned", i.id) {
		s.plan(i, life, func() { s.reclaim(i) })
		return
	}
	s.plan(i, max(0, life-noticeLead), func() { s.warn(i) })
}

// recommend publishes that an instance is likelier than others to be taken back.
func (s *ec2State) recommend(i *instance) {
	s.world.publish(Event{
		Source: "aws.ec2", DetailType: "EC2 Instance Rebalance Recommendation", Resources: []string{s.world.arn("ec2", "instance/"+i.id)},
		Detail: map[string]string{"instance-id": i.id},
	})
}

// warn gives an instance two minutes.
func (s *ec2State) warn(i *instance) {
	i.notice = time.Now().Add(noticeLead)
	s.world.publish(Event{
		Source: "aws.ec2", DetailType: "EC2 Spot Instance Interruption Warning", Resources: []string{s.world.arn("ec2", "instance/"+i.id)},
		Detail: map[string]string{"instance-id": i.id, "instance-action": "terminate"},
	})
	s.tell(i)
	s.plan(i, noticeLead, func() { s.reclaim(i) })
}

// reclaim takes a Spot instance back.
func (s *ec2State) reclaim(i *instance) {
	s.end(i, change{code: "Server.SpotInstanceTermination", message: "Server.SpotInstanceTermination: Spot instance termination", reason: "Server.SpotInstanceTermination"})
}

// Interrupt warns a Spot instance, which ends two minutes later. Without a warning it ends at once.
func (w *World) Interrupt(id string, warning bool) {
	w.withInstance(id, func(i *instance) {
		switch {
		case i.ended():
		case warning:
			w.ec2.warn(i)
		default:
			w.ec2.reclaim(i)
		}
	})
}

// Rebalance recommends a Spot instance for rebalancing.
func (w *World) Rebalance(id string) { w.withInstance(id, w.ec2.recommend) }
