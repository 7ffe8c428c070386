package awsfake

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// memberOf asks for instances that match an expression.
func memberOf(expression string) func(*ecs.RunTaskInput) {
	return func(in *ecs.RunTaskInput) {
		in.PlacementConstraints = append(in.PlacementConstraints, types.PlacementConstraint{Type: types.PlacementConstraintTypeMemberOf, Expression: &expression})
	}
}

func TestATaskRunsOnTheInstanceThatItAsksFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newECSBed(t, plays(Play{Runs: Forever}))
		for i := range 5 {
			b.boot(fmt.Sprint("i-", i), joinsC)
		}
		d := b.define(container("main"))
		for i := range 5 {
			arn := b.start(request(d, memberOf(fmt.Sprint("ec2InstanceId == i-", i)), func(in *ecs.RunTaskInput) { in.StartedBy = aws.String(fmt.Sprint("attempt/", i)) }))
			out := must[*ecs.ListTasksOutput](t)(b.ListTasks(t.Context(), &ecs.ListTasksInput{Cluster: aws.String("c"), StartedBy: aws.String(fmt.Sprint("attempt/", i))}))
			if !slices.Equal(out.TaskArns, []string{arn}) {
				t.Errorf("startedBy lists %v, want %s", out.TaskArns, arn)
			}
			on := must[*ecs.DescribeContainerInstancesOutput](t)(b.DescribeContainerInstances(t.Context(), &ecs.DescribeContainerInstancesInput{
				Cluster: aws.String("c"), ContainerInstances: []string{*b.task(arn).ContainerInstanceArn},
			})).ContainerInstances[0]
			if got := *on.Ec2InstanceId; got != fmt.Sprint("i-", i) {
				t.Errorf("task %d is on %s", i, got)
			}
		}
	})
}

func TestWhyATaskHasNoPlace(t *testing.T) {
	logs := func(d *types.ContainerDefinition) {
		d.LogConfiguration = &types.LogConfiguration{LogDriver: types.LogDriverSplunk}
	}
	gpu := func(d *types.ContainerDefinition) {
		d.ResourceRequirements = []types.ResourceRequirement{{Type: types.ResourceTypeGpu, Value: aws.String("3")}}
	}
	for name, test := range map[string]struct {
		container types.ContainerDefinition
		change    func(*ecs.RunTaskInput)
		prepare   func(*ecsBed)
		want      string
	}{
		"there are too few CPUs":            {container("main", func(d *types.ContainerDefinition) { d.Cpu = 4097 }), nil, nil, "RESOURCE:CPU"},
		"there is too little memory":        {container("main", func(d *types.ContainerDefinition) { d.Memory = aws.Int32(16384) }), nil, nil, "RESOURCE:MEMORY"},
		"there are too few GPUs":            {container("main", gpu), nil, nil, "RESOURCE:GPU"},
		"no instance matches":               {container("main"), memberOf("ec2InstanceId == i-2"), nil, "MemberOf placement constraint unsatisfied."},
		"the log driver is missing":         {container("main", logs), nil, nil, "ATTRIBUTE"},
		"the agent is away":                 {container("main"), nil, func(b *ecsBed) { b.w.Connect("i-1", false) }, "AGENT"},
		"the instance is drained":           {container("main"), nil, (*ecsBed).drain, "INACTIVE"},
		"an override asks for more than is": {container("main"), func(in *ecs.RunTaskInput) { in.Overrides = &types.TaskOverride{Cpu: aws.String("8192")} }, nil, "RESOURCE:CPU"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newECSBed(t, Options{})
				b.boot("i-1", joinsC)
				if test.prepare != nil {
					test.prepare(b)
				}
				in := request(b.define(test.container))
				if test.change != nil {
					test.change(in)
				}
				out := must[*ecs.RunTaskOutput](t)(b.RunTask(t.Context(), in))
				if len(out.Tasks) != 0 || !slices.Equal(reasons(out.Failures), []string{test.want}) {
					t.Errorf("%d tasks, failures %q, want %q", len(out.Tasks), reasons(out.Failures), test.want)
				}
			})
		})
	}
}

// drain drains the one container instance.
func (b *ecsBed) drain() {
	b.t.Helper()
	must[*ecs.UpdateContainerInstancesStateOutput](b.t)(b.UpdateContainerInstancesState(b.t.Context(), &ecs.UpdateContainerInstancesStateInput{
		Cluster: aws.String("c"), ContainerInstances: []string{*b.instance().ContainerInstanceArn}, Status: types.ContainerInstanceStatusDraining,
	}))
}

func TestWhatRunTaskRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newECSBed(t, Options{})
		d := b.define(container("main"))
		override := func(name, command string) func(*ecs.RunTaskInput) {
			return func(in *ecs.RunTaskInput) {
				in.Overrides = &types.TaskOverride{ContainerOverrides: []types.ContainerOverride{{Name: &name, Command: []string{command}}}}
			}
		}
		_, err := b.RunTask(t.Context(), request(d))
		wantCode(t, err, "InvalidParameterException") // no container instances were found
		b.boot("i-1", joinsC)
		for name, test := range map[string]struct {
			change func(*ecs.RunTaskInput)
			code   string
		}{
			"another cluster":                {func(in *ecs.RunTaskInput) { in.Cluster = aws.String("other") }, "ClusterNotFoundException"},
			"another task definition":        {func(in *ecs.RunTaskInput) { in.TaskDefinition = aws.String("g:1") }, "ClientException"},
			"more than ten tasks":            {func(in *ecs.RunTaskInput) { in.Count = aws.Int32(11) }, "InvalidParameterException"},
			"overrides that are too long":    {override("main", strings.Repeat("x", 8192)), "InvalidParameterException"},
			"overrides of another container": {override("side", "x"), "InvalidParameterException"},
			"an expression with a mistake":   {memberOf("ec2InstanceId = i-1"), "InvalidParameterException"},
			"a launch type and a strategy": {func(in *ecs.RunTaskInput) {
				onFargate("FARGATE")(in)
				in.LaunchType = types.LaunchTypeFargate
			}, "InvalidParameterException"},
			"a definition that is not for Fargate": {onFargate("FARGATE"), "InvalidParameterException"},
			"startedBy with a space":               {func(in *ecs.RunTaskInput) { in.StartedBy = aws.String("a b") }, "InvalidParameterException"},
		} {
			t.Log(name)
			_, err := b.RunTask(t.Context(), request(d, test.change))
			wantCode(t, err, test.code)
		}
		b.start(request(d, override("main", strings.Repeat("x", 8000))))
	})
}

func TestAClientTokenStartsATaskOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newECSBed(t, plays(Play{Runs: time.Minute}))
		b.boot("i-1", joinsC)
		d := b.define(container("main"))
		token := func(in *ecs.RunTaskInput) { in.ClientToken = aws.String("attempt-1") }
		b.w.Inject(Fault{Operation: "RunTask", Kind: LostAfter, Times: 1})
		if _, err := b.RunTask(t.Context(), request(d, token)); err == nil {
			t.Fatal("the answer was not lost")
		}
		first := b.start(request(d, token))
		time.Sleep(2 * time.Minute)
		again := must[*ecs.RunTaskOutput](t)(b.RunTask(t.Context(), request(d, token)))
		if got := again.Tasks[0]; *got.TaskArn != first || *got.LastStatus != "STOPPED" {
			t.Errorf("the token gives %s, %s; want %s as it is by then", *got.TaskArn, *got.LastStatus, first)
		}
		_, err := b.RunTask(t.Context(), request(d, token, func(in *ecs.RunTaskInput) { in.StartedBy = aws.String("other") }))
		wantCode(t, err, "ConflictException")
		time.Sleep(25 * time.Hour)
		if later := b.start(request(d, token)); later == first {
			t.Error("the token is remembered for more than a day")
		}
	})
}

func TestATaskIsMissingUntilEveryReplicaHasIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		options := plays(Play{Runs: Forever})
		options.Lag = Span{0, 10 * time.Second}
		b := newECSBed(t, options)
		b.boot("i-1", joinsC)
		arn := b.start(request(b.define(container("main"))))
		var seen []bool
		for range 20 {
			out := must[*ecs.DescribeTasksOutput](t)(b.DescribeTasks(t.Context(), &ecs.DescribeTasksInput{Cluster: aws.String("c"), Tasks: []string{arn}}))
			seen = append(seen, len(out.Tasks) == 1)
			time.Sleep(time.Second)
		}
		if seen[0] || !seen[19] || slices.Contains(seen[10:], false) {
			t.Errorf("seen %v, want it missing at first and there after ten seconds", seen)
		}
	})
}

func TestTasksAreListedInPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newECSBed(t, plays(Play{Runs: Forever}))
		d := b.define(container("main", func(d *types.ContainerDefinition) { d.Cpu, d.Memory = 1, aws.Int32(6) }))
		b.boot("i-1", joinsC)
		var started []string
		for range 25 {
			out := must[*ecs.RunTaskOutput](t)(b.RunTask(t.Context(), request(d, func(in *ecs.RunTaskInput) { in.Count = aws.Int32(10) })))
			started = append(started, arns(out)...)
		}
		var listed []string
		pages := ecs.NewListTasksPaginator(b, &ecs.ListTasksInput{Cluster: aws.String("c")})
		for n := 1; pages.HasMorePages(); n++ {
			page := must[*ecs.ListTasksOutput](t)(pages.NextPage(t.Context()))
			listed = append(listed, page.TaskArns...)
			if n == 1 { // a task that ends between two pages must not hide another
				must[*ecs.StopTaskOutput](t)(b.StopTask(t.Context(), &ecs.StopTaskInput{Cluster: aws.String("c"), Task: &started[0]}))
			}
		}
		slices.Sort(listed)
		slices.Sort(started)
		if !slices.Equal(listed, started) {
			t.Errorf("listed %d of %d tasks", len(listed), len(started))
		}
	})
}
