package awsfake

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// pools counts the instances of the account by their pools.
func (c cloud) pools() map[string]int {
	c.t.Helper()
	pools := map[string]int{}
	for _, i := range c.instances() {
		pools[fmt.Sprintf("%s@%c", i.InstanceType, (*i.Placement.AvailabilityZone)[len(*i.Placement.AvailabilityZone)-1])]++
	}
	return pools
}

func wantList(t *testing.T, got []string, want ...string) {
	t.Helper()
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A pool that is too small fills a fleet in part; the next pools give the rest, and what refused is named in the answer.
func TestAFleetTakesWhatPoolsHave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, Options{})
		c.SetRoom(Pool{"m6i.large", "us-east-1a", false}, 0)
		c.SetRoom(Pool{"m6i.large", "us-east-1b", false}, 2)
		c.SetRoom(Pool{"m6i.xlarge", "us-east-1a", false}, 1)
		ids, errs := c.fleet(onDemand(5, "m6i.large", "m6i.large@b", "m6i.xlarge"))
		if got := c.pools(); len(ids) != 3 || got["m6i.large@b"] != 2 || got["m6i.xlarge@a"] != 1 {
			t.Errorf("launched %v", got)
		}
		wantList(t, errs, "InsufficientInstanceCapacity: m6i.large 0a", "InsufficientInstanceCapacity: m6i.large 0b", "InsufficientInstanceCapacity: m6i.xlarge 0a")
		c.terminate(ids...)
		if ids, _ := c.fleet(onDemand(3, "m6i.large", "m6i.large@b", "m6i.xlarge")); len(ids) != 3 {
			t.Errorf("with the room that is free again, %d were launched", len(ids))
		}
	})
}

func TestTheRoomOfPoolsIsDrawnAndVaries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, Options{Unthrottled: true, EC2: EC2Options{Room: Count{0, 10}, RoomPeriod: time.Hour}})
		rooms := map[int]bool{}
		for range 20 {
			ids, _ := c.fleet(onDemand(20, "m6i.large"))
			rooms[len(ids)] = true
			if len(ids) > 0 {
				c.terminate(ids...)
			}
			time.Sleep(time.Hour)
		}
		if len(rooms) < 5 || rooms[20] {
			t.Errorf("the rooms were %v", rooms)
		}
	})
}

func TestStrategiesChoosePools(t *testing.T) {
	for strategy, want := range map[string]string{
		"lowest-price": "m6i.large@a", "prioritized": "m6i.4xlarge@b", "capacity-optimized": "m6i.xlarge@a", "capacity-optimized-prioritized": "m6i.xlarge@b",
		"price-capacity-optimized": "m6i.xlarge",
	} {
		synctest.Test(t, func(t *testing.T) {
			c := newCloud(t, Options{})
			in := spot(1, "m6i.4xlarge@b", "m6i.xlarge@b", "m6i.xlarge", "m6i.large")
			if strategy == "prioritized" {
				in = onDemand(1, "m6i.4xlarge@b", "m6i.xlarge@b", "m6i.xlarge", "m6i.large")
				in.OnDemandOptions = &types.OnDemandOptionsRequest{AllocationStrategy: types.FleetOnDemandAllocationStrategyPrioritized}
			} else {
				in.SpotOptions = &types.SpotOptionsRequest{AllocationStrategy: types.SpotAllocationStrategy(strategy)}
			}
			for pool, room := range map[Pool]int{{"m6i.large", "us-east-1a", true}: 10, {"m6i.xlarge", "us-east-1a", true}: 1001, {"m6i.xlarge", "us-east-1b", true}: 1000, {"m6i.4xlarge", "us-east-1b", true}: 20} {
				c.SetRoom(pool, room)
			}
			c.fleet(in)
			if got := c.pools(); got[want] != 1 && (want != "m6i.xlarge" || got["m6i.xlarge@a"]+got["m6i.xlarge@b"] != 1) {
				t.Errorf("%s chose %v, want %s", strategy, got, want)
			}
		})
	}
}

// Nodes of one job come all or not at all, and in one zone.
func TestAFleetOfOneZoneIsWholeOrNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, Options{})
		c.SetRoom(Pool{"m6i.large", "us-east-1a", false}, 2)
		c.SetRoom(Pool{"m6i.xlarge", "us-east-1a", false}, 1)
		c.SetRoom(Pool{"m6i.large", "us-east-1b", false}, 4)
		in := onDemand(4, "m6i.large", "m6i.xlarge", "m6i.large@b")
		in.OnDemandOptions = &types.OnDemandOptionsRequest{SingleAvailabilityZone: aws.Bool(true), MinTargetCapacity: aws.Int32(4)}
		if ids, errs := c.fleet(in); len(ids) != 4 || c.pools()["m6i.large@b"] != 4 || len(errs) != 0 {
			t.Errorf("launched %v, %v", c.pools(), errs)
		}
		in.TargetCapacitySpecification.TotalTargetCapacity, in.OnDemandOptions.MinTargetCapacity = aws.Int32(5), aws.Int32(5)
		in.ClientToken = nil // the SDK filled it in
		ids, errs := c.fleet(in)
		if len(ids) != 0 || len(errs) == 0 {
			t.Errorf("of five, %v were launched; errors %v", ids, errs)
		}
		in.OnDemandOptions.SingleAvailabilityZone = nil
		_, err := c.CreateFleet(t.Context(), in)
		wantCode(t, err, "InvalidParameterCombination")
	})
}

