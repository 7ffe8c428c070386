package aws

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/batchd/terraform-provider-batch/internal/long"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/awsfake"
)

// calls are those that the life of an environment makes.
var calls = []string{
	"sts GetCallerIdentity", "iam GetInstanceProfile", "logs CreateLogGroup",
	"ssm GetParameter", "ssm PutParameter", "ssm DeleteParameter",
	"ec2 DescribeSubnets", "ec2 DescribeInstanceTypes", "ec2 DescribeInstanceTypeOfferings", "ec2 DescribeSpotPriceHistory", "pricing GetProducts",
	"ec2 DescribeLaunchTemplates", "ec2 CreateLaunchTemplate", "ec2 DeleteLaunchTemplate",
	"ec2 CreateFleet", "ec2 DescribeInstances", "ec2 TerminateInstances",
	"ecs CreateCluster", "ecs DescribeClusters", "ecs DeleteCluster", "ecs ListContainerInstances", "ecs DescribeContainerInstances", "ecs DeregisterContainerInstance",
}

// kinds are what may happen to a call.
var kinds = []awsfake.Kind{awsfake.Throttled, awsfake.ServerError, awsfake.LostBefore, awsfake.LostAfter, awsfake.Slow, awsfake.Stale}

// life is the life of an environment: three hosts are launched in two groups, one is given back, one ends by itself, batchd is started again, and the
// environment is removed. The laws hold whatever happens to calls: each host becomes one instance, no instance is without a row for two minutes, and
// nothing is left.
func (b *bed) life() {
	b.t.Helper()
	uuid := b.environment(batch.EC2)
	first := b.launch(uuid, 2)
	b.becomes(batch.Serving, first...)
	second := b.launch(uuid, 1)
	b.becomes(batch.Serving, second...)
	b.release(first[0])
	b.becomes(batch.Gone, first[0])
	b.world.FailHost(b.host(first[1]).Name)
	b.becomes(batch.Gone, first[1])
	b.stop()
	b.open()
	b.pass(3 * time.Minute)
	b.becomes(batch.Serving, second...)
	b.onlyKnown()
	b.retire(uuid)
	b.pass(3 * time.Minute)
	b.empty()
	if got := b.world.Meter().Instances; got != 3 {
		b.t.Errorf("%d instances were launched for three hosts", got)
	}
}

// onlyKnown checks that each instance is that of a row.
func (b *bed) onlyKnown() {
	b.t.Helper()
	var known []string
	for id := range b.stages() {
		if h := b.host(id); h.Launch != nil && h.Launch.Stage != batch.Gone {
			known = append(known, h.Name)
		}
	}
	for _, i := range b.instances() {
		if !slices.Contains(known, aws.ToString(i.InstanceId)) {
			b.t.Errorf("instance %s belongs to no row; those of rows are %q", aws.ToString(i.InstanceId), known)
		}
	}
}

func TestEveryCallMayGoWrong(t *testing.T) {
	for n, call := range calls {
		for k, kind := range kinds {
			if testing.Short() && (n+k)%len(kinds) != 0 { // each call and each kind once
				continue
			}
			t.Run(fmt.Sprint(call, " ", kind), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					b := newBed(t, awsfake.Realistic(uint64(n)))
					defer b.close()
					var fault awsfake.Fault
					if _, err := fmt.Sscan(call, &fault.Service, &fault.Operation); err != nil {
						t.Fatal(err)
					}
					fault.Kind, fault.Times = kind, 6 // more than the SDK repeats
					b.world.Inject(fault)
					b.life()
				})
			})
		}
	}
}

// TestEveryCallMayBeTheLast kills batchd soon after each of the first calls. What its memory held is lost, and the rows are handed in again.
func TestEveryCallMayBeTheLast(t *testing.T) {
	const most = 120
	step := most / long.Sample(most)
	for last := 1; last <= most; last += step {
		t.Run(fmt.Sprint(last), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBed(t, awsfake.Realistic(uint64(last)))
				defer b.close()
				b.killAfter(last)
				b.life()
			})
		})
	}
}
