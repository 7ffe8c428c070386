package aws

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/governor"
)

// fleet is what EC2 answers when it is asked for instances.
type fleet struct {
	instances []instance
	refusal   refusal // without a reason if nothing was refused
}

// fleetOf is the call that asks for the instances of g. It follows from the order and from the site of its spec alone, so that a
// repetition has the same parameters. The mutex is held.
func (d *Driver) fleetOf(g *group) *ec2.CreateFleetInput {
	e, l := g.environment, &g.order
	r := resourcesOf(&e.row)
	input := &ec2.CreateFleetInput{
		Type: ec2types.FleetTypeInstant, ClientToken: aws.String(g.id),
		LaunchTemplateConfigs: configsOf(e.site, l.Offers),
		TargetCapacitySpecification: &ec2types.TargetCapacitySpecificationRequest{
			TotalTargetCapacity: aws.Int32(int32(l.Count)), DefaultTargetCapacityType: ec2types.DefaultTargetCapacityTypeOnDemand,
		},
	}
	tags := ec2Tags(d.tags(&e.row, tagGroup, g.id, tagSpec, l.Spec), r.Tags)
	for _, resource := range []ec2types.ResourceType{ec2types.ResourceTypeFleet, ec2types.ResourceTypeInstance, ec2types.ResourceTypeVolume} {
		input.TagSpecifications = append(input.TagSpecifications, ec2types.TagSpecification{ResourceType: resource, Tags: tags})
	}
	var together *int32
	if l.Together {
		together = aws.Int32(int32(l.Count))
	}
	if l.Offers[0].Market == batch.SpotMarket {
		input.TargetCapacitySpecification.DefaultTargetCapacityType = ec2types.DefaultTargetCapacityTypeSpot
		input.SpotOptions = &ec2types.SpotOptionsRequest{AllocationStrategy: spotStrategy(r.Strategy), MinTargetCapacity: together}
		if l.Together {
			input.SpotOptions.SingleAvailabilityZone = aws.Bool(true)
		}
		if r.BidPercent > 0 && r.BidPercent < 100 {
			bid(input, l.Offers, r.BidPercent)
		}
		return input
	}
	input.OnDemandOptions = &ec2types.OnDemandOptionsRequest{AllocationStrategy: ec2types.FleetOnDemandAllocationStrategyPrioritized, MinTargetCapacity: together}
	if l.Together {
		input.OnDemandOptions.SingleAvailabilityZone = aws.Bool(true)
	}
	return input
}

// spotStrategy is how EC2 chooses among the pools. The order of the offers is the priority.
func spotStrategy(s batch.Strategy) ec2types.SpotAllocationStrategy {
	switch s {
	case batch.SpotCapacityOptimized:
		return ec2types.SpotAllocationStrategyCapacityOptimized
	case batch.SpotCapacityOptimizedPrioritized, batch.BestFitProgressiveOrdered:
		return ec2types.SpotAllocationStrategyCapacityOptimizedPrioritized
	case batch.BestFit, batch.BestFitProgressive:
		return ec2types.SpotAllocationStrategyLowestPrice
	default:
		return ec2types.SpotAllocationStrategyPriceCapacityOptimized
	}
}

// configsOf names the pools, those preferred first: each type in one subnet of each zone, with the zone, so that EC2 says which zone refused.
func configsOf(s *site, offers []batch.Offer) (configs []ec2types.FleetLaunchTemplateConfigRequest) {
	for _, t := range s.templates {
		config := ec2types.FleetLaunchTemplateConfigRequest{
			LaunchTemplateSpecification: &ec2types.FleetLaunchTemplateSpecificationRequest{LaunchTemplateName: aws.String(t.name), Version: aws.String("$Latest")},
		}
		for i, o := range offers[:min(len(offers), maxOverrides)] {
			if slices.Contains(t.types, o.Type) && s.subnets[o.Zone] != "" {
				config.Overrides = append(config.Overrides, ec2types.FleetLaunchTemplateOverridesRequest{
					InstanceType: ec2types.InstanceType(o.Type), SubnetId: aws.String(s.subnets[o.Zone]), AvailabilityZone: aws.String(o.Zone), Priority: aws.Float64(float64(i)),
				})
			}
		}
		if len(config.Overrides) > 0 {
			configs = append(configs, config)
		}
	}
	return configs
}

// bid sets the most that each pool may cost.
func bid(input *ec2.CreateFleetInput, offers []batch.Offer, percent int32) {
	for c := range input.LaunchTemplateConfigs {
		overrides := input.LaunchTemplateConfigs[c].Overrides
		for i := range overrides {
			for _, o := range offers {
				if string(overrides[i].InstanceType) == o.Type && aws.ToString(overrides[i].AvailabilityZone) == o.Zone && o.OnDemand > 0 {
					overrides[i].MaxPrice = aws.String(dollars(o.OnDemand * int64(percent) / 100))
				}
			}
		}
	}
}

// dollars writes millionths of a dollar as EC2 takes prices: 47,500 is "0.047500".
func dollars(micro int64) string { return fmt.Sprintf("%d.%06d", micro/1e6, micro%1e6) }

// createFleet asks for instances. The token makes a repetition harmless, so that the SDK may repeat the call.
func createFleet(ctx context.Context, a *account, input *ec2.CreateFleetInput) (*fleet, error) {
	count := int(aws.ToInt32(input.TargetCapacitySpecification.TotalTargetCapacity))
	out, err := a.ec2.CreateFleet(governor.Counting(governor.In(ctx, governor.Run), count), input)
	if err != nil {
		return nil, err
	}
	market := batch.OnDemand
	if input.SpotOptions != nil {
		market = batch.SpotMarket
	}
	f := &fleet{}
	for _, of := range out.Instances {
		pool := poolOf(of.LaunchTemplateAndOverrides, market)
		pool.Type = string(of.InstanceType)
		for _, id := range of.InstanceIds {
			f.instances = append(f.instances, instance{id, pool})
		}
	}
	f.refusal = refusalOf(out.Errors, market)
	return f, nil
}

func poolOf(of *ec2types.LaunchTemplateAndOverridesResponse, market batch.Market) batch.Pool {
	pool := batch.Pool{Market: market}
	if of != nil && of.Overrides != nil {
		pool.Type, pool.Zone = string(of.Overrides.InstanceType), aws.ToString(of.Overrides.AvailabilityZone)
	}
	return pool
}

// refusalOf makes one refusal of all the errors in an answer: their pools, and the first reason of the kind that lasts longest.
func refusalOf(errors []ec2types.CreateFleetError, market batch.Market) (r refusal) {
	var reasons []string
	for _, e := range errors {
		f := failureOfCode(aws.ToString(e.ErrorCode), aws.ToString(e.ErrorMessage))
		if r.reason == "" || f.again > r.again {
			r.failure = f
		}
		if pool := poolOf(e.LaunchTemplateAndOverrides, market); pool.Type != "" && pool.Zone != "" && !slices.Contains(r.pools, pool) {
			r.pools = append(r.pools, pool)
		}
		if !slices.Contains(reasons, f.reason) {
			reasons = append(reasons, f.reason)
		}
	}
	if len(reasons) > 1 {
		r.reason = strings.Join(reasons, "; ")
	}
	return r
}