func TestQuotasPricesAndAddressesLimitAFleet(t *testing.T) {
	for name, test := range map[string]struct {
		options EC2Options
		fleet   func() *ec2.CreateFleetInput
		got     int
		want    string
	}{
		"vCPUs":             {EC2Options{VCPUs: map[string]int{"standard": 5}}, func() *ec2.CreateFleetInput { return onDemand(3, "m6i.large") }, 2, "VcpuLimitExceeded: m6i.large 0a"},
		"vCPUs on Spot":     {EC2Options{VCPUs: map[string]int{"spot standard": 3}}, func() *ec2.CreateFleetInput { return spot(3, "m6i.large") }, 1, "MaxSpotInstanceCountExceeded: m6i.large 0a"},
		"addresses":         {EC2Options{Addresses: 1}, func() *ec2.CreateFleetInput { return onDemand(3, "m6i.large") }, 1, "InsufficientFreeAddressesInSubnet: m6i.large 0a"},
		"a missing type":    {EC2Options{}, func() *ec2.CreateFleetInput { return onDemand(1, "p3.2xlarge@c") }, 0, "Unsupported: p3.2xlarge 0c"},
		"another processor": {EC2Options{}, func() *ec2.CreateFleetInput { return onDemand(1, "c6g.large") }, 0, "InvalidParameterValue: c6g.large 0a"},
		"a low price": {EC2Options{}, func() *ec2.CreateFleetInput {
			in := spot(1, "m6i.large")
			in.LaunchTemplateConfigs[0].Overrides[0].MaxPrice = aws.String("0.01")
			return in
		}, 0, "SpotMaxPriceTooLow: m6i.large 0a"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ids, errs := newCloud(t, Options{EC2: test.options}).fleet(test.fleet())
				if len(ids) != test.got {
					t.Errorf("%d were launched, want %d", len(ids), test.got)
				}
				wantList(t, errs, test.want)
			})
		})
	}
}

// One call counts what it takes from several pools against the quota once.
func TestPoolsOfOneCallShareAQuota(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, Options{EC2: EC2Options{VCPUs: map[string]int{"standard": 8}}})
		c.SetRoom(Pool{"m6i.large", "us-east-1a", false}, 1)
		ids, errs := c.fleet(onDemand(5, "m6i.large", "m6i.large@b", "m6i.large@c"))
		if len(ids) != 4 {
			t.Errorf("%d of 2 vCPUs each were launched into a quota of 8", len(ids))
		}
		wantList(t, errs, "InsufficientInstanceCapacity: m6i.large 0a", "VcpuLimitExceeded: m6i.large 0b", "VcpuLimitExceeded: m6i.large 0c")
	})
}

// The retry of a call whose answer was lost launches nothing more. Its answer need not list the instances: the tag of the group finds them.
func TestARepeatedFleetLaunchesOnce(t *testing.T) {
	for forgetful, listed := range map[float64]int{0: 3, 1: 0} {
		synctest.Test(t, func(t *testing.T) {
			c := newCloud(t, Options{EC2: EC2Options{Forgetful: forgetful}})
			c.Inject(Fault{Operation: "CreateFleet", Kind: LostAfter, Times: 1})
			in := onDemand(3, "m6i.large")
			in.ClientToken = aws.String("group-1")
			if _, err := c.CreateFleet(t.Context(), in, func(o *ec2.Options) { o.RetryMaxAttempts = 1 }); err == nil {
				t.Fatal("the answer was not lost")
			}
			ids, _ := c.fleet(in)
			if got := len(c.instances(where("tag:batchd:group", "g1"))); len(ids) != listed || got != 3 {
				t.Errorf("%d are listed, %d exist", len(ids), got)
			}
			in.TargetCapacitySpecification.TotalTargetCapacity = aws.Int32(4)
			_, err := c.CreateFleet(t.Context(), in)
			wantCode(t, err, "IdempotentParameterMismatch")
			time.Sleep(25 * time.Hour)
			if c.fleet(in); len(c.instances()) != 7 {
				t.Errorf("after a day the token is not new: %d instances", len(c.instances()))
			}
		})
	}
}

