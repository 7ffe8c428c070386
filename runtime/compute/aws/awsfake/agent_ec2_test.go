package awsfake

import (
	"encoding/base64"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// launch launches a Spot instance with an instance profile, or without one, and returns its id.
func (b *ecsBed) launch(userData, profile string) string {
	b.t.Helper()
	in := &ec2.RunInstancesInput{
		ImageId: aws.String(imageFor("amazon-linux-2023/")), InstanceType: types.InstanceTypeM6iLarge, MinCount: aws.Int32(1), MaxCount: aws.Int32(1),
		SubnetId: aws.String(subnetID("a")), UserData: aws.String(base64.StdEncoding.EncodeToString([]byte(userData))),
		InstanceMarketOptions:             &types.InstanceMarketOptionsRequest{MarketType: types.MarketTypeSpot},
		InstanceInitiatedShutdownBehavior: types.ShutdownBehaviorTerminate,
	}
	if profile != "" {
		must[*iam.CreateInstanceProfileOutput](b.t)(iam.NewFromConfig(b.w.Config()).CreateInstanceProfile(b.t.Context(), &iam.CreateInstanceProfileInput{InstanceProfileName: &profile}))
		in.IamInstanceProfile = &types.IamInstanceProfileSpecification{Name: &profile}
	}
	return *must[*ec2.RunInstancesOutput](b.t)(ec2.NewFromConfig(b.w.Config()).RunInstances(b.t.Context(), in)).Instances[0].InstanceId
}

func TestAnInstanceJoinsItsClusterAndLeavesIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		options := plays(Play{Runs: Forever})
		options.EC2 = EC2Options{Boot: Span{20 * time.Second, 0}, Ending: Span{30 * time.Second, 0}}
		options.ECS.Agents.Register = Span{30 * time.Second, 0}
		b := newECSBed(t, options)
		id := b.launch(multiPart, "hosts")
		time.Sleep(51 * time.Second)
		if got := b.instance(); *got.Ec2InstanceId != id {
			t.Fatalf("%s has joined, want %s", *got.Ec2InstanceId, id)
		}
		arn := b.start(request(b.define(container("main")), memberOf("ec2InstanceId == "+id)))
		must[*ec2.TerminateInstancesOutput](t)(ec2.NewFromConfig(b.w.Config()).TerminateInstances(t.Context(), &ec2.TerminateInstancesInput{InstanceIds: []string{id}}))
		time.Sleep(time.Minute)
		if got := ending(b.task(arn)); got != "TerminationNotice: Host EC2 (instance "+id+") terminated.; main" {
			t.Error(got)
		}
	})
}

func TestAnAgentWithoutCredentialsDoesNotRegister(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newECSBed(t, Options{})
		b.launch(multiPart, "")
		time.Sleep(time.Hour)
		list := must[*ecs.ListContainerInstancesOutput](t)(b.ListContainerInstances(t.Context(), &ecs.ListContainerInstancesInput{Cluster: aws.String("c")}))
		if len(list.ContainerInstanceArns) != 0 {
			t.Errorf("registered %v", list.ContainerInstanceArns)
		}
	})
}

func TestASpotInstanceIsDrainedAndLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newECSBed(t, plays(Play{Runs: Forever}))
		id := b.launch(multiPart, "hosts")
		time.Sleep(time.Second)
		arn := b.start(request(b.define(container("main"))))
		b.w.Interrupt(id, true)
		time.Sleep(time.Minute)
		if got := *b.instance().Status; got != "DRAINING" || b.status(arn) != "RUNNING" {
			t.Errorf("a minute later it is %s and its task %s", got, b.status(arn))
		}
		time.Sleep(time.Minute + time.Second)
		if got := ending(b.task(arn)); got != "TerminationNotice: Host EC2 (instance "+id+") terminated.; main" {
			t.Error(got)
		}
	})
}

func TestALapsedLeaseTerminatesTheInstance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newECSBed(t, Options{})
		id := b.launch(joinsC+"cat > /usr/local/sbin/batchd-lease <<'X'\nparameter='/batchd/i/lease'\nlimit=1800\ntasks=3600\npoll=300\nlook=10\nX\n", "hosts")
		time.Sleep(29 * time.Minute)
		there := func() bool { return strings.Contains(strings.Join(b.w.Leftovers(""), "\n"), id) }
		if !there() {
			t.Error("it ended before the limit of a lease that was never read")
		}
		time.Sleep(7 * time.Minute)
		if there() {
			t.Errorf("it goes on after its limit: %q", b.w.Leftovers(""))
		}
	})
}
