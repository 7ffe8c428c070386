package api_test

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/batch"
	"github.com/aws/aws-sdk-go-v2/service/batch/types"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// TestSDKOrderOfEnvironments gives the environments of a queue in another order than they are tried in: they are answered as
// they were given, and jobs run in the one of the lowest order.
func TestSDKOrderOfEnvironments(t *testing.T) {
	a := newAmazon(t)
	_, err := a.CreateComputeEnvironment(t.Context(), &sdk.CreateComputeEnvironmentInput{
		ComputeEnvironmentName: aws.String("first"), Type: types.CETypeManaged,
		ComputeResources: &types.ComputeResource{Type: "LOCAL", MaxvCpus: aws.Int32(1), Subnets: []string{}},
	})
	a.must(err)
	entry := func(order int32, name string) types.ComputeEnvironmentOrder {
		return types.ComputeEnvironmentOrder{Order: &order, ComputeEnvironment: aws.String("arn:aws:batch:us-east-1:123456789012:compute-environment/" + name)}
	}
	given := []types.ComputeEnvironmentOrder{entry(7, "here"), entry(3, "first")}
	same := func(what string) {
		t.Helper()
		out, err := a.DescribeJobQueues(t.Context(), &sdk.DescribeJobQueuesInput{JobQueues: []string{"both"}})
		a.must(err)
		equal := func(x, y types.ComputeEnvironmentOrder) bool {
			return *x.Order == *y.Order && *x.ComputeEnvironment == *y.ComputeEnvironment
		}
		if !slices.EqualFunc(out.JobQueues[0].ComputeEnvironmentOrder, given, equal) {
			t.Errorf("%s: %+v", what, out.JobQueues[0].ComputeEnvironmentOrder)
		}
	}
	_, err = a.CreateJobQueue(t.Context(), &sdk.CreateJobQueueInput{JobQueueName: aws.String("both"), Priority: aws.Int32(1), ComputeEnvironmentOrder: given})
	a.must(err)
	same("created")
	_, err = a.UpdateJobQueue(t.Context(), &sdk.UpdateJobQueueInput{JobQueue: aws.String("both"), Priority: aws.Int32(2)})
	a.must(err)
	same("of another priority")
	_, err = a.UpdateJobQueue(t.Context(), &sdk.UpdateJobQueueInput{JobQueue: aws.String("both"), ComputeEnvironmentOrder: given})
	a.must(err)
	same("given again")
	id := a.submit("job", "hold", func(in *sdk.SubmitJobInput) { in.JobQueue = aws.String("both") })
	if j := a.awaitStatus(id, batch.Running); j.Run.Environment != "first" {
		t.Errorf("the job runs in %s, and first has the lowest order", j.Run.Environment)
	}
	a.finish(id, 0)
}

// TestSDKDeprecatedForm describes jobs of a definition that says vcpus and memory.
func TestSDKDeprecatedForm(t *testing.T) {
	a := newAmazon(t)
	container := &types.ContainerProperties{Command: []string{}, Vcpus: aws.Int32(1), Memory: aws.Int32(128)} //nolint:staticcheck // the deprecated form
	for name, in := range map[string]*sdk.RegisterJobDefinitionInput{
		"old": {Type: types.JobDefinitionTypeContainer, ContainerProperties: container},
		"nodes": {Type: types.JobDefinitionTypeMultinode, NodeProperties: &types.NodeProperties{
			NumNodes: aws.Int32(2), MainNode: aws.Int32(0), NodeRangeProperties: []types.NodeRangeProperty{{TargetNodes: aws.String("0:"), Container: container}},
		}},
	} {
		in.JobDefinitionName = &name
		_, err := a.RegisterJobDefinition(t.Context(), in)
		a.must(err)
	}
	id := a.submit("job", "old", func(in *sdk.SubmitJobInput) {
		in.ContainerOverrides = &types.ContainerOverrides{Vcpus: aws.Int32(2), Memory: aws.Int32(256)} //nolint:staticcheck // the deprecated form
	})
	a.awaitStatus(id, batch.Succeeded)
	c := a.describe(id).Container
	if *c.Vcpus != 2 || *c.Memory != 256 || len(c.ResourceRequirements) != 2 || c.MountPoints == nil || c.NetworkInterfaces == nil {
		t.Errorf("container %+v", c)
	}
	if c := a.describe(a.submit("job", "nodes", nil)).NodeProperties.NodeRangeProperties[0].Container; *c.Vcpus != 1 || *c.Memory != 128 { //nolint:staticcheck // the deprecated form
		t.Errorf("container of nodes %+v", c)
	}
}

