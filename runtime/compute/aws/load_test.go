package aws

import (
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/internal/long"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/awsfake"
)

// TestAThousandInstancesAreFollowedWithinTheBudget launches hosts at the rate that EC2 allows and follows them for half an hour. What it costs grows with
// their number: with 5,000 instances, which is what a cluster takes, a sweep of a cluster is 50 calls to list them and 50 to describe them each minute, and
// the budget is 20 a second.
func TestAThousandInstancesAreFollowedWithinTheBudget(t *testing.T) {
	long.Only(t, "boots 1,000 instances")
	const half = 500 // the largest group
	inBubble(t, awsfake.Realistic(21), func(t *testing.T, b *bed) {
		uuid := b.environment(batch.EC2)
		began := time.Now()
		hosts := append(b.launch(uuid, half), b.launch(uuid, half)...)
		b.becomes(batch.Serving, hosts...)
		t.Logf("1,000 hosts serve after %v", time.Since(began)) // 800 at once, and then 1.6 a second
		before := b.world.Meter()
		b.pass(30 * time.Minute)
		after := b.world.Meter()
		for call, count := range after.Calls {
			throttled := after.Throttled[call]
			if throttled*100 > count {
				t.Errorf("%s: of %d calls %d were throttled", call, count, throttled)
			}
		}
		for call, most := range map[string]int{
			"ecs:ListContainerInstances": 30*10 + 30*6, "ecs:DescribeContainerInstances": 30*10 + 30*6, // ten pages a minute, and those that drain
			"ec2:DescribeInstances": 30 * 3 * 2,
		} {
			if calls := after.Calls[call] - before.Calls[call]; calls > most {
				t.Errorf("%s was called %d times in half an hour, want %d at most", call, calls, most)
			}
		}
		if got := len(b.instances()); got != 1000 {
			t.Errorf("there are %d instances", got)
		}
	})
}
