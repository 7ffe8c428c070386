package awsfake

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func TestAClusterIsDeletedWhenItIsEmpty(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newECSBed(t, plays(Play{Runs: Forever}))
		remove := func() error {
			_, err := b.DeleteCluster(t.Context(), &ecs.DeleteClusterInput{Cluster: aws.String("c")})
			return err
		}
		b.boot("i-1", joinsC)
		wantCode(t, remove(), "ClusterContainsContainerInstancesException")
		b.end("i-1")
		time.Sleep(time.Second)
		d := must[string](t)(b.defineFargate("1024", "2048"))
		arn := b.start(request(d, onFargate("FARGATE")))
		wantCode(t, remove(), "ClusterContainsTasksException")
		must[*ecs.StopTaskOutput](t)(b.StopTask(t.Context(), &ecs.StopTaskInput{Cluster: aws.String("c"), Task: &arn}))
		time.Sleep(time.Second)
		if err := remove(); err != nil {
			t.Fatal(err)
		}
		wantCode(t, remove(), "ClusterNotFoundException")
		if left := b.w.Leftovers(""); !slices.Equal(left, []string{"ecs task definition fargate:1"}) {
			t.Errorf("left %q", left)
		}
	})
}

func TestATaskDefinitionGoesThroughItsStates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newECSBed(t, Options{})
		first, second := b.define(container("main")), b.define(container("main"))
		newest := must[*ecs.DescribeTaskDefinitionOutput](t)(b.DescribeTaskDefinition(t.Context(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String("f")}))
		if got := *newest.TaskDefinition.TaskDefinitionArn; got != second || newest.TaskDefinition.Revision != 2 {
			t.Errorf("the family stands for %s, want %s", got, second)
		}
		remove := func() *ecs.DeleteTaskDefinitionsOutput {
			return must[*ecs.DeleteTaskDefinitionsOutput](t)(b.DeleteTaskDefinitions(t.Context(), &ecs.DeleteTaskDefinitionsInput{TaskDefinitions: []string{first}}))
		}
		if out := remove(); len(out.Failures) != 1 || !strings.Contains(*out.Failures[0].Reason, "still in ACTIVE status") {
			t.Errorf("one that is ACTIVE: failures %v", reasons(out.Failures))
		}
		must[*ecs.DeregisterTaskDefinitionOutput](t)(b.DeregisterTaskDefinition(t.Context(), &ecs.DeregisterTaskDefinitionInput{TaskDefinition: &first}))
		if out := remove(); len(out.TaskDefinitions) != 1 || out.TaskDefinitions[0].Status != types.TaskDefinitionStatusDeleteInProgress {
			t.Errorf("one that is INACTIVE: %v, failures %v", out.TaskDefinitions, reasons(out.Failures))
		}
		time.Sleep(2 * time.Minute)
		_, err := b.DescribeTaskDefinition(t.Context(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: &first})
		wantCode(t, err, "ClientException")
		if got := b.define(container("main")); !strings.HasSuffix(got, "/f:3") {
			t.Errorf("the next revision is %s", got)
		}
		list := must[*ecs.ListTaskDefinitionsOutput](t)(b.ListTaskDefinitions(t.Context(), &ecs.ListTaskDefinitionsInput{FamilyPrefix: aws.String("f"), Sort: types.SortOrderDesc}))
		if len(list.TaskDefinitionArns) != 2 || list.TaskDefinitionArns[1] != second {
			t.Errorf("listed %v", list.TaskDefinitionArns)
		}
	})
}

func TestWhatIsNotATaskDefinition(t *testing.T) {
	needs := func(name string) func(*types.ContainerDefinition) {
		return func(d *types.ContainerDefinition) {
			d.DependsOn = []types.ContainerDependency{{ContainerName: &name, Condition: types.ContainerConditionStart}}
		}
	}
	for name, containers := range map[string][]types.ContainerDefinition{
		"no container":                 {},
		"eleven containers":            slices.Repeat([]types.ContainerDefinition{container("main")}, 11),
		"no memory":                    {container("main", func(d *types.ContainerDefinition) { d.Memory = nil })},
		"no image":                     {container("main", func(d *types.ContainerDefinition) { d.Image = aws.String("") })},
		"nothing essential":            {container("main", func(d *types.ContainerDefinition) { d.Essential = aws.Bool(false) })},
		"a circle of dependencies":     {container("a", needs("b")), container("b", needs("a"))},
		"a dependency on nothing":      {container("a", needs("z"))},
		"more than 64 KB":              {container("main", func(d *types.ContainerDefinition) { d.Command = []string{strings.Repeat("x", 70_000)} })},
		"a reservation over the limit": {container("main", func(d *types.ContainerDefinition) { d.MemoryReservation = aws.Int32(2048) })},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newECSBed(t, Options{})
				_, err := b.RegisterTaskDefinition(t.Context(), &ecs.RegisterTaskDefinitionInput{Family: aws.String("f"), ContainerDefinitions: containers})
				wantCode(t, err, "ClientException")
			})
		})
	}
}

