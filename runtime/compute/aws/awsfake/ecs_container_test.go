package awsfake

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/google/go-cmp/cmp"
)

func TestWhatAnEngineIsToldToRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []Container
		b := newECSBed(t, Options{ECS: ECSOptions{Script: func(c Container) Play {
			told = append(told, c)
			return Play{}
		}}})
		b.boot("i-1", joinsC)
		must[*ssm.PutParameterOutput](t)(ssm.NewFromConfig(b.w.Config()).PutParameter(t.Context(), &ssm.PutParameterInput{
			Name: aws.String("/secret"), Value: aws.String("hush"), Type: ssmtypes.ParameterTypeSecureString,
		}))
		d := container("main", func(d *types.ContainerDefinition) {
			d.EntryPoint, d.Command, d.User, d.WorkingDirectory = []string{"sh"}, []string{"a"}, aws.String("1000"), aws.String("/work")
			d.Environment = []types.KeyValuePair{{Name: aws.String("X"), Value: aws.String("1")}, {Name: aws.String("Y"), Value: aws.String("2")}}
			d.Secrets = []types.Secret{{Name: aws.String("S"), ValueFrom: aws.String("arn:aws:ssm:us-east-1:123456789012:parameter/secret")}}
			d.MountPoints = []types.MountPoint{{SourceVolume: aws.String("data"), ContainerPath: aws.String("/data"), ReadOnly: aws.Bool(true)}, {SourceVolume: aws.String("scratch"), ContainerPath: aws.String("/scratch")}}
			d.Ulimits = []types.Ulimit{{Name: types.UlimitNameNofile, SoftLimit: 10, HardLimit: 20}}
			d.LinuxParameters = &types.LinuxParameters{
				InitProcessEnabled: aws.Bool(true), SharedMemorySize: aws.Int32(5),
				Tmpfs: []types.Tmpfs{{ContainerPath: aws.String("/t"), Size: 3, MountOptions: []string{"noexec"}}},
			}
		})
		arn := *must[*ecs.RegisterTaskDefinitionOutput](t)(b.RegisterTaskDefinition(t.Context(), &ecs.RegisterTaskDefinitionInput{
			Family: aws.String("f"), ContainerDefinitions: []types.ContainerDefinition{d},
			Volumes: []types.Volume{{Name: aws.String("data"), Host: &types.HostVolumeProperties{SourcePath: aws.String("/srv")}}, {Name: aws.String("scratch")}},
		})).TaskDefinition.TaskDefinitionArn
		task := b.start(request(arn, func(in *ecs.RunTaskInput) {
			in.StartedBy = aws.String("attempt-1")
			in.Overrides = &types.TaskOverride{ContainerOverrides: []types.ContainerOverride{{
				Name: aws.String("main"), Command: []string{"b"}, Memory: aws.Int32(2048), Cpu: aws.Int32(512),
				Environment: []types.KeyValuePair{{Name: aws.String("Y"), Value: aws.String("3")}, {Name: aws.String("Z"), Value: aws.String("4")}},
			}}}
		}))
		want := []Container{{
			Task: task, StartedBy: "attempt-1", Cluster: "c", Family: "f", Instance: "i-1", Name: "main", Image: "busybox",
			EntryPoint: []string{"sh"}, Command: []string{"b"}, Environment: []string{"S=hush", "X=1", "Y=3", "Z=4"}, User: "1000", WorkingDirectory: "/work",
			MilliCPU: 500, MemoryMiB: 2048, GPUs: []string{}, Init: true, StopTimeout: 30 * time.Second, SharedMemoryMiB: 5,
			Mounts: []Mount{{"/srv", "/data", true}, {"", "/scratch", false}}, Tmpfs: []Tmpfs{{"/t", 3, []string{"noexec"}}}, Ulimits: []Ulimit{{"nofile", 10, 20}},
		}}
		if diff := cmp.Diff(want, told); diff != "" {
			t.Errorf("it was told (-want +got):\n%s", diff)
		}
	})
}

func TestATaskWhoseSecretIsMissingDoesNotStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newECSBed(t, Options{})
		b.boot("i-1", joinsC)
		arn := b.start(request(b.define(container("main", func(d *types.ContainerDefinition) {
			d.Secrets = []types.Secret{{Name: aws.String("S"), ValueFrom: aws.String("/none")}}
		}))))
		time.Sleep(time.Second)
		want := "TaskFailedToStart: Task failed to start; main (Fetching secret data from SSM Parameter Store in us-east-1: invalid parameters: /none)"
		if got := ending(b.task(arn)); got != want {
			t.Errorf("%s\nwant\n%s", got, want)
		}
	})
}
