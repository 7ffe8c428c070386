package main

import (
	"encoding/base64"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
)

const (
	testImage = "batchd-test/busybox:1" // .ci/docker-up makes it
	patience  = time.Minute
	// machineImage names, in SSM, the image that instances of ECS have.
	machineImage = "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id"
)

// user is somebody who uses the account as the printed environment says, with clients of the SDK as they are.
type user struct {
	t      *testing.T
	server *server
	config aws.Config
}

func newUser(t *testing.T, o options) user {
	t.Helper()
	o.listen, o.boot = "127.0.0.1:0", 300*time.Millisecond
	s, err := start(t.Context(), o)
	if err != nil && strings.Contains(err.Error(), "docker: ") {
		t.Skipf("no Docker here: %v (.ci/docker-up starts one)", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.stop(); err != nil {
			t.Error(err)
		}
	})
	for line := range strings.Lines(s.environment()) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		t.Setenv(name, value)
	}
	t.Setenv("AWS_CONFIG_FILE", "/dev/null")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
	c, err := config.LoadDefaultConfig(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return user{t, s, c}
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// until waits until what is looked for is there.
func (u user) until(what string, there func() bool) {
	u.t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-tick.C {
		if there() {
			return
		}
	}
	u.t.Fatalf("%s: not within %v", what, patience)
}

// launch makes the cluster "c" and launches an instance that joins it. It returns the id of the instance.
func (u user) launch() string {
	u.t.Helper()
	cluster := ecs.NewFromConfig(u.config)
	must[*ecs.CreateClusterOutput](u.t)(cluster.CreateCluster(u.t.Context(), &ecs.CreateClusterInput{ClusterName: aws.String("c")}))
	must[*iam.CreateInstanceProfileOutput](u.t)(iam.NewFromConfig(u.config).CreateInstanceProfile(u.t.Context(), &iam.CreateInstanceProfileInput{InstanceProfileName: aws.String("hosts")}))
	image := must[*ssm.GetParameterOutput](u.t)(ssm.NewFromConfig(u.config).GetParameter(u.t.Context(), &ssm.GetParameterInput{Name: aws.String(machineImage)}))
	hosts := ec2.NewFromConfig(u.config)
	subnets := must[*ec2.DescribeSubnetsOutput](u.t)(hosts.DescribeSubnets(u.t.Context(), &ec2.DescribeSubnetsInput{})).Subnets
	userData := base64.StdEncoding.EncodeToString([]byte("#!/bin/sh\necho ECS_CLUSTER=c >> /etc/ecs/ecs.config\n"))
	out := must[*ec2.RunInstancesOutput](u.t)(hosts.RunInstances(u.t.Context(), &ec2.RunInstancesInput{
		ImageId: image.Parameter.Value, InstanceType: ec2types.InstanceTypeM6iLarge, MinCount: aws.Int32(1), MaxCount: aws.Int32(1),
		SubnetId: subnets[0].SubnetId, IamInstanceProfile: &ec2types.IamInstanceProfileSpecification{Name: aws.String("hosts")}, UserData: &userData,
	}))
	u.until("the instance joins its cluster", func() bool {
		list := must[*ecs.ListContainerInstancesOutput](u.t)(cluster.ListContainerInstances(u.t.Context(), &ecs.ListContainerInstancesInput{Cluster: aws.String("c")}))
		return len(list.ContainerInstanceArns) == 1
	})
	return *out.Instances[0].InstanceId
}

// run runs a task of one container and waits for its end.
func (u user) run(command ...string) types.Task {
	u.t.Helper()
	tasks := ecs.NewFromConfig(u.config)
	d := must[*ecs.RegisterTaskDefinitionOutput](u.t)(tasks.RegisterTaskDefinition(u.t.Context(), &ecs.RegisterTaskDefinitionInput{
		Family: aws.String("f"), ContainerDefinitions: []types.ContainerDefinition{{
			Name: aws.String("default"), Image: aws.String(testImage), Cpu: 256, Memory: aws.Int32(32), Command: command,
			LogConfiguration: &types.LogConfiguration{LogDriver: types.LogDriverAwslogs, Options: map[string]string{
				"awslogs-group": "/aws/batch/job", "awslogs-create-group": "true", "awslogs-stream-prefix": "f",
			}},
		}},
	}))
	started := must[*ecs.RunTaskOutput](u.t)(tasks.RunTask(u.t.Context(), &ecs.RunTaskInput{Cluster: aws.String("c"), TaskDefinition: d.TaskDefinition.TaskDefinitionArn, LaunchType: types.LaunchTypeEc2}))
	if len(started.Tasks) != 1 {
		u.t.Fatalf("failures %v", started.Failures)
	}
	var task types.Task
	u.until("the task ends", func() bool {
		out := must[*ecs.DescribeTasksOutput](u.t)(tasks.DescribeTasks(u.t.Context(), &ecs.DescribeTasksInput{Cluster: aws.String("c"), Tasks: []string{*started.Tasks[0].TaskArn}}))
		if len(out.Tasks) == 1 {
			task = out.Tasks[0]
		}
		return aws.ToString(task.LastStatus) == "STOPPED"
	})
	return task
}

// log is what the container of a task said, once it has said as many lines.
func (u user) log(task types.Task, lines int) (said []string) {
	u.t.Helper()
	stream := "f/default/" + (*task.TaskArn)[strings.LastIndexByte(*task.TaskArn, '/')+1:]
	logs := cloudwatchlogs.NewFromConfig(u.config)
	u.until("the log is complete", func() bool {
		out := must[*cloudwatchlogs.GetLogEventsOutput](u.t)(logs.GetLogEvents(u.t.Context(), &cloudwatchlogs.GetLogEventsInput{
			LogGroupName: aws.String("/aws/batch/job"), LogStreamName: &stream, StartFromHead: aws.Bool(true),
		}))
		said = nil
		for _, e := range out.Events {
			said = append(said, *e.Message)
		}
		return len(said) >= lines
	})
	return said
}

// get reads what the double says of itself.
func (u user) get(path string) string {
	u.t.Helper()
	response := must[*http.Response](u.t)(http.Get(u.server.url() + path))
	defer func() { _ = response.Body.Close() }()
	return string(must[[]byte](u.t)(io.ReadAll(response.Body)))
}

func TestATaskOnAnInstanceIsAContainer(t *testing.T) {
	u := newUser(t, options{})
	id := u.launch()
	task := u.run("sh", "-c", "echo one; sleep 0.1; wget -q -O - $ECS_CONTAINER_METADATA_URI_V4/stats | grep -o memory_stats; exit 3")
	if reason := aws.ToString(task.Containers[0].Reason); strings.HasPrefix(reason, "CannotPullContainerError") {
		t.Skipf("no image %s here: %s (.ci/docker-up makes it)", testImage, reason)
	}
	if code := task.Containers[0].ExitCode; aws.ToInt32(code) != 3 || task.StopCode != types.TaskStopCodeEssentialContainerExited {
		t.Errorf("it ended with %s, %d: %s %s", task.StopCode, aws.ToInt32(code), aws.ToString(task.StoppedReason), aws.ToString(task.Containers[0].Reason))
	}
	if got := u.log(task, 2); !slices.Equal(got, []string{"one", "memory_stats"}) {
		t.Errorf("it said %q", got)
	}
	if got := u.get("/awsfake/leftovers"); !strings.Contains(got, "ec2 instance "+id+" running") {
		t.Errorf("left %q, want the instance", got)
	}
	if got := u.get("/awsfake/meter"); !strings.Contains(got, `"ecs:RunTask":1`) {
		t.Errorf("metered %s", got)
	}
}

func TestWithoutDockerTasksArePretended(t *testing.T) {
	u := newUser(t, options{pretend: true})
	u.launch()
	if task := u.run("true"); aws.ToInt32(task.Containers[0].ExitCode) != 0 {
		t.Errorf("it ended with %d", *task.Containers[0].ExitCode)
	}
}

func TestTheCommandRefusesWhatItDoesNotKnow(t *testing.T) {
	if err := command([]string{"-no-such-flag"}); err == nil {
		t.Error("no error")
	}
}
