package awsfake

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// defineFargate registers a task definition for Fargate, of that size.
func (b *ecsBed) defineFargate(cpu, memory string) (string, error) {
	out, err := b.RegisterTaskDefinition(b.t.Context(), &ecs.RegisterTaskDefinitionInput{
		Family: aws.String("fargate"), Cpu: &cpu, Memory: &memory, NetworkMode: types.NetworkModeAwsvpc,
		RequiresCompatibilities: []types.Compatibility{types.CompatibilityFargate}, ContainerDefinitions: []types.ContainerDefinition{container("main")},
	})
	if err != nil {
		return "", err
	}
	return *out.TaskDefinition.TaskDefinitionArn, nil
}

func TestFargateTakesTheSizesOfItsTable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newECSBed(t, Options{})
		for size, valid := range map[[2]string]bool{
			{"256", "512"}: true, {"256", "4096"}: false, {"1024", "2048"}: true, {"1024", "1024"}: false, {"1024", "2500"}: false,
			{"4096", "30720"}: true, {"8192", "20480"}: true, {"8192", "17408"}: false, {"16384", "122880"}: true, {"3072", "8192"}: false,
		} {
			if _, err := b.defineFargate(size[0], size[1]); (err == nil) != valid {
				t.Errorf("%v: %v, want it valid: %v", size, err, valid)
			}
		}
	})
}

func TestATaskOnFargateIsProvisionedAndDeprovisioned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		options := plays(Play{Pull: time.Second, Runs: time.Second})
		options.ECS.Provision, options.ECS.Deprovision = Span{3 * time.Second, 0}, Span{3 * time.Second, 0}
		b := newECSBed(t, options)
		arn := b.start(request(must[string](t)(b.defineFargate("1024", "2048")), onFargate("FARGATE")))
		var seen []string
		for range 10 {
			seen = append(seen, b.status(arn))
			time.Sleep(900 * time.Millisecond)
		}
		if got := slices.Compact(seen); !slices.Equal(got, []string{"PROVISIONING", "PENDING", "RUNNING", "DEPROVISIONING", "STOPPED"}) {
			t.Errorf("it was %q", got)
		}
	})
}

func TestFargateRunsOutOfRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		options := plays(Play{Runs: time.Minute})
		options.ECS.FargateSpot = 2
		b := newECSBed(t, options)
		d := must[string](t)(b.defineFargate("1024", "2048"))
		three := func(in *ecs.RunTaskInput) { in.Count = aws.Int32(3) }
		out := must[*ecs.RunTaskOutput](t)(b.RunTask(t.Context(), request(d, onFargate("FARGATE_SPOT"), three)))
		if len(out.Tasks) != 2 || !slices.Equal(reasons(out.Failures), []string{"Capacity is unavailable at this time. Please try again later or in a different availability zone"}) {
			t.Errorf("%d tasks, failures %q", len(out.Tasks), reasons(out.Failures))
		}
		b.start(request(d, onFargate("FARGATE"))) // which has room
		time.Sleep(2 * time.Minute)
		b.start(request(d, onFargate("FARGATE_SPOT"))) // there is room again
	})
}

func TestATaskOfFargateSpotIsTakenBack(t *testing.T) {
	for name, test := range map[string]struct {
		term Term
		want string
	}{
		"it takes SIGTERM":   {Term{}, "SpotInterruption: Your Spot Task was interrupted.; main 143"},
		"it ignores SIGTERM": {Term{Ignored: true}, "SpotInterruption: Your Spot Task was interrupted.; main 137"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newECSBed(t, plays(Play{Runs: Forever, Term: test.term}))
				d := must[string](t)(b.defineFargate("1024", "2048"))
				spot, usual := b.start(request(d, onFargate("FARGATE_SPOT"))), b.start(request(d, onFargate("FARGATE")))
				time.Sleep(time.Minute)
				if !b.w.InterruptFargate(spot) || b.w.InterruptFargate(usual) {
					t.Error("only a task of Fargate Spot can be taken back")
				}
				time.Sleep(2 * time.Minute)
				if got := ending(b.task(spot)); got != test.want {
					t.Errorf("%s\nwant\n%s", got, test.want)
				}
			})
		})
	}
}

func TestFargateStartsTasksAtItsOwnPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newECSBed(t, Options{})
		d := must[string](t)(b.defineFargate("1024", "2048"))
		ten := func(in *ecs.RunTaskInput) { in.Count = aws.Int32(10) }
		run := func(provider string) (tasks int) {
			for {
				out, err := b.RunTask(t.Context(), request(d, onFargate(provider), ten))
				if err != nil {
					wantCode(t, err, "ThrottlingException")
					return tasks
				}
				tasks += len(out.Tasks)
			}
		}
		first, spot := run("FARGATE"), run("FARGATE_SPOT")
		time.Sleep(time.Second)
		if second := run("FARGATE"); first != 100 || spot != 100 || second != 20 {
			t.Errorf("at once %d tasks and %d Spot tasks, a second later %d tasks; want 100, 100 and 20", first, spot, second)
		}
	})
}

func TestECSMayEndATask(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newECSBed(t, plays(Play{Runs: Forever}))
		b.boot("i-1", joinsC)
		arn := b.start(request(b.define(container("main"))))
		if !b.w.EndTask(arn, types.TaskStopCodeInfrastructureHealth, "Task stopped for the health of its hardware") || b.w.EndTask(arn, "", "") {
			t.Error("a task can be ended once")
		}
		time.Sleep(time.Second)
		if got := ending(b.task(arn)); got != "InfrastructureHealth: Task stopped for the health of its hardware; main 143" {
			t.Error(got)
		}
	})
}
