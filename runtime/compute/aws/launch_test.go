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

func TestHostsAreLaunchedJoinAndAreGivenBack(t *testing.T) {
	inBubble(t, awsfake.Realistic(3), func(t *testing.T, b *bed) {
		uuid := b.environment(batch.EC2)
		hosts := b.launch(uuid, 3)
		b.becomes(batch.Serving, hosts...)
		names := map[string]bool{}
		for _, id := range hosts {
			h := b.host(id)
			names[h.Name] = true
			if h.Capacity.MilliCPU != 2000 || h.Capacity.MemoryMiB < 3000 || h.Launch.Offer.Type != "c7i.large" || h.Launch.Offer.Zone == "" || h.Address == "" {
				t.Errorf("host %+v", h)
			}
		}
		if len(names) != 3 || len(b.instances()) != 3 {
			t.Errorf("the hosts are the instances %v, and there are %d", names, len(b.instances()))
		}
		for _, i := range b.instances() {
			for tag, want := range map[string]string{tagInstallation: installation, tagEnvironment: uuid, tagName: "nightly", tagGroup: uuid + "-1", tagSpec: b.ready(uuid).Spec} {
				if got := tagOf(i.Tags, tag); got != want {
					t.Errorf("the tag %s of an instance is %q, want %q", tag, got, want)
				}
			}
		}
		b.release(hosts[0])
		b.becomes(batch.Gone, hosts[0])
		if left := b.instances(); len(left) != 2 {
			t.Errorf("after one of three was given back there are %d instances", len(left))
		}
		b.retire(uuid)
		b.pass(5 * time.Minute)
		b.empty()
	})
}

// A job starts within two seconds of the registration of its host, so the driver must notice that within one.
func TestAHostIsReadySoonAfterItRegistered(t *testing.T) {
	inBubble(t, awsfake.Options{}, func(t *testing.T, b *bed) {
		uuid := b.environment(batch.EC2)
		b.ready(uuid)
		began := time.Now()
		b.becomes(batch.Serving, b.launch(uuid, 10)...)
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("hosts that boot at once are ready after %v", took)
		}
	})
}

func TestMemoryIsLearntFromTheFirstHostOfAType(t *testing.T) {
	inBubble(t, awsfake.Options{}, func(t *testing.T, b *bed) {
		uuid := b.environment(batch.EC2)
		guess := b.ready(uuid).Offers[0].Shape.MemoryMiB
		host := b.launch(uuid, 1)[0]
		b.becomes(batch.Serving, host)
		registered := b.host(host).Capacity.MemoryMiB
		b.await("offers with the memory that was registered", func() bool {
			return b.environments[uuid].Offers[0].Shape.MemoryMiB == registered
		})
		if guess == registered {
			t.Error("the guess was right by chance, so that this test shows nothing")
		}
	})
}

func TestAPoolThatHasNoneLeftIsNamed(t *testing.T) {
	inBubble(t, awsfake.Options{}, func(t *testing.T, b *bed) {
		for _, zone := range []string{"a", "b"} {
			b.world.SetRoom(awsfake.Pool{Type: "c7i.large", Zone: "us-east-1" + zone}, 0)
		}
		b.world.SetRoom(awsfake.Pool{Type: "c7i.large", Zone: "us-east-1c"}, 2)
		uuid := b.environment(batch.EC2)
		hosts := b.launch(uuid, 3)
		b.await("two hosts to serve and one to be refused", func() bool { return len(b.refusals) == 1 })
		b.becomes(batch.Serving, hosts[0], hosts[1])
		r := b.refusal(hosts[2])
		if r.Why != batch.NoCapacity || !strings.Contains(r.Text, "no instance of this type left") || len(r.Pools) != 3 || r.Until < batch.At(time.Now().Add(2*time.Minute)) {
			t.Errorf("the refusal is %+v", r)
		}
		if h := b.host(hosts[0]); h.Launch.Offer.Zone != "us-east-1c" {
			t.Errorf("host %+v", h)
		}
	})
}

func TestHostsOfAMultiNodeJobComeTogetherOrNotAtAll(t *testing.T) {
	inBubble(t, awsfake.Options{}, func(t *testing.T, b *bed) {
		together := func(l *compute.Launch) { l.Together = true }
		for zone, room := range map[string]int{"a": 1, "b": 4, "c": 2} {
			b.world.SetRoom(awsfake.Pool{Type: "c7i.large", Zone: "us-east-1" + zone}, room)
		}
		uuid := b.environment(batch.EC2)
		hosts := b.launch(uuid, 3, together)
		b.becomes(batch.Serving, hosts...)
		for _, id := range hosts {
			if zone := b.host(id).Launch.Offer.Zone; zone != "us-east-1b" {
				t.Errorf("host %s is in %s, want us-east-1b, which alone has room for all", id, zone)
			}
		}
		more := b.launch(uuid, 3, together)
		b.becomes(batch.Gone, more...)
		if got := len(b.instances()); got != 3 {
			t.Errorf("there are %d instances, want 3", got)
		}
	})
}

