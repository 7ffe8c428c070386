package tasks_test

import (
	"context"
	"slices"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/awsfake"
	"github.com/batchd/terraform-provider-batch/runtime/compute/computetest"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
)

// pool is that of a type in the first zone, as the suite asks for hosts of it.
func pool(typ string) batch.Offer {
	return batch.Offer{
		Pool:  batch.Pool{Type: typ, Zone: "us-east-1a", Market: batch.OnDemand},
		Shape: batch.Shape{MilliCPU: 2000, MemoryMiB: 3000}, MicroUSDPerHour: 1,
	}
}

// named adds the name that the suite does not give to definitions: it begins the names of log streams.
type named struct{ *aws.Driver }

func (n named) Start(ctx context.Context, starts []compute.Start) error {
	for i := range starts {
		starts[i].DefinitionName = "definition"
	}
	return n.Driver.Start(ctx, starts)
}

// TestTheWholeDriverConforms holds the driver of accounts, hosts and attempts together to the laws of drivers and launchers.
func TestTheWholeDriverConforms(t *testing.T) {
	computetest.RunVirtual(t, func(t *testing.T) computetest.Subject {
		stage := newStage(t)
		options := awsfake.Options{}
		options.ECS.Engine = stage
		options.ECS.Agents.Boot = func(b awsfake.Boot) awsfake.BootPlan { return awsfake.BootPlan{Never: b.Type == "m5.large"} }
		world := awsfake.New(options)
		t.Cleanup(func() {
			world.Close()
			stage.close()
		})
		profile := "ecsInstanceRole"
		if _, err := iam.NewFromConfig(world.Config()).CreateInstanceProfile(t.Context(), &iam.CreateInstanceProfileInput{InstanceProfileName: &profile}); err != nil {
			t.Fatal(err)
		}
		world.SetRoom(awsfake.Pool{Type: "c5.large", Zone: "us-east-1a"}, 1)
		state := t.TempDir()
		var driver *aws.Driver
		open := func() computetest.Driver {
			driver = aws.New(aws.Options{Installation: "suite", StateDir: state, Config: func(context.Context, string, string) (sdk.Config, error) {
				return world.Config(), nil
			}})
			return named{driver}
		}
		return computetest.Subject{
			Driver: open(), Again: open,
			Container: func(does computetest.Behaviour) batch.Container {
				c := computetest.Container(does)
				c.Image, c.Results, c.Shape = "busybox", does.Result != "", batch.Shape{MilliCPU: 100, MemoryMiB: 64}
				return c
			},
			Finish: func(attempt batch.AttemptID, code int32) {
				var acts *act
				eventually(t, "attempt to run", func() bool {
					acts = stage.find(startedBy(attempt))
					return acts != nil
				})
				acts.finish <- code
			},
			Logs:          joblog.Readers{aws.LogKind: driver.Logs()},
			WaitsInMemory: true,
			Resources: &batch.Resources{
				Strategy: batch.BestFitProgressive, InstanceTypes: []string{"c7i.large", "m5.large", "c5.large"}, Subnets: world.Network().Subnets,
				SecurityGroups: []string{world.Network().SecurityGroup}, InstanceRole: profile,
			},
			Offers: &computetest.Offers{
				Prompt: pool("c7i.large"), Late: pool("m5.large"), Scarce: pool("c5.large"),
				Arrive: func(host string) { arrive(t, world, driver, host) },
			},
		}
	})
}

// arrive registers the instance of a host, as its agent would.
func arrive(t *testing.T, world *awsfake.World, driver *aws.Driver, host string) {
	t.Helper()
	var instance string
	eventually(t, "instance of "+host, func() bool {
		c, err := driver.Census(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(c.Coming, func(h batch.HostComing) bool { return h.ID == host })
		if i < 0 {
			return false
		}
		instance = c.Coming[i].Name
		return instance != ""
	})
	_, err := ecs.NewFromConfig(world.Config()).RegisterContainerInstance(t.Context(), &ecs.RegisterContainerInstanceInput{
		Cluster:                  sdk.String("batchd-e-00000000"),
		InstanceIdentityDocument: sdk.String(`{"instanceId":"` + instance + `","instanceType":"m5.large","availabilityZone":"us-east-1a","region":"us-east-1","accountId":"123456789012"}`),
		TotalResources: []ecstypes.Resource{
			{Name: sdk.String("CPU"), Type: sdk.String("INTEGER"), IntegerValue: 2048}, {Name: sdk.String("MEMORY"), Type: sdk.String("INTEGER"), IntegerValue: 7600},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// eventually waits until ok holds.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); !ok(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("waiting for the %s: not within %v", what, patience)
		}
	}
}