func TestAFleetIsShownAndDeletedWithItsInstances(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, Options{})
		out, err := c.CreateFleet(t.Context(), onDemand(2, "m6i.large"))
		if err != nil {
			t.Fatal(err)
		}
		ids := []string{*out.FleetId}
		shown, err := c.DescribeFleets(t.Context(), &ec2.DescribeFleetsInput{FleetIds: ids})
		if err != nil || len(shown.Fleets) != 1 || len(shown.Fleets[0].Instances[0].InstanceIds) != 2 {
			t.Fatalf("got %v, %v", shown, err)
		}
		deleted, err := c.DeleteFleets(t.Context(), &ec2.DeleteFleetsInput{FleetIds: ids, TerminateInstances: aws.Bool(false)})
		if err != nil || len(deleted.UnsuccessfulFleetDeletions) != 1 {
			t.Errorf("an instant fleet left its instances: %v, %v", deleted, err)
		}
		deleted, err = c.DeleteFleets(t.Context(), &ec2.DeleteFleetsInput{FleetIds: ids, TerminateInstances: aws.Bool(true)})
		if err != nil || len(deleted.SuccessfulFleetDeletions) != 1 || c.states()[types.InstanceStateNameTerminated] != 2 {
			t.Errorf("got %v, %v; instances %v", deleted, err, c.states())
		}
	})
}

func TestAFleetNeedsPermissionForAllThatItDoes(t *testing.T) {
	allow := func(actions string) string {
		return `{"Statement": [{"Effect": "Allow", "Action": [` + actions + `], "Resource": "*"}]}`
	}
	for name, test := range map[string]struct{ actions, code string }{
		"the call":      {`"ec2:RunInstances"`, "UnauthorizedOperation"},
		"launching":     {`"ec2:CreateFleet"`, "UnauthorizedOperation"},
		"tagging":       {`"ec2:CreateFleet", "ec2:RunInstances"`, "UnauthorizedOperation"},
		"the Spot role": {`"ec2:CreateFleet", "ec2:RunInstances", "ec2:CreateTags"`, "AuthFailure.ServiceLinkedRoleCreationNotPermitted"},
		"nothing":       {`"ec2:CreateFleet", "ec2:RunInstances", "ec2:CreateTags", "iam:CreateServiceLinkedRole"`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCloud(t, Options{})
				if err := c.Allow(allow(test.actions)); err != nil {
					t.Fatal(err)
				}
				_, err := c.CreateFleet(t.Context(), spot(1, "m6i.large"))
				if test.code == "" && err != nil {
					t.Fatal(err)
				}
				if test.code != "" {
					wantCode(t, err, test.code)
				}
			})
		})
	}
}

func TestADryRunSaysWhetherACallIsAllowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, Options{})
		in := onDemand(1, "m6i.large")
		in.DryRun = aws.Bool(true)
		_, err := c.CreateFleet(t.Context(), in)
		wantCode(t, err, "DryRunOperation")
		if err := c.Allow(`{"Statement": {"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}}`); err != nil {
			t.Fatal(err)
		}
		_, err = c.CreateFleet(t.Context(), in)
		wantCode(t, err, "UnauthorizedOperation")
		if len(c.instances()) != 0 {
			t.Error("a dry run launched")
		}
	})
}

// Two runs of a story give the same instances, with the same fates.
func TestOneSeedIsOneCloud(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		story := func(seed uint64) (lines []string) {
			options := Realistic(seed)
			options.EC2.Room, options.EC2.Failing = Count{0, 3}, 0.2
			options.EC2.SpotLoss, options.EC2.SpotLife = 0.5, Span{time.Minute, time.Hour}
			c := newCloud(t, options)
			time.Sleep(options.Lag.Max) // until every read sees the launch template
			begun := time.Now()
			c.Observe(func(call Call) { lines = append(lines, fmt.Sprint(call.Action(), call.At.Sub(begun), call.Err)) })
			c.listen(func(e Event) { lines = append(lines, fmt.Sprint(e.DetailType, e.Detail, e.At.Sub(begun))) })
			for _, zone := range []string{"a", "b"} {
				in := spot(5, "m6i.large@"+zone, "c6i.large@"+zone)
				in.ClientToken = aws.String(zone)
				c.fleet(in)
			}
			time.Sleep(2 * time.Hour)
			c.Close()
			return lines
		}
		one, again, other := story(1), story(1), story(2)
		if !slices.Equal(one, again) || slices.Equal(one, other) || len(one) < 10 {
			t.Errorf("seed 1:\n%q\nagain:\n%q\nseed 2:\n%q", one, again, other)
		}
	})
}

func TestAFleetOfOneTypeDoesNotMix(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, Options{})
		c.SetRoom(Pool{"m6i.large", "us-east-1a", true}, 2)
		c.SetRoom(Pool{"m6i.xlarge", "us-east-1a", true}, 2)
		c.SetRoom(Pool{"m6i.xlarge", "us-east-1b", true}, 2)
		in := spot(4, "m6i.large", "m6i.xlarge", "m6i.xlarge@b")
		in.SpotOptions = &types.SpotOptionsRequest{SingleInstanceType: aws.Bool(true)}
		c.fleet(in)
		if got := c.pools(); got["m6i.xlarge@a"] != 2 || got["m6i.xlarge@b"] != 2 || len(got) != 2 {
			t.Errorf("launched %v", got)
		}
	})
}
