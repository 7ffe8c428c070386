package awsfake

import (
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// ecsBed is a world with a cluster "c" and a client of the SDK.
type ecsBed struct {
	*ecs.Client
	t *testing.T
	w *World
}

func newECSBed(t *testing.T, options Options) *ecsBed {
	t.Helper()
	w := New(options)
	t.Cleanup(w.Close)
	return bedOf(t, w)
}

// bedOf adds the cluster to a world.
func bedOf(t *testing.T, w *World) *ecsBed {
	t.Helper()
	b := &ecsBed{t: t, w: w}
	b.Client = ecs.NewFromConfig(b.w.Config(), func(o *ecs.Options) { o.RetryMaxAttempts = 1 })
	must[*ecs.CreateClusterOutput](t)(b.CreateCluster(t.Context(), &ecs.CreateClusterInput{
		ClusterName: aws.String("c"), CapacityProviders: []string{"FARGATE", "FARGATE_SPOT"},
	}))
	return b
}

// joinsC is the user data of an instance that joins the cluster "c".
const joinsC = "#!/bin/sh\necho ECS_CLUSTER=c >> /etc/ecs/ecs.config\n"

// boot lets an instance of 4 vCPUs, 16 GiB and two GPUs run.
func (b *ecsBed) boot(id, userData string) {
	b.w.mu.Lock()
	defer b.w.mu.Unlock()
	b.w.booted(&machine{
		id: id, kind: "m6i.xlarge", zone: "us-east-1a", image: "ami-1", arch: "x86_64", vcpus: 4, memory: 16384, gpus: 2, userData: userData,
	})
}

// end terminates an instance.
func (b *ecsBed) end(id string) {
	b.w.mu.Lock()
	defer b.w.mu.Unlock()
	b.w.ended(id, "terminated")
}

// container is a container of 1 vCPU and 1 GiB.
func container(name string, change ...func(*types.ContainerDefinition)) types.ContainerDefinition {
	d := types.ContainerDefinition{Name: aws.String(name), Image: aws.String("busybox"), Cpu: 1024, Memory: aws.Int32(1024)}
	for _, c := range change {
		c(&d)
	}
	return d
}

// define registers a revision of the family f of these containers and returns its ARN.
func (b *ecsBed) define(containers ...types.ContainerDefinition) string {
	b.t.Helper()
	return *must[*ecs.RegisterTaskDefinitionOutput](b.t)(b.RegisterTaskDefinition(b.t.Context(), &ecs.RegisterTaskDefinitionInput{
		Family: aws.String("f"), ContainerDefinitions: containers,
	})).TaskDefinition.TaskDefinitionArn
}

// request asks for one task on EC2.
func request(definition string, change ...func(*ecs.RunTaskInput)) *ecs.RunTaskInput {
	in := &ecs.RunTaskInput{Cluster: aws.String("c"), TaskDefinition: &definition, LaunchType: types.LaunchTypeEc2}
	for _, c := range change {
		c(in)
	}
	return in
}

// onFargate asks for Fargate, or Fargate Spot, in place of EC2.
func onFargate(provider string) func(*ecs.RunTaskInput) {
	return func(in *ecs.RunTaskInput) {
		in.LaunchType = ""
		in.CapacityProviderStrategy = []types.CapacityProviderStrategyItem{{CapacityProvider: &provider}}
		in.NetworkConfiguration = &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{Subnets: []string{"subnet-1"}}}
	}
}

// start runs one task, which must find a place, and returns its ARN.
func (b *ecsBed) start(in *ecs.RunTaskInput) string {
	b.t.Helper()
	out := must[*ecs.RunTaskOutput](b.t)(b.RunTask(b.t.Context(), in))
	if len(out.Tasks) != 1 || len(out.Failures) != 0 {
		b.t.Fatalf("started %d tasks, failures %v", len(out.Tasks), reasons(out.Failures))
	}
	return *out.Tasks[0].TaskArn
}

func (b *ecsBed) task(arn string) types.Task {
	b.t.Helper()
	out := must[*ecs.DescribeTasksOutput](b.t)(b.DescribeTasks(b.t.Context(), &ecs.DescribeTasksInput{Cluster: aws.String("c"), Tasks: []string{arn}}))
	if len(out.Tasks) != 1 {
		b.t.Fatalf("%s: %v", arn, reasons(out.Failures))
	}
	return out.Tasks[0]
}

func (b *ecsBed) status(arn string) string {
	b.t.Helper()
	return aws.ToString(b.task(arn).LastStatus)
}

// instance is the one container instance of the cluster.
func (b *ecsBed) instance() types.ContainerInstance {
	b.t.Helper()
	list := must[*ecs.ListContainerInstancesOutput](b.t)(b.ListContainerInstances(b.t.Context(), &ecs.ListContainerInstancesInput{Cluster: aws.String("c")}))
	if len(list.ContainerInstanceArns) != 1 {
		b.t.Fatalf("container instances %v, want one", list.ContainerInstanceArns)
	}
	out := must[*ecs.DescribeContainerInstancesOutput](b.t)(b.DescribeContainerInstances(b.t.Context(), &ecs.DescribeContainerInstancesInput{
		Cluster: aws.String("c"), ContainerInstances: list.ContainerInstanceArns,
	}))
	return out.ContainerInstances[0]
}

// free is what the one container instance has left.
func (b *ecsBed) free() capacity {
	b.t.Helper()
	return capacityOf(b.instance().RemainingResources)
}

func reasons(failures []types.Failure) (list []string) {
	for _, f := range failures {
		list = append(list, aws.ToString(f.Reason))
	}
	return list
}

// plays lets every container play the same.
func plays(p Play) Options {
	return Options{ECS: ECSOptions{Script: func(Container) Play { return p }}}
}

// ending is how a task and its containers ended, in one line: what a driver decides by.
func ending(t types.Task) string {
	text := string(t.StopCode) + ": " + aws.ToString(t.StoppedReason)
	for _, c := range t.Containers {
		text += "; " + *c.Name
		if c.ExitCode != nil {
			text += " " + strconv.Itoa(int(*c.ExitCode))
		}
		if c.Reason != nil {
			text += " (" + *c.Reason + ")"
		}
	}
	return text
}
