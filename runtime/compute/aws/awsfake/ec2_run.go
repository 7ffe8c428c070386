package awsfake

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// runInstances launches instances of one type in one subnet, MaxCount of them or as many as there are, MinCount at least.
func (s *ec2State) runInstances(c *call, in *ec2.RunInstancesInput) (*ec2.RunInstancesOutput, error) {
	from, err := s.readRun(c, in)
	if err != nil {
		return nil, err
	}
	if err := s.mayLaunch(c, []candidate{from}, from.pool.Spot); err != nil {
		return nil, err
	}
	out, _, err := once(c, "RunInstances", in.ClientToken, in, func() (*ec2.RunInstancesOutput, error) {
		count, failure := s.possible(c, from, int(aws.ToInt32(in.MaxCount)), used{})
		if count < int(aws.ToInt32(in.MinCount)) {
			return nil, failure
		}
		reservation := s.world.id("r")
		out := &ec2.RunInstancesOutput{ReservationId: aws.String(reservation), OwnerId: aws.String(s.world.options.Account)}
		for _, id := range s.launch(c, from, count, reservation, "", aws.ToString(in.ClientToken)) {
			i := s.instances[id]
			out.Instances = append(out.Instances, s.describe(i, i.changes[0]))
		}
		return out, nil
	}, mismatch[ec2.RunInstancesOutput])
	return out, err
}

// readRun reads the input of RunInstances over the launch template that it may name.
func (s *ec2State) readRun(c *call, in *ec2.RunInstancesInput) (from candidate, err error) {
	var data types.RequestLaunchTemplateData
	if named := in.LaunchTemplate; named != nil {
		t, err := s.findTemplate(c, named.LaunchTemplateId, named.LaunchTemplateName)
		if err != nil {
			return from, err
		}
		number, err := t.number(aws.ToString(named.Version))
		if err != nil {
			return from, err
		}
		data = t.versions[number-1].data
	}
	data = *merged[types.RequestLaunchTemplateData](data, in)
	if err := checkUserData(&data); err != nil {
		return from, err
	}
	spot := data.InstanceMarketOptions != nil && data.InstanceMarketOptions.MarketType == types.MarketTypeSpot
	override := types.FleetLaunchTemplateOverridesRequest{SubnetId: in.SubnetId}
	if in.Placement != nil {
		override.AvailabilityZone = in.Placement.AvailabilityZone
	}
	return s.readOverride(data, override, spot)
}
