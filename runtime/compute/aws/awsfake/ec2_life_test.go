package awsfake

import (
	"maps"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func TestAnInstanceLivesAndIsForgottenAnHourAfterItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, Options{EC2: EC2Options{Boot: Span{5 * time.Second, 40 * time.Second}, Ending: Span{10 * time.Second, time.Minute}}})
		ids, errs := c.fleet(onDemand(1, "m6i.large"))
		if len(ids) != 1 || len(errs) != 0 {
			t.Fatalf("got %v, %v", ids, errs)
		}
		want := func(state types.InstanceStateName, code string) {
			t.Helper()
			found := c.instances()
			if len(found) != 1 || found[0].State.Name != state {
				t.Fatalf("got %v, want one that is %s", found, state)
			}
			if reason := found[0].StateReason; code == "" && reason != nil || code != "" && (reason == nil || aws.ToString(reason.Code) != code) {
				t.Errorf("the reason is %v, want %q", reason, code)
			}
		}
		want(types.InstanceStateNamePending, "")
		time.Sleep(40 * time.Second)
		want(types.InstanceStateNameRunning, "")
		c.terminate(ids...)
		want(types.InstanceStateNameShuttingDown, "Client.UserInitiatedShutdown")
		time.Sleep(time.Minute)
		want(types.InstanceStateNameTerminated, "Client.UserInitiatedShutdown")
		c.terminate(ids...) // does no harm
		time.Sleep(time.Hour)
		_, err := c.DescribeInstances(t.Context(), &ec2.DescribeInstancesInput{InstanceIds: ids})
		wantCode(t, err, "InvalidInstanceID.NotFound")
	})
}

func TestALaunchCanFailAfterItWasAccepted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, Options{EC2: EC2Options{Boot: Span{10 * time.Second, 10 * time.Second}, Failing: 1}})
		c.fleet(onDemand(1, "m6i.large"))
		time.Sleep(time.Minute)
		i := c.instances()[0]
		if i.State.Name != types.InstanceStateNameTerminated || aws.ToString(i.StateReason.Code) != "Server.InternalError" {
			t.Errorf("got %v, %v", i.State, i.StateReason)
		}
		if m := c.Meter(); m.OnDemand != 0 || m.Instances != 1 {
			t.Errorf("metered %+v", m)
		}
	})
}

func TestAShutdownFromInsideTerminatesOrStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, Options{})
		ids, _ := c.fleet(onDemand(1, "m6i.large"))
		c.PowerOff(ids[0])
		if _, err := c.CreateLaunchTemplateVersion(t.Context(), &ec2.CreateLaunchTemplateVersionInput{
			LaunchTemplateName: aws.String(templateName), SourceVersion: aws.String("1"),
			LaunchTemplateData: &types.RequestLaunchTemplateData{InstanceInitiatedShutdownBehavior: types.ShutdownBehaviorStop},
		}); err != nil {
			t.Fatal(err)
		}
		ids, _ = c.fleet(onDemand(1, "m6i.large"))
		c.PowerOff(ids[0])
		if got := c.states(); !maps.Equal(got, map[types.InstanceStateName]int{types.InstanceStateNameTerminated: 1, types.InstanceStateNameStopped: 1}) {
			t.Errorf("got %v", got)
		}
	})
}

func TestASpotInstanceIsWarnedTwoMinutesBeforeItIsTakenBack(t *testing.T) {
	for unwarned, warnings := range map[float64]int{0: 1, 1: 0} {
		synctest.Test(t, func(t *testing.T) {
			c := newCloud(t, Options{EC2: EC2Options{SpotLoss: 1, SpotLife: Span{time.Hour, time.Hour}, Unwarned: unwarned, Rebalanced: 1}})
			told := map[string][]time.Duration{}
			begun := time.Now()
			c.listen(func(e Event) { told[e.DetailType] = append(told[e.DetailType], e.At.Sub(begun)) })
			c.fleet(spot(1, "m6i.large"))
			time.Sleep(2 * time.Hour)
			c.Meter() // waits for what happens at this instant
			if got := told["EC2 Spot Instance Interruption Warning"]; len(got) != warnings || warnings == 1 && got[0] != 58*time.Minute {
				t.Errorf("warned at %v", got)
			}
			if got := told["EC2 Instance Rebalance Recommendation"]; len(got) != 1 || got[0] != 50*time.Minute {
				t.Errorf("recommended at %v", got)
			}
			if got := told["EC2 Instance State-change Notification"]; len(got) != 4 || got[3] != time.Hour {
				t.Errorf("changed at %v", got)
			}
		})
	}
}

func TestATakenBackInstanceSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, Options{})
		ids, _ := c.fleet(spot(1, "m6i.large"))
		c.Interrupt(ids[0], false)
		i := c.instances()[0]
		if i.InstanceLifecycle != types.InstanceLifecycleTypeSpot || aws.ToString(i.StateReason.Code) != "Server.SpotInstanceTermination" {
			t.Errorf("got %v, %v", i.InstanceLifecycle, i.StateReason)
		}
	})
}

// An instance is paid by the second from running on, and for a minute at least.
func TestInstancesArePaidByTheSecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, Options{EC2: EC2Options{Boot: Span{time.Minute, time.Minute}}})
		short, _ := c.fleet(onDemand(1, "m6i.large"))
		c.fleet(onDemand(2, "m6i.large"))
		c.fleet(spot(1, "m6i.large"))
		time.Sleep(time.Minute + 10*time.Second)
		c.terminate(short...)
		time.Sleep(time.Hour - 10*time.Second)
		m := c.Meter()
		if want := 0.096 * (2 + 1.0/60); math.Abs(m.OnDemand-want) > 1e-9 {
			t.Errorf("on demand cost %v, want %v", m.OnDemand, want)
		}
		if m.Spot < 0.2*0.096 || m.Spot > 0.5*0.096 || m.Instances != 4 || m.InstanceSeconds != 3*3600+60 {
			t.Errorf("metered %+v", m)
		}
	})
}

func TestAnImpairedInstanceFailsItsChecks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, Options{})
		ids, _ := c.fleet(onDemand(2, "m6i.large"))
		c.Impair(ids[1])
		out, err := c.DescribeInstanceStatus(t.Context(), &ec2.DescribeInstanceStatusInput{InstanceIds: ids})
		if err != nil || len(out.InstanceStatuses) != 2 || out.InstanceStatuses[0].InstanceStatus.Status != "ok" || out.InstanceStatuses[1].InstanceStatus.Status != "impaired" {
			t.Errorf("got %v, %v", out, err)
		}
	})
}
