package aws

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/awsfake"
)

// asked launches a host of an environment and returns the call that asked for it.
func (b *bed) asked(kind batch.Kind, change func(*batch.Resources), order ...func(*compute.Launch)) *ec2.CreateFleetInput {
	b.t.Helper()
	calls := make(chan *ec2.CreateFleetInput, 100)
	b.world.Observe(func(c awsfake.Call) {
		if in, ok := c.Input.(*ec2.CreateFleetInput); ok {
			calls <- in
		}
	})
	b.launch(b.environment(kind, change), 2, order...)
	return <-calls
}

func TestACallSaysWhatTheEnvironmentAsksFor(t *testing.T) {
	inBubble(t, awsfake.Options{}, func(t *testing.T, b *bed) {
		in := b.asked(batch.Spot, func(r *batch.Resources) {
			r.BidPercent, r.Tags = 60, map[string]string{"team": "risk", tagGroup: "mine"}
		})
		if in.Type != ec2types.FleetTypeInstant || aws.ToString(in.ClientToken) != nightlyUUID+"-1" || aws.ToInt32(in.TargetCapacitySpecification.TotalTargetCapacity) != 2 {
			t.Errorf("the call is %+v", in)
		}
		if got := in.SpotOptions.AllocationStrategy; got != ec2types.SpotAllocationStrategyPriceCapacityOptimized {
			t.Errorf("the strategy is %s", got)
		}
		zones := map[string]bool{}
		for _, o := range in.LaunchTemplateConfigs[0].Overrides {
			zones[aws.ToString(o.AvailabilityZone)] = true
			if aws.ToString(o.MaxPrice) != "0.053550" { // 60 % of 0.08925
				t.Errorf("at most %s is paid", aws.ToString(o.MaxPrice))
			}
		}
		if len(zones) != 3 {
			t.Errorf("the zones are %v", zones)
		}
		tagged := map[ec2types.ResourceType]bool{}
		for _, s := range in.TagSpecifications {
			tagged[s.ResourceType] = true
			if tagOf(s.Tags, "team") != "risk" || tagOf(s.Tags, tagGroup) != nightlyUUID+"-1" {
				t.Errorf("the tags of the %s are %v", s.ResourceType, s.Tags)
			}
		}
		if !tagged["instance"] || !tagged["volume"] || !tagged["fleet"] {
			t.Errorf("tags are on %v", tagged)
		}
	})
}

func TestAWholeBidNamesNoPrice(t *testing.T) {
	inBubble(t, awsfake.Options{}, func(t *testing.T, b *bed) {
		in := b.asked(batch.Spot, func(*batch.Resources) {})
		for _, o := range in.LaunchTemplateConfigs[0].Overrides {
			if o.MaxPrice != nil {
				t.Errorf("at most %s is paid, which EC2 advises against", *o.MaxPrice)
			}
		}
	})
}

func TestStrategiesAreThoseOfEC2(t *testing.T) {
	for strategy, want := range map[batch.Strategy]ec2types.SpotAllocationStrategy{
		batch.SpotCapacityOptimized:            ec2types.SpotAllocationStrategyCapacityOptimized,
		batch.SpotCapacityOptimizedPrioritized: ec2types.SpotAllocationStrategyCapacityOptimizedPrioritized,
		batch.SpotPriceCapacityOptimized:       ec2types.SpotAllocationStrategyPriceCapacityOptimized,
		batch.BestFitProgressive:               ec2types.SpotAllocationStrategyLowestPrice,
		batch.BestFit:                          ec2types.SpotAllocationStrategyLowestPrice,
	} {
		if got := spotStrategy(strategy); got != want {
			t.Errorf("%s is %s, want %s", strategy, got, want)
		}
	}
}

func TestNodesOfAJobAreAskedForInOneZone(t *testing.T) {
	inBubble(t, awsfake.Options{}, func(t *testing.T, b *bed) {
		in := b.asked(batch.EC2, func(*batch.Resources) {}, func(l *compute.Launch) { l.Together = true })
		if o := in.OnDemandOptions; o == nil || aws.ToInt32(o.MinTargetCapacity) != 2 || !aws.ToBool(o.SingleAvailabilityZone) {
			t.Errorf("the options are %+v", o)
		}
	})
}

func TestATypeMayHaveALaunchTemplateOfItsOwn(t *testing.T) {
	inBubble(t, awsfake.Options{}, func(t *testing.T, b *bed) {
		for _, name := range []string{"all", "large"} {
			_, err := ec2.NewFromConfig(b.world.Config()).CreateLaunchTemplate(t.Context(), &ec2.CreateLaunchTemplateInput{
				LaunchTemplateName: aws.String(name), LaunchTemplateData: &ec2types.RequestLaunchTemplateData{KeyName: aws.String("key of " + name)},
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		in := b.asked(batch.EC2, func(r *batch.Resources) {
			r.InstanceTypes = []string{"c7i.large", "m5"}
			r.LaunchTemplate = &batch.LaunchTemplate{TemplateRef: batch.TemplateRef{Name: "all"}, Overrides: []batch.TemplateOverride{{
				TemplateRef: batch.TemplateRef{Name: "large"}, InstanceTypes: []string{"m5"},
			}}}
		})
		templates := b.templates()
		for _, config := range in.LaunchTemplateConfigs {
			key := aws.ToString(templates[aws.ToString(config.LaunchTemplateSpecification.LaunchTemplateName)].KeyName)
			for _, o := range config.Overrides {
				want := "key of all"
				if strings.HasPrefix(string(o.InstanceType), "m5.") {
					want = "key of large"
				}
				if key != want {
					t.Errorf("%s is launched with the %s, want the %s", o.InstanceType, key, want)
				}
			}
		}
	})
}

func TestInstancesThatFailAfterTheyWereAcceptedAreGone(t *testing.T) {
	options := awsfake.Realistic(9)
	options.EC2.Failing = 1
	inBubble(t, options, func(t *testing.T, b *bed) {
		hosts := b.launch(b.environment(batch.EC2), 2)
		began := time.Now()
		b.becomes(batch.Gone, hosts...)
		if took := time.Since(began); took > time.Minute {
			t.Errorf("that was noticed after %v", took)
		}
	})
}