func TestSpotHostsCostTheSpotPrice(t *testing.T) {
	inBubble(t, awsfake.Options{}, func(t *testing.T, b *bed) {
		uuid := b.environment(batch.Spot, func(r *batch.Resources) { r.InstanceTypes = []string{"optimal"} })
		row := b.ready(uuid)
		if o := row.Offers[0]; o.Market != batch.SpotMarket || o.MicroUSDPerHour >= o.OnDemand {
			t.Errorf("the first offer is %+v", o)
		}
		hosts := b.launch(uuid, 2)
		b.becomes(batch.Serving, hosts...)
		for _, i := range b.instances() {
			if i.InstanceLifecycle != ec2types.InstanceLifecycleTypeSpot {
				t.Errorf("instance %s is not a Spot instance", *i.InstanceId)
			}
		}
		b.world.Interrupt(b.host(hosts[0]).Name, true)
		b.await("notice", func() bool { return b.closings[hosts[0]].Why == batch.Interrupted })
		if by := b.closing(hosts[0]).By.Std(); time.Until(by) > 2*time.Minute || time.Until(by) < time.Minute {
			t.Errorf("the host is expected to be gone in %v", time.Until(by))
		}
		b.becomes(batch.Gone, hosts[0])
		b.world.Interrupt(b.host(hosts[1]).Name, false) // without a notice
		b.becomes(batch.Gone, hosts[1])
		if b.closing(hosts[1]).Why != batch.Interrupted {
			t.Errorf("a host that was taken back without notice is said to close as %+v", b.closing(hosts[1]))
		}
	})
}

func TestALaunchIsRepeatedWithoutLaunchingTwice(t *testing.T) {
	inBubble(t, awsfake.Realistic(4), func(t *testing.T, b *bed) {
		uuid := b.environment(batch.EC2)
		b.ready(uuid)
		var order compute.Launch
		hosts := b.launch(uuid, 2, func(l *compute.Launch) { order = *l })
		for range 3 {
			b.order(order)
		}
		b.becomes(batch.Serving, hosts...)
		b.order(order)
		b.pass(2 * time.Minute)
		if got := len(b.instances()); got != 2 {
			t.Errorf("there are %d instances, want 2", got)
		}
	})
}

func TestWhatIsReleasedBeforeItsLaunchIsNeverLaunched(t *testing.T) {
	inBubble(t, awsfake.Options{}, func(t *testing.T, b *bed) {
		uuid := b.environment(batch.EC2)
		b.ready(uuid)
		if err := b.driver.Release(t.Context(), []string{"host-1-0"}); err != nil {
			t.Fatal(err)
		}
		b.launch(uuid, 1)
		b.pass(time.Minute)
		if got := b.world.Meter().Instances; got != 0 {
			t.Errorf("%d instances were launched", got)
		}
	})
}

func TestWhatIsReleasedOnItsWayIsEnded(t *testing.T) {
	inBubble(t, awsfake.Options{Latency: awsfake.Span{Min: time.Second, Max: time.Second}}, func(t *testing.T, b *bed) {
		uuid := b.environment(batch.EC2)
		hosts := b.launch(uuid, 3)
		b.release(hosts[1]) // while EC2 is asked
		b.becomes(batch.Gone, hosts[1])
		b.becomes(batch.Serving, hosts[0], hosts[2])
		b.pass(2 * time.Minute)
		if got := len(b.instances()); got != 2 {
			t.Errorf("there are %d instances, want 2", got)
		}
	})
}

func TestAnInstanceThatEndsIsGone(t *testing.T) {
	for name, end := range map[string]func(*bed, string){
		"its host fails":         func(b *bed, id string) { b.world.FailHost(id) },
		"somebody terminates it": func(b *bed, id string) { terminate(b, id) },
		"it powers itself off":   func(b *bed, id string) { b.world.PowerOff(id) },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, awsfake.Realistic(5), func(t *testing.T, b *bed) {
				host := b.launch(b.environment(batch.EC2), 1)[0]
				b.becomes(batch.Serving, host)
				end(b, b.host(host).Name)
				began := time.Now()
				b.becomes(batch.Gone, host)
				if took := time.Since(began); took > time.Minute {
					t.Errorf("that was noticed after %v", took)
				}
			})
		})
	}
}

func terminate(b *bed, id string) {
	b.t.Helper()
	if _, err := ec2.NewFromConfig(b.world.Config()).TerminateInstances(b.t.Context(), &ec2.TerminateInstancesInput{InstanceIds: []string{id}}); err != nil {
		b.t.Fatal(err)
	}
}

func TestWhatNoRowNamesIsEnded(t *testing.T) {
	inBubble(t, awsfake.Realistic(6), func(t *testing.T, b *bed) {
		uuid := b.environment(batch.EC2)
		hosts := b.launch(uuid, 2)
		b.becomes(batch.Serving, hosts...)
		b.stop()
		b.mu.Lock()
		delete(b.hosts, hosts[0]) // as if its row had been lost
		b.mu.Unlock()
		b.open()
		b.pass(2 * time.Minute)
		left := b.instances()
		if len(left) != 1 || aws.ToString(left[0].InstanceId) != b.host(hosts[1]).Name {
			t.Errorf("there are %d instances, want that of %s alone", len(left), hosts[1])
		}
		if stage := b.host(hosts[1]).Launch.Stage; stage != batch.Serving {
			t.Errorf("the other host is %s", stage)
		}
	})
}