func TestAContainerInstanceThatATestRegisters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newECSBed(t, plays(Play{Runs: Forever}))
		out := must[*ecs.RegisterContainerInstanceOutput](t)(b.RegisterContainerInstance(t.Context(), &ecs.RegisterContainerInstanceInput{
			Cluster: aws.String("c"), InstanceIdentityDocument: aws.String(`{"instanceId": "i-9"}`), TotalResources: capacity{cpu: 2048, memory: 4000}.resources(),
		}))
		arn := b.start(request(b.define(container("main")), memberOf("ec2InstanceId == i-9")))
		remove := func(force bool) error {
			_, err := b.DeregisterContainerInstance(t.Context(), &ecs.DeregisterContainerInstanceInput{
				Cluster: aws.String("c"), ContainerInstance: out.ContainerInstance.ContainerInstanceArn, Force: &force,
			})
			return err
		}
		wantCode(t, remove(false), "InvalidParameterException")
		if err := remove(true); err != nil {
			t.Fatal(err)
		}
		if got := b.status(arn); got != "STOPPED" {
			t.Errorf("its task is %s", got)
		}
		list := must[*ecs.ListContainerInstancesOutput](t)(b.ListContainerInstances(t.Context(), &ecs.ListContainerInstancesInput{Cluster: aws.String("c")}))
		if len(list.ContainerInstanceArns) != 0 {
			t.Errorf("left %v", list.ContainerInstanceArns)
		}
	})
}

func TestContainerInstancesAreListedByAttributes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newECSBed(t, Options{})
		b.boot("i-1", joinsC)
		b.boot("i-2", joinsC)
		list := func(filter string) []string {
			return must[*ecs.ListContainerInstancesOutput](t)(b.ListContainerInstances(t.Context(), &ecs.ListContainerInstancesInput{Cluster: aws.String("c"), Filter: &filter})).ContainerInstanceArns
		}
		one := list("ec2InstanceId == i-2")
		must[*ecs.PutAttributesOutput](t)(b.PutAttributes(t.Context(), &ecs.PutAttributesInput{Cluster: aws.String("c"), Attributes: []types.Attribute{
			{Name: aws.String("spec"), Value: aws.String("f00"), TargetId: &one[0]},
		}}))
		if got := list("attribute:spec == f00"); len(one) != 1 || !slices.Equal(got, one) {
			t.Errorf("listed %v, want %v", got, one)
		}
	})
}

func TestSettingsAndCapacityProvidersOfAnAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newECSBed(t, Options{})
		must[*ecs.PutAccountSettingOutput](t)(b.PutAccountSetting(t.Context(), &ecs.PutAccountSettingInput{Name: types.SettingNameAwsvpcTrunking, Value: aws.String("disabled")}))
		set := must[*ecs.ListAccountSettingsOutput](t)(b.ListAccountSettings(t.Context(), &ecs.ListAccountSettingsInput{})).Settings
		if len(set) != 1 || set[0].Name != types.SettingNameAwsvpcTrunking || *set[0].Value != "disabled" {
			t.Errorf("set %v", set)
		}
		out := must[*ecs.DescribeCapacityProvidersOutput](t)(b.DescribeCapacityProviders(t.Context(), &ecs.DescribeCapacityProvidersInput{CapacityProviders: []string{"FARGATE_SPOT", "mine"}}))
		if len(out.CapacityProviders) != 1 || !slices.Equal(reasons(out.Failures), []string{"MISSING"}) {
			t.Errorf("described %v, failures %v", out.CapacityProviders, reasons(out.Failures))
		}
		_, err := b.PutClusterCapacityProviders(t.Context(), &ecs.PutClusterCapacityProvidersInput{
			Cluster: aws.String("c"), CapacityProviders: []string{"mine"}, DefaultCapacityProviderStrategy: []types.CapacityProviderStrategyItem{},
		})
		wantCode(t, err, "ClientException")
	})
}

func TestTagsOfECS(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newECSBed(t, plays(Play{Runs: Forever}))
		b.boot("i-1", joinsC)
		d := b.define(container("main"))
		arn := b.start(request(d))
		must[*ecs.TagResourceOutput](t)(b.TagResource(t.Context(), &ecs.TagResourceInput{ResourceArn: &arn, Tags: []types.Tag{{Key: aws.String("batchd:installation"), Value: aws.String("x")}}}))
		out := must[*ecs.DescribeTasksOutput](t)(b.DescribeTasks(t.Context(), &ecs.DescribeTasksInput{Cluster: aws.String("c"), Tasks: []string{arn}, Include: []types.TaskField{types.TaskFieldTags}}))
		if tags := out.Tasks[0].Tags; len(tags) != 1 || *tags[0].Value != "x" {
			t.Errorf("described with the tags %v", tags)
		}
		if left := b.w.Leftovers("x"); len(left) != 1 || !strings.HasPrefix(left[0], "ecs task c/") {
			t.Errorf("of the installation x there is %q", left)
		}
		_, err := b.TagResource(t.Context(), &ecs.TagResourceInput{ResourceArn: aws.String("arn:aws:ecs:us-east-1:123456789012:cluster/none"), Tags: []types.Tag{}})
		wantCode(t, err, "ResourceNotFoundException")
	})
}
