package awsfake

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// seen is an instance as a call sees it.
type seen struct {
	*instance
	change change
}

var instanceFilters = filters[seen]{
	"instance-id":          func(n seen) []string { return []string{n.id} },
	"instance-state-name":  func(n seen) []string { return []string{string(n.change.state)} },
	"instance-type":        func(n seen) []string { return []string{n.kind.name} },
	"instance-lifecycle":   func(n seen) []string { return []string{string(n.lifecycle())} },
	"availability-zone":    func(n seen) []string { return []string{n.pool.Zone} },
	"subnet-id":            func(n seen) []string { return []string{n.spec.subnet} },
	"vpc-id":               func(seen) []string { return []string{vpcID} },
	"image-id":             func(n seen) []string { return []string{n.spec.image} },
	"reservation-id":       func(n seen) []string { return []string{n.reservation} },
	"client-token":         func(n seen) []string { return []string{n.token} },
	"placement-group-name": func(n seen) []string { return []string{n.spec.placementGroup} },
}

func tagsOfInstance(n seen) []types.Tag { return n.tags.ec2() }

// see returns the instances with the ids, or all, as a call sees them. Any id that it does not see fails it.
func (s *ec2State) see(c *call, ids []string) (found []seen, err error) {
	list := s.list
	if len(ids) > 0 {
		var missing []string
		list = nil
		for _, id := range ids {
			i := s.instances[id]
			if i == nil || !c.sees(i.launched) {
				missing = append(missing, id)
				continue
			}
			list = append(list, i)
		}
		if len(missing) > 0 {
			return nil, noSuchInstances(missing)
		}
	}
	for _, i := range list {
		if change, exists := i.asOf(c.seen); exists {
			found = append(found, seen{i, change})
		}
	}
	return found, nil
}

func (s *ec2State) describeInstances(c *call, in *ec2.DescribeInstancesInput) (*ec2.DescribeInstancesOutput, error) {
	if in.MaxResults != nil && len(in.InstanceIds) > 0 {
		return nil, refuse("InvalidParameterCombination", "The parameter instancesSet cannot be used with the parameter maxResults")
	}
	found, err := s.see(c, in.InstanceIds)
	if err != nil {
		return nil, err
	}
	if found, err = instanceFilters.apply(found, in.Filters, tagsOfInstance); err != nil {
		return nil, err
	}
	found, next, err := pageFrom(found, func(n int) int { return found[n].instance.order }, in.MaxResults, in.NextToken, pageOfInstances)
	out := &ec2.DescribeInstancesOutput{NextToken: next}
	for _, n := range found {
		last := len(out.Reservations) - 1
		if last < 0 || *out.Reservations[last].ReservationId != n.reservation {
			out.Reservations = append(out.Reservations, types.Reservation{ReservationId: aws.String(n.reservation), OwnerId: aws.String(s.world.options.Account)})
			last++
		}
		out.Reservations[last].Instances = append(out.Reservations[last].Instances, s.describe(n.instance, n.change))
	}
	return out, err
}

func (s *ec2State) describeInstanceStatus(c *call, in *ec2.DescribeInstanceStatusInput) (*ec2.DescribeInstanceStatusOutput, error) {
	found, err := s.see(c, in.InstanceIds)
	if err != nil {
		return nil, err
	}
	if found, err = instanceFilters.apply(found, in.Filters, nil); err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(n seen) bool {
		return n.change.state != types.InstanceStateNameRunning && !aws.ToBool(in.IncludeAllInstances)
	})
	found, next, err := pageFrom(found, func(n int) int { return found[n].instance.order }, in.MaxResults, in.NextToken, pageOfInstances)
	out := &ec2.DescribeInstanceStatusOutput{NextToken: next}
	for _, n := range found {
		out.InstanceStatuses = append(out.InstanceStatuses, status(n))
	}
	return out, err
}

func status(n seen) types.InstanceStatus {
	checks := types.InstanceStatusSummary{Status: types.SummaryStatusOk}
	switch {
	case n.change.state != types.InstanceStateNameRunning:
		checks.Status = types.SummaryStatusNotApplicable
	case n.impaired:
		checks.Status = types.SummaryStatusImpaired
	}
	return types.InstanceStatus{
		InstanceId: aws.String(n.id), AvailabilityZone: aws.String(n.pool.Zone), InstanceState: stateOf(n.change.state),
		InstanceStatus: &checks, SystemStatus: &checks,
	}
}

func (s *ec2State) terminateInstances(c *call, in *ec2.TerminateInstancesInput) (*ec2.TerminateInstancesOutput, error) {
	found, err := s.see(c, in.InstanceIds)
	if err != nil {
		return nil, err
	}
	for _, n := range found {
		if err := c.mayTouch(s.world.arn("ec2", "instance/"+n.id), n.tags); err != nil {
			return nil, err
		}
	}
	out := &ec2.TerminateInstancesOutput{}
	for _, n := range found {
		before := n.now().state
		s.end(n.instance, userInitiated(c.now))
		out.TerminatingInstances = append(out.TerminatingInstances, types.InstanceStateChange{
			InstanceId: aws.String(n.id), PreviousState: stateOf(before), CurrentState: stateOf(n.now().state),
		})
	}
	return out, nil
}

func stateOf(name types.InstanceStateName) *types.InstanceState {
	return &types.InstanceState{Name: name, Code: aws.Int32(stateCodes[name])}
}
