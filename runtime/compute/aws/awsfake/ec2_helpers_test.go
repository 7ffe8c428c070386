package awsfake

import (
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// cloud is a world with a launch template, seen through EC2's client.
type cloud struct {
	*World
	*ec2.Client

	t *testing.T
}

const templateName = "hosts"

func newCloud(t *testing.T, options Options) cloud {
	w := New(options)
	t.Cleanup(w.Close)
	c := cloud{w, ec2.NewFromConfig(w.Config()), t}
	_, err := c.CreateLaunchTemplate(t.Context(), &ec2.CreateLaunchTemplateInput{
		LaunchTemplateName: aws.String(templateName),
		LaunchTemplateData: &types.RequestLaunchTemplateData{
			ImageId: aws.String(imageFor("amazon-linux-2023/")), SecurityGroupIds: []string{securityGroupID}, UserData: aws.String("aGVsbG8="),
			InstanceInitiatedShutdownBehavior: types.ShutdownBehaviorTerminate,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// launch is a fleet of count instances, of any of the pools, which are types such as m6i.large in the first zone, or m6i.large@b in another.
func fleetOf(market types.DefaultTargetCapacityType, count int, pools ...string) *ec2.CreateFleetInput {
	config := types.FleetLaunchTemplateConfigRequest{LaunchTemplateSpecification: &types.FleetLaunchTemplateSpecificationRequest{LaunchTemplateName: aws.String(templateName), Version: aws.String("$Latest")}}
	for n, pool := range pools {
		name, letter := pool, "a"
		if at := slices.Index([]byte(pool), '@'); at > 0 {
			name, letter = pool[:at], pool[at+1:]
		}
		config.Overrides = append(config.Overrides, types.FleetLaunchTemplateOverridesRequest{
			InstanceType: types.InstanceType(name), SubnetId: aws.String(subnetID(letter)), Priority: aws.Float64(float64(n)),
		})
	}
	return &ec2.CreateFleetInput{
		Type: types.FleetTypeInstant, LaunchTemplateConfigs: []types.FleetLaunchTemplateConfigRequest{config},
		TargetCapacitySpecification: &types.TargetCapacitySpecificationRequest{TotalTargetCapacity: aws.Int32(int32(count)), DefaultTargetCapacityType: market},
		TagSpecifications:           []types.TagSpecification{{ResourceType: types.ResourceTypeInstance, Tags: []types.Tag{{Key: aws.String("batchd:group"), Value: aws.String("g1")}}}},
	}
}

func onDemand(count int, pools ...string) *ec2.CreateFleetInput {
	return fleetOf(types.DefaultTargetCapacityTypeOnDemand, count, pools...)
}

func spot(count int, pools ...string) *ec2.CreateFleetInput {
	return fleetOf(types.DefaultTargetCapacityTypeSpot, count, pools...)
}

// fleet creates a fleet and returns the ids of its instances, and its errors as "code: type zone".
func (c cloud) fleet(in *ec2.CreateFleetInput) (ids, errs []string) {
	c.t.Helper()
	out, err := c.CreateFleet(c.t.Context(), in)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, n := range out.Instances {
		ids = append(ids, n.InstanceIds...)
	}
	for _, e := range out.Errors {
		o := e.LaunchTemplateAndOverrides.Overrides
		errs = append(errs, fmt.Sprintf("%s: %s %s", aws.ToString(e.ErrorCode), o.InstanceType, aws.ToString(o.SubnetId)[len("subnet-"):len("subnet-")+2]))
	}
	return ids, errs
}

// instances returns the instances that a read sees.
func (c cloud) instances(filters ...types.Filter) (list []types.Instance) {
	c.t.Helper()
	pages := ec2.NewDescribeInstancesPaginator(c.Client, &ec2.DescribeInstancesInput{Filters: filters})
	for pages.HasMorePages() {
		out, err := pages.NextPage(c.t.Context())
		if err != nil {
			c.t.Fatal(err)
		}
		for _, r := range out.Reservations {
			list = append(list, r.Instances...)
		}
	}
	return list
}

// states counts the instances that a read sees by their state.
func (c cloud) states() map[types.InstanceStateName]int {
	c.t.Helper()
	states := map[types.InstanceStateName]int{}
	for _, i := range c.instances() {
		states[i.State.Name]++
	}
	return states
}

func (c cloud) terminate(ids ...string) {
	c.t.Helper()
	if _, err := c.TerminateInstances(c.t.Context(), &ec2.TerminateInstancesInput{InstanceIds: ids}); err != nil {
		c.t.Fatal(err)
	}
}

func where(name string, values ...string) types.Filter {
	return types.Filter{Name: aws.String(name), Values: values}
}
