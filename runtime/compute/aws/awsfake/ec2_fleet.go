package awsfake

import (
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// fleet is an EC2 Fleet of type instant: the record of one launch. It exists as long as one of its instances, or until it is deleted.
type fleet struct {
	id, token string
	created   time.Time
	tags      tags
	answer    *ec2.CreateFleetOutput
	spot      bool
	deleted   time.Time // zero while it exists
}

// createFleet launches instances at once. What it could not launch it says in the answer, not with an error.
func (s *ec2State) createFleet(c *call, in *ec2.CreateFleetInput) (*ec2.CreateFleetOutput, error) {
	order, err := s.readFleet(c, in)
	if err != nil {
		return nil, err
	}
	if err := s.mayLaunch(c, order.candidates, order.spot); err != nil {
		return nil, err
	}
	out, repeated, err := once(c, "CreateFleet", in.ClientToken, in, func() (*ec2.CreateFleetOutput, error) {
		f := &fleet{id: "fleet-" + s.world.uuid("fleet"), token: aws.ToString(in.ClientToken), created: c.now, tags: tags{}, spot: order.spot}
		for _, spec := range in.TagSpecifications {
			if spec.ResourceType == types.ResourceTypeFleet {
				f.tags.addEC2(spec.Tags)
			}
		}
		f.answer = s.fulfil(c, order, f)
		f.answer.FleetId = aws.String(f.id)
		s.fleets = append(s.fleets, f)
		return f.answer, nil
	}, mismatch[ec2.CreateFleetOutput])
	if repeated && s.world.chance(s.world.options.EC2.Forgetful, "forgetful", c.luck()) {
		return &ec2.CreateFleetOutput{FleetId: out.FleetId}, nil
	}
	return out, err
}

// fleetOrder is what a CreateFleet call asks for.
type fleetOrder struct {
	candidates []candidate
	spot       bool
	count, min int
	strategy   string
	// oneType and oneZone say that all instances are of one type, or in one zone.
	oneType, oneZone bool
}

// readFleet reads the input of CreateFleet.
func (s *ec2State) readFleet(c *call, in *ec2.CreateFleetInput) (order fleetOrder, err error) {
	target := in.TargetCapacitySpecification
	switch {
	case in.Type != types.FleetTypeInstant:
		return order, refuse("UnsupportedOperation", "awsfake serves fleets of type instant only, not %s", in.Type)
	case target == nil || aws.ToInt32(target.TotalTargetCapacity) < 1:
		return order, refuse("InvalidParameterValue", "TotalTargetCapacity must be at least 1")
	case aws.ToInt32(target.TotalTargetCapacity) > maxFleet:
		return order, refuse("InvalidTargetCapacitySpecification", "The target capacity of a fleet is at most %d", maxFleet)
	case len(aws.ToString(in.ClientToken)) > maxToken:
		return order, refuse("InvalidParameterValue", "ClientToken has more than %d characters", maxToken)
	}
	order.count = int(*target.TotalTargetCapacity)
	order.spot = target.DefaultTargetCapacityType == types.DefaultTargetCapacityTypeSpot || aws.ToInt32(target.SpotTargetCapacity) > 0
	if options := in.SpotOptions; order.spot && options != nil {
		order.strategy, order.min = string(options.AllocationStrategy), int(aws.ToInt32(options.MinTargetCapacity))
		order.oneType, order.oneZone = aws.ToBool(options.SingleInstanceType), aws.ToBool(options.SingleAvailabilityZone)
	}
	if options := in.OnDemandOptions; !order.spot && options != nil {
		order.strategy, order.min = string(options.AllocationStrategy), int(aws.ToInt32(options.MinTargetCapacity))
		order.oneType, order.oneZone = aws.ToBool(options.SingleInstanceType), aws.ToBool(options.SingleAvailabilityZone)
	}
	if order.min > 0 && !order.oneType && !order.oneZone {
		return order, refuse("InvalidParameterCombination", "MinTargetCapacity needs SingleInstanceType or SingleAvailabilityZone")
	}
	order.candidates, err = s.readConfigs(c, in, order.spot)
	return order, err
}

// readConfigs reads the launch templates and overrides of a fleet.
func (s *ec2State) readConfigs(c *call, in *ec2.CreateFleetInput, spot bool) (candidates []candidate, err error) {
	for _, config := range in.LaunchTemplateConfigs {
		named := config.LaunchTemplateSpecification
		if named == nil {
			return nil, missingParameter("LaunchTemplateSpecification")
		}
		t, err := s.findTemplate(c, named.LaunchTemplateId, named.LaunchTemplateName)
		if err != nil {
			return nil, err
		}
		number, err := t.number(aws.ToString(named.Version))
		if err != nil {
			return nil, err
		}
		overrides := config.Overrides
		if len(overrides) == 0 {
			overrides = []types.FleetLaunchTemplateOverridesRequest{{}}
		}
		for _, override := range overrides {
			from, err := s.readOverride(t.versions[number-1].data, override, spot)
			if err != nil {
				return nil, err
			}
			from.shown.LaunchTemplateSpecification = &types.FleetLaunchTemplateSpecification{
				LaunchTemplateId: aws.String(t.id), LaunchTemplateName: aws.String(t.name), Version: aws.String(strconv.Itoa(number)),
			}
			for _, spec := range in.TagSpecifications {
				if spec.ResourceType == types.ResourceTypeInstance {
					from.spec.tags.addEC2(spec.Tags)
				}
			}
			candidates = append(candidates, from)
		}
	}
	if len(candidates) == 0 {
		return nil, missingParameter("LaunchTemplateConfigs")
	}
	return candidates, nil
}

// readOverride reads one override of a template.
func (s *ec2State) readOverride(data types.RequestLaunchTemplateData, override types.FleetLaunchTemplateOverridesRequest, spot bool) (candidate, error) {
	from := candidate{spec: specOf(data), priority: unprioritized}
	if override.InstanceRequirements != nil || override.WeightedCapacity != nil {
		return from, refuse("UnsupportedOperation", "awsfake serves no overrides with InstanceRequirements or WeightedCapacity")
	}
	from.shown.Overrides = merged[types.FleetLaunchTemplateOverrides](override)
	if override.Priority != nil {
		from.priority = *override.Priority
	}
	if override.MaxPrice != nil {
		price, err := strconv.ParseFloat(*override.MaxPrice, 64)
		if err != nil || price <= 0 {
			return from, refuse("InvalidParameterValue", "MaxPrice '%s' is not a price", *override.MaxPrice)
		}
		from.maxPrice = price
	}
	from.spec.image = first(aws.ToString(override.ImageId), from.spec.image)
	from.spec.subnet = first(aws.ToString(override.SubnetId), from.spec.subnet)
	if override.IamInstanceProfile != nil {
		from.spec.profile = first(aws.ToString(override.IamInstanceProfile.Name), lastPart(aws.ToString(override.IamInstanceProfile.Arn)))
	}
	if override.Placement != nil {
		from.spec.placementGroup = first(aws.ToString(override.Placement.GroupName), from.spec.placementGroup)
	}
	from.pool = Pool{Type: first(string(override.InstanceType), string(data.InstanceType)), Zone: aws.ToString(override.AvailabilityZone), Spot: spot}
	return from, s.locate(&from)
}

// locate finds the subnet and the zone of a candidate from either.
func (s *ec2State) locate(from *candidate) error {
	if from.spec.subnet == "" {
		from.spec.subnet = subnetID(first(from.pool.Zone, s.world.zones()[0]))
	}
	zone, exists := s.world.zoneOf(from.spec.subnet)
	switch {
	case !exists:
		return noSuchSubnet(from.spec.subnet)
	case from.pool.Zone != "" && from.pool.Zone != zone:
		return refuse("InvalidParameterValue", "The subnet '%s' is in %s, not in %s", from.spec.subnet, zone, from.pool.Zone)
	}
	from.pool.Zone = zone
	return nil
}

// first returns the first text that is not empty.
func first(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
