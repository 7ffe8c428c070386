package aws

import (
	"encoding/base64"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/awsfake"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/catalogue"
)

// ownInstance launches an instance of a user's own, which joins a cluster, and returns its id.
func (b *bed) ownInstance(cluster string) string {
	b.t.Helper()
	parameter, err := imageParameter("ECS_AL2023", catalogue.X86, false)
	if err != nil {
		b.t.Fatal(err)
	}
	image, err := ssm.NewFromConfig(b.world.Config()).GetParameter(b.t.Context(), &ssm.GetParameterInput{Name: aws.String(parameter)})
	if err != nil {
		b.t.Fatal(err)
	}
	out, err := ec2.NewFromConfig(b.world.Config()).RunInstances(b.t.Context(), &ec2.RunInstancesInput{
		ImageId: image.Parameter.Value, InstanceType: "m5.large", MinCount: aws.Int32(1), MaxCount: aws.Int32(1), SubnetId: aws.String(b.world.Network().Subnets[0]),
		IamInstanceProfile: &ec2types.IamInstanceProfileSpecification{Name: aws.String(profileName)},
		UserData:           aws.String(base64.StdEncoding.EncodeToString([]byte("#!/bin/sh\necho ECS_CLUSTER=" + cluster + " >> /etc/ecs/ecs.config\n"))),
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return aws.ToString(out.Instances[0].InstanceId)
}

// unmanaged adds an UNMANAGED environment, over the user's cluster of that name if it is not empty.
func (b *bed) unmanaged(cluster string) string {
	b.t.Helper()
	return b.environment(batch.Unmanaged, func(r *batch.Resources) { *r = batch.Resources{ECSCluster: cluster} })
}

func TestInstancesOfAUserBecomeHosts(t *testing.T) {
	inBubble(t, awsfake.Realistic(11), func(t *testing.T, b *bed) {
		uuid := b.unmanaged("")
		b.ready(uuid)
		id := b.ownInstance("batchd-nightly-0a1b2c3d")
		host := "nightly-" + id
		b.await("host", func() bool { return b.hosts[host] != nil })
		h := b.host(host)
		if h.Kind != batch.Unmanaged || h.Launch != nil || h.Name != id || h.Capacity.MilliCPU != 2000 || !slices.Equal(h.Environments, []string{"nightly"}) {
			t.Errorf("the host is %+v", h)
		}
		if err := b.driver.Release(t.Context(), []string{host}); err != nil {
			t.Error(err)
		}
		b.pass(2 * time.Minute)
		if left := b.instances(); len(left) != 1 {
			t.Error("an instance of the user's own was ended")
		}
		b.stop()
		b.open()
		b.await("census", func() bool {
			c, err := b.driver.Census(t.Context())
			return err == nil && len(c.Hosts) == 1 // it is not answered before the host is found again
		})
		terminate(b, id)
		b.await("host to be gone", func() bool { return b.hosts[host] == nil })
		b.retire(uuid)
		b.pass(2 * time.Minute)
		b.empty()
	})
}

func TestTasksOfOthersTakeRoom(t *testing.T) {
	options := awsfake.Options{}
	options.ECS.Script = func(awsfake.Container) awsfake.Play { return awsfake.Play{Runs: awsfake.Forever} }
	inBubble(t, options, func(t *testing.T, b *bed) {
		client := ecs.NewFromConfig(b.world.Config())
		if _, err := client.CreateCluster(t.Context(), &ecs.CreateClusterInput{ClusterName: aws.String("mine")}); err != nil {
			t.Fatal(err)
		}
		uuid := b.unmanaged("mine")
		b.ready(uuid)
		host := "nightly-" + b.ownInstance("mine")
		b.await("host", func() bool { return b.hosts[host] != nil })
		whole := b.host(host).Capacity
		_, err := client.RegisterTaskDefinition(t.Context(), &ecs.RegisterTaskDefinitionInput{
			Family: aws.String("web"), ContainerDefinitions: []ecstypes.ContainerDefinition{{Name: aws.String("web"), Image: aws.String("nginx"), Cpu: 512, Memory: aws.Int32(1024)}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.RunTask(t.Context(), &ecs.RunTaskInput{Cluster: aws.String("mine"), TaskDefinition: aws.String("web"), LaunchType: ecstypes.LaunchTypeEc2}); err != nil {
			t.Fatal(err)
		}
		want := whole.Minus(batch.Shape{MilliCPU: 500, MemoryMiB: 1024})
		b.await("room to shrink", func() bool { return b.hosts[host].Capacity == want })
		b.retire(uuid)
		found, err := client.DescribeClusters(t.Context(), &ecs.DescribeClustersInput{Clusters: []string{"mine"}})
		if err != nil || len(found.Clusters) != 1 || aws.ToString(found.Clusters[0].Status) != "ACTIVE" || found.Clusters[0].RegisteredContainerInstancesCount != 1 {
			t.Errorf("after the environment was removed the user's cluster is %+v, %v", found.Clusters, err)
		}
		if left := b.instances(); len(left) != 1 {
			t.Error("the user's instance was ended")
		}
	})
}

func TestAClusterWithInstancesOfAUserStays(t *testing.T) {
	inBubble(t, awsfake.Options{}, func(t *testing.T, b *bed) {
		uuid := b.unmanaged("")
		b.ready(uuid)
		id := b.ownInstance("batchd-nightly-0a1b2c3d")
		b.await("host", func() bool { return b.hosts["nightly-"+id] != nil })
		b.retire(uuid)
		if left := b.instances(); len(left) != 1 {
			t.Error("the user's instance was ended")
		}
	})
}

func TestAUsersClusterMustExist(t *testing.T) {
	inBubble(t, awsfake.Options{}, func(t *testing.T, b *bed) {
		if why := b.failed(b.unmanaged("mine")); why != `batchd.ecsCluster: the ECS cluster "mine" does not exist in account 123456789012, region us-east-1; create it, or leave it out to have one made` {
			t.Errorf("the reason is %q", why)
		}
	})
}
