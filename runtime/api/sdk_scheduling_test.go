package api_test

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/batch"
	"github.com/aws/aws-sdk-go-v2/service/batch/types"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

func TestSDKMultiNode(t *testing.T) {
	a := newAmazon(t)
	_, err := a.RegisterJobDefinition(t.Context(), &sdk.RegisterJobDefinitionInput{
		JobDefinitionName: aws.String("gang"), Type: types.JobDefinitionTypeMultinode,
		NodeProperties: &types.NodeProperties{NumNodes: aws.Int32(3), MainNode: aws.Int32(0), NodeRangeProperties: []types.NodeRangeProperty{
			{TargetNodes: aws.String("0"), Container: &types.ContainerProperties{Command: []string{"hold"}}},
			{TargetNodes: aws.String("1:"), Container: &types.ContainerProperties{Command: []string{"hold"}, User: aws.String("nobody")}},
		}},
	})
	a.must(err)
	id := a.submit("gang", "gang", func(in *sdk.SubmitJobInput) {
		in.NodeOverrides = &types.NodeOverrides{NumNodes: aws.Int32(4), NodePropertyOverrides: []types.NodePropertyOverride{
			{TargetNodes: aws.String("2:3"), ContainerOverrides: &types.ContainerOverrides{Environment: []types.KeyValuePair{{Name: aws.String("A"), Value: aws.String("1")}}}},
		}}
	})
	a.awaitStatus(id.Node(3), batch.Running)
	j := a.describe(id)
	if *j.NodeProperties.NumNodes != 4 || *j.NodeProperties.MainNode != 0 || len(j.NodeProperties.NodeRangeProperties) < 2 || j.NodeDetails != nil {
		t.Errorf("job %+v", j.NodeProperties)
	}
	node := a.describe(id.Node(3))
	if *node.NodeDetails.NodeIndex != 3 || *node.NodeDetails.IsMainNode || *node.Container.Environment[0].Value != "1" || *node.Container.User != "nobody" {
		t.Errorf("node %+v, %+v", node.NodeDetails, node.Container)
	}
	var indices []int32
	pages := sdk.NewListJobsPaginator(a, &sdk.ListJobsInput{MultiNodeJobId: aws.String(string(id)), MaxResults: aws.Int32(3)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		a.must(err)
		for _, n := range page.JobSummaryList {
			indices = append(indices, *n.NodeProperties.NodeIndex)
		}
	}
	if !slices.Equal(indices, []int32{0, 1, 2, 3}) {
		t.Errorf("nodes %v", indices)
	}
	a.finish(id.Node(0), 0)
	a.awaitStatus(id, batch.Succeeded)
	if j := a.describe(id); len(j.Attempts) != 1 || *j.Attempts[0].Container.ExitCode != 0 || *j.StoppedAt < *j.StartedAt {
		t.Errorf("ended %+v", j.Attempts)
	}
}

func TestSDKFairShare(t *testing.T) {
	a := newAmazon(t)
	policy, err := a.CreateSchedulingPolicy(t.Context(), &sdk.CreateSchedulingPolicyInput{
		Name: aws.String("fair"), Tags: map[string]string{"a": "b"},
		FairsharePolicy: &types.FairsharePolicy{ShareDecaySeconds: aws.Int32(60), ShareDistribution: []types.ShareAttributes{{ShareIdentifier: aws.String("team*"), WeightFactor: aws.Float32(0.1)}}},
	})
	a.must(err)
	described, err := a.DescribeSchedulingPolicies(t.Context(), &sdk.DescribeSchedulingPoliciesInput{Arns: []string{*policy.Arn}})
	a.must(err)
	if p := described.SchedulingPolicies[0]; *p.FairsharePolicy.ShareDistribution[0].WeightFactor != 0.1 || p.Tags["a"] != "b" {
		t.Errorf("policy %+v", p)
	}
	_, err = a.CreateJobQueue(t.Context(), &sdk.CreateJobQueueInput{
		JobQueueName: aws.String("shared"), Priority: aws.Int32(1), SchedulingPolicyArn: policy.Arn,
		ComputeEnvironmentOrder: []types.ComputeEnvironmentOrder{{Order: aws.Int32(1), ComputeEnvironment: aws.String("here")}},
	})
	a.must(err)
	for range 6 {
		a.submit("many", "hold", func(in *sdk.SubmitJobInput) {
			in.JobQueue, in.ShareIdentifier, in.SchedulingPriorityOverride = aws.String("shared"), aws.String("teamA"), aws.Int32(3)
		})
	}
	found, err := a.ListJobs(t.Context(), &sdk.ListJobsInput{JobQueue: aws.String("shared"), Filters: []types.KeyValuesPair{{Name: aws.String("SHARE_IDENTIFIER"), Values: []string{"teamA"}}}})
	a.must(err)
	if len(found.JobSummaryList) != 6 || *found.JobSummaryList[0].ShareIdentifier != "teamA" {
		t.Errorf("listed %+v", found.JobSummaryList)
	}
	oldest := batch.JobID(*found.JobSummaryList[5].JobId)
	a.awaitStatus(oldest, batch.Running)
	snapshot, err := a.GetJobQueueSnapshot(t.Context(), &sdk.GetJobQueueSnapshotInput{JobQueue: aws.String("shared")})
	a.must(err)
	if u := snapshot.QueueUtilization.FairshareUtilization; len(snapshot.FrontOfQueue.Jobs) != 2 || *u.ActiveShareCount != 1 || *u.TopCapacityUtilization[0].CapacityUsage[0].Quantity != 4 {
		t.Errorf("snapshot %+v, %+v", snapshot.FrontOfQueue, u)
	}
	if j := a.describe(oldest); *j.ShareIdentifier != "teamA" || *j.SchedulingPriority != 3 {
		t.Errorf("job %+v", j)
	}
	_, err = a.UpdateSchedulingPolicy(t.Context(), &sdk.UpdateSchedulingPolicyInput{Arn: policy.Arn, FairsharePolicy: &types.FairsharePolicy{}})
	a.must(err)
	if _, err = a.DeleteSchedulingPolicy(t.Context(), &sdk.DeleteSchedulingPolicyInput{Arn: policy.Arn}); err == nil {
		t.Error("a policy in use was deleted")
	}
}

func TestSDKConsumableResource(t *testing.T) {
	a := newAmazon(t)
	_, err := a.CreateConsumableResource(t.Context(), &sdk.CreateConsumableResourceInput{ConsumableResourceName: aws.String("licence"), TotalQuantity: aws.Int64(1)})
	a.must(err)
	updated, err := a.UpdateConsumableResource(t.Context(), &sdk.UpdateConsumableResourceInput{ConsumableResource: aws.String("licence"), Operation: aws.String("ADD"), Quantity: aws.Int64(2)})
	a.must(err)
	if *updated.TotalQuantity != 3 {
		t.Errorf("updated to %d", *updated.TotalQuantity)
	}
	take := func(in *sdk.SubmitJobInput) {
		in.ConsumableResourcePropertiesOverride = &types.ConsumableResourceProperties{ConsumableResourceList: []types.ConsumableResourceRequirement{{ConsumableResource: aws.String("licence"), Quantity: aws.Int64(2)}}}
	}
	first, second := a.submit("first", "hold", take), a.submit("second", "hold", take)
	a.awaitStatus(first, batch.Running)
	r, err := a.DescribeConsumableResource(t.Context(), &sdk.DescribeConsumableResourceInput{ConsumableResource: updated.ConsumableResourceArn})
	a.must(err)
	if *r.TotalQuantity != 3 || *r.InUseQuantity != 2 || *r.AvailableQuantity != 1 || *r.ResourceType != "REPLENISHABLE" {
		t.Errorf("resource %+v", r)
	}
	jobs := sdk.NewListJobsByConsumableResourcePaginator(a, &sdk.ListJobsByConsumableResourceInput{ConsumableResource: aws.String("licence"), MaxResults: aws.Int32(1)})
	n := 0
	for jobs.HasMorePages() {
		page, err := jobs.NextPage(t.Context())
		a.must(err)
		n += len(page.Jobs)
	}
	if n != 2 {
		t.Errorf("%d jobs need it", n)
	}
	a.finish(first, 0)
	a.finish(second, 0)
	a.awaitStatus(second, batch.Succeeded)
	_, err = a.DeleteConsumableResource(t.Context(), &sdk.DeleteConsumableResourceInput{ConsumableResource: aws.String("licence")})
	a.must(err)
	list, err := a.ListConsumableResources(t.Context(), &sdk.ListConsumableResourcesInput{})
	a.must(err)
	if len(list.ConsumableResources) != 0 {
		t.Errorf("left %+v", list.ConsumableResources)
	}
}

func TestSDKArrayDependencies(t *testing.T) {
	a := newAmazon(t)
	size := &types.ArrayProperties{Size: aws.Int32(2)}
	first := a.submit("first", "hold", func(in *sdk.SubmitJobInput) { in.ArrayProperties = size })
	pairs := a.submit("pairs", "quick", func(in *sdk.SubmitJobInput) {
		in.ArrayProperties = size
		in.DependsOn = []types.JobDependency{{JobId: aws.String(string(first)), Type: types.ArrayJobDependencyNToN}}
	})
	chain := a.submit("chain", "quick", func(in *sdk.SubmitJobInput) {
		in.ArrayProperties = size
		in.DependsOn = []types.JobDependency{{Type: types.ArrayJobDependencySequential}, {JobId: aws.String(string(pairs))}}
	})
	a.finish(first.Child(1), 0)
	a.awaitStatus(pairs.Child(1), batch.Succeeded)
	if j := a.describe(pairs.Child(0)); j.Status != types.JobStatusPending {
		t.Errorf("the other child is %s", j.Status)
	}
	a.finish(first.Child(0), 0)
	a.awaitStatus(chain, batch.Succeeded)
	if d := a.describe(pairs).DependsOn; len(d) != 1 || d[0].Type != types.ArrayJobDependencyNToN || *d[0].JobId != string(first) {
		t.Errorf("depends on %+v", d)
	}
}

// TestSDKExtensions sends words that the SDK's enumerations do not have, and gets them back.
func TestSDKExtensions(t *testing.T) {
	a := newAmazon(t)
	const afterAny types.ArrayJobDependency = "AFTER_ANY"
	first := a.submit("first", "hold", nil)
	then := a.submit("then", "quick", func(in *sdk.SubmitJobInput) {
		in.DependsOn = []types.JobDependency{{JobId: aws.String(string(first)), Type: afterAny}}
	})
	a.finish(first, 1)
	a.awaitStatus(first, batch.Failed)
	a.awaitStatus(then, batch.Succeeded)
	if d := a.describe(then).DependsOn; len(d) != 1 || d[0].Type != afterAny || *d[0].JobId != string(first) {
		t.Errorf("depends on %+v", d)
	}
	out, err := a.DescribeComputeEnvironments(t.Context(), &sdk.DescribeComputeEnvironmentsInput{})
	a.must(err)
	if e := out.ComputeEnvironments; len(e) != 1 || e[0].ComputeResources.Type != "LOCAL" {
		t.Errorf("environments %+v", e)
	}
}