// TestSDKArrayHasStarted checks that an array has started when the first of its children has.
func TestSDKArrayHasStarted(t *testing.T) {
	a := newAmazon(t)
	id := a.submit("array", "hold", func(in *sdk.SubmitJobInput) { in.ArrayProperties = &types.ArrayProperties{Size: aws.Int32(2)} })
	a.awaitStatus(id.Child(0), batch.Running)
	a.awaitStatus(id.Child(1), batch.Running)
	first := min(*a.describe(id.Child(0)).StartedAt, *a.describe(id.Child(1)).StartedAt)
	if j := a.describe(id); j.StartedAt == nil || *j.StartedAt != first {
		t.Errorf("the array started at %v, the first child at %d", j.StartedAt, first)
	}
	a.finish(id.Child(0), 0)
	a.finish(id.Child(1), 0)
	a.awaitStatus(id, batch.Succeeded)
	if j := a.describe(id); *j.StartedAt != first {
		t.Errorf("ended, the array started at %d, the first child at %d", *j.StartedAt, first)
	}
}

// TestSDKDefaults describes what AWS fills in of environments and definitions.
func TestSDKDefaults(t *testing.T) {
	a := newAmazon(t)
	_, err := a.CreateComputeEnvironment(t.Context(), &sdk.CreateComputeEnvironmentInput{
		ComputeEnvironmentName: aws.String("fleet"), Type: types.CETypeManaged, ComputeResources: &types.ComputeResource{
			Type: types.CRTypeEc2, MaxvCpus: aws.Int32(4), Subnets: []string{"s"}, SecurityGroupIds: []string{"g"}, InstanceRole: aws.String("r"),
		},
	})
	a.must(err)
	out, err := a.DescribeComputeEnvironments(t.Context(), &sdk.DescribeComputeEnvironmentsInput{ComputeEnvironments: []string{"fleet"}})
	a.must(err)
	fleet := out.ComputeEnvironments[0]
	r := fleet.ComputeResources
	if *fleet.ServiceRole != "arn:aws:iam::123456789012:role/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch" ||
		*r.MinvCpus != 0 || *r.DesiredvCpus != 0 || *r.Ec2Configuration[0].ImageType != "ECS_AL2023" {
		t.Errorf("environment %+v of %+v", fleet, r)
	}
	_, err = a.RegisterJobDefinition(t.Context(), &sdk.RegisterJobDefinitionInput{
		JobDefinitionName: aws.String("light"), Type: types.JobDefinitionTypeContainer, PlatformCapabilities: []types.PlatformCapability{"fargate"},
		ContainerProperties: &types.ContainerProperties{Image: aws.String("i"), ExecutionRoleArn: aws.String("r"), ResourceRequirements: []types.ResourceRequirement{
			{Type: "vcpu", Value: aws.String("1")}, {Type: "Memory", Value: aws.String("2048")},
		}},
	})
	a.must(err)
	definitions, err := a.DescribeJobDefinitions(t.Context(), &sdk.DescribeJobDefinitionsInput{JobDefinitionName: aws.String("light")})
	a.must(err)
	light := definitions.JobDefinitions[0]
	p := light.ContainerProperties
	if *p.FargatePlatformConfiguration.PlatformVersion != "LATEST" || light.PlatformCapabilities[0] != types.PlatformCapabilityFargate || p.ResourceRequirements[0].Type != types.ResourceTypeVcpu {
		t.Errorf("definition %+v of %+v", light, p)
	}
	if p.Command == nil || p.Environment == nil || p.MountPoints == nil || p.Ulimits == nil || p.Volumes == nil || p.Secrets == nil || light.Parameters == nil {
		t.Errorf("lists that AWS answers empty are absent: %+v", p)
	}
	_, err = a.CreateSchedulingPolicy(t.Context(), &sdk.CreateSchedulingPolicyInput{Name: aws.String("named")})
	a.must(err)
}