// A stranger has another installation's tag, or none.
func TestWhatBelongsToOthersIsNotTouched(t *testing.T) {
	inBubble(t, awsfake.Options{}, func(t *testing.T, b *bed) {
		client := ec2.NewFromConfig(b.world.Config())
		uuid := b.environment(batch.EC2)
		row := b.ready(uuid)
		for _, tag := range []ec2types.Tag{{Key: aws.String(tagInstallation), Value: aws.String("another")}, {Key: aws.String("Name"), Value: aws.String("web")}} {
			_, err := client.CreateFleet(t.Context(), &ec2.CreateFleetInput{
				Type: ec2types.FleetTypeInstant, TargetCapacitySpecification: &ec2types.TargetCapacitySpecificationRequest{TotalTargetCapacity: aws.Int32(1), DefaultTargetCapacityType: ec2types.DefaultTargetCapacityTypeOnDemand},
				LaunchTemplateConfigs: []ec2types.FleetLaunchTemplateConfigRequest{{
					LaunchTemplateSpecification: &ec2types.FleetLaunchTemplateSpecificationRequest{LaunchTemplateName: aws.String("batchd-0a1b2c3d-" + row.Spec + "-0"), Version: aws.String("$Latest")},
					Overrides:                   []ec2types.FleetLaunchTemplateOverridesRequest{{InstanceType: "c7i.large", SubnetId: aws.String(b.world.Network().Subnets[0])}},
				}},
				TagSpecifications: []ec2types.TagSpecification{{ResourceType: ec2types.ResourceTypeInstance, Tags: []ec2types.Tag{tag}}},
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		b.pass(5 * time.Minute)
		b.retire(uuid)
		if left := b.instances(); len(left) != 2 {
			t.Errorf("of two instances of others %d are left", len(left))
		}
	})
}

func TestARestartKnowsItsHosts(t *testing.T) {
	inBubble(t, awsfake.Realistic(7), func(t *testing.T, b *bed) {
		uuid := b.environment(batch.EC2)
		serving := b.launch(uuid, 2)
		b.becomes(batch.Serving, serving...)
		coming := b.launch(uuid, 2)
		b.becomes(batch.Launching, coming...)
		b.stop()
		b.open()
		b.becomes(batch.Serving, coming...)
		b.pass(3 * time.Minute)
		if got := b.world.Meter().Instances; got != 4 || len(b.instances()) != 4 {
			t.Errorf("%d instances were launched, and there are %d; want 4", got, len(b.instances()))
		}
		c, err := b.driver.Census(t.Context())
		if err != nil || len(c.Hosts) != 4 || len(c.Coming) != 0 {
			t.Errorf("the census is %+v, %v", c, err)
		}
	})
}

func TestACensusWaitsUntilTheHostsAreKnown(t *testing.T) {
	inBubble(t, awsfake.Options{}, func(t *testing.T, b *bed) {
		if _, err := b.driver.Census(t.Context()); err == nil {
			t.Error("a census is answered before any environment was handed in")
		}
		b.pass(silence)
		if c, err := b.driver.Census(t.Context()); err != nil || len(c.Hosts)+len(c.Coming) != 0 {
			t.Errorf("without environments the census is %+v, %v", c, err)
		}
	})
}

func TestALeaseIsRenewedUntilTheLastEnvironmentGoes(t *testing.T) {
	inBubble(t, awsfake.Options{}, func(t *testing.T, b *bed) {
		uuid := b.environment(batch.EC2)
		host := b.launch(uuid, 1)[0]
		b.becomes(batch.Serving, host)
		b.pass(6 * time.Hour)
		if stage := b.host(host).Launch.Stage; stage != batch.Serving {
			t.Errorf("while the lease is renewed the host is %s", stage)
		}
		b.stop()
		b.pass(2 * time.Hour)
		if left := b.instances(); len(left) != 0 {
			t.Errorf("two hours after batchd has gone there are %d instances", len(left))
		}
		b.open()
		b.becomes(batch.Gone, host)
		b.retire(uuid)
		b.empty()
	})
}

func TestManyHostsAreLaunchedInOneCall(t *testing.T) {
	inBubble(t, awsfake.Realistic(8), func(t *testing.T, b *bed) {
		uuid := b.environment(batch.EC2)
		b.becomes(batch.Serving, b.launch(uuid, 200)...)
		m := b.world.Meter()
		if m.Calls["ec2:CreateFleet"] != 1 || m.Instances != 200 {
			t.Errorf("%d calls launched %d instances", m.Calls["ec2:CreateFleet"], m.Instances)
		}
		for call, count := range m.Throttled {
			if count*100 > m.Calls[call] {
				t.Errorf("of %d calls of %s %d were throttled", m.Calls[call], call, count)
			}
		}
	})
}
