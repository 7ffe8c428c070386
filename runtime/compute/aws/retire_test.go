package aws

import (
	"strings"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/awsfake"
)

func TestAnEnvironmentThatWasNeverProvisionedIsRetired(t *testing.T) {
	inBubble(t, awsfake.Options{}, func(t *testing.T, b *bed) {
		b.world.Inject(awsfake.Fault{Service: "iam", Kind: awsfake.Answered, Error: &awsfake.Error{Status: 404, Code: "NoSuchEntity", Message: "no"}})
		uuid := b.environment(batch.EC2)
		b.failed(uuid)
		b.retire(uuid)
		b.empty()
	})
}

func TestAnEnvironmentIsRetiredWhileItIsProvisioned(t *testing.T) {
	inBubble(t, awsfake.Realistic(31), func(t *testing.T, b *bed) {
		uuid := b.environment(batch.EC2)
		b.pass(500 * time.Millisecond)
		b.retire(uuid)
		b.pass(time.Minute)
		b.empty()
	})
}

func TestAnEnvironmentIsRetiredWhileHostsAreLaunched(t *testing.T) {
	inBubble(t, awsfake.Realistic(32), func(t *testing.T, b *bed) {
		uuid := b.environment(batch.EC2)
		hosts := b.launch(uuid, 20)
		b.retire(uuid)
		b.becomes(batch.Gone, hosts...)
		b.pass(3 * time.Minute)
		b.empty()
	})
}

func TestARestartGoesOnRetiring(t *testing.T) {
	inBubble(t, awsfake.Realistic(33), func(t *testing.T, b *bed) {
		uuid := b.environment(batch.EC2)
		b.becomes(batch.Serving, b.launch(uuid, 2)...)
		b.mu.Lock()
		row := *b.environments[uuid]
		b.environments[uuid].Health = batch.Deleting
		b.mu.Unlock()
		b.retireAgain(row)
		b.pass(time.Second)
		b.stop()
		b.open()
		b.await("environment to be retired", func() bool { return b.environments[uuid] == nil })
		b.pass(3 * time.Minute)
		b.empty()
	})
}

// What an environment had before a restart costs money whether or not it can be provisioned now.
func TestHostsAreGivenBackEvenIfTheirEnvironmentCannotBeProvisioned(t *testing.T) {
	inBubble(t, awsfake.Realistic(34), func(t *testing.T, b *bed) {
		uuid := b.environment(batch.EC2)
		hosts := b.launch(uuid, 2)
		b.becomes(batch.Serving, hosts...)
		b.stop()
		b.world.Inject(awsfake.Fault{Service: "ec2", Operation: "DescribeSubnets", Kind: awsfake.Answered, Error: &awsfake.Error{Status: 400, Code: "InvalidSubnetID.NotFound", Message: "no"}})
		b.open()
		if why := b.failed(uuid); !strings.Contains(why, "a subnet of computeResources.subnets") {
			t.Errorf("the reason is %q", why)
		}
		b.release(hosts[0])
		b.becomes(batch.Gone, hosts[0])
		b.world.FailHost(b.host(hosts[1]).Name)
		b.becomes(batch.Gone, hosts[1])
		if left := b.instances(); len(left) != 0 {
			t.Errorf("there are %d instances", len(left))
		}
	})
}
