package taskdef_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/taskdef"
)

var instance = taskdef.Place{Kind: batch.Spot, Region: "eu-west-1"}

func made(t *testing.T, j taskdef.Job, p taskdef.Place) taskdef.Plan {
	t.Helper()
	plan, err := taskdef.Make(j, p)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func TestJobsThatDifferInWhatCanBeOverriddenShareADefinition(t *testing.T) {
	a := job()
	b := job()
	b.Container.Command, b.Environment = []string{"other"}, []string{"Y=2", "AWS_BATCH_JOB_ID=b"}
	b.Container.Shape = batch.Shape{MilliCPU: 4000, MemoryMiB: 9000}
	a.Container.Shape = batch.Shape{MilliCPU: 1000, MemoryMiB: 512}
	first, second := made(t, a, instance), made(t, b, instance)
	if first.Hash != second.Hash || first.Hash == "" || aws.ToString(first.Definition.Family) != "batchd-train" {
		t.Errorf("hashes %s and %s, family %s", first.Hash, second.Hash, aws.ToString(first.Definition.Family))
	}
	o := second.Overrides.ContainerOverrides[0]
	if aws.ToString(o.Name) != "default" || aws.ToInt32(o.Cpu) != 4096 || aws.ToInt32(o.Memory) != 9000 || o.Command[0] != "other" || len(o.Environment) != 2 {
		t.Errorf("overrides %+v", o)
	}
	b.Container.Image = "debian"
	if third := made(t, b, instance); third.Hash == first.Hash {
		t.Error("another image has the same definition")
	}
}

func TestOutputGoesWhereAWSBatchSendsIt(t *testing.T) {
	j := job()
	j.Definition = strings.Repeat("n", 250)
	plan := made(t, j, instance)
	options := plan.Definition.ContainerDefinitions[0].LogConfiguration.Options
	if options["awslogs-group"] != "/aws/batch/job" || options["awslogs-region"] != "eu-west-1" || options["awslogs-stream-prefix"] != strings.Repeat("n", 200) {
		t.Errorf("%v", options)
	}
	if group, prefix := plan.Log(); group != "/aws/batch/job" || prefix != strings.Repeat("n", 200) {
		t.Errorf("%s %s", group, prefix)
	}
	j.Container.ECS = &batch.ECS{Log: &batch.LogConfiguration{Driver: "awslogs", Options: map[string]string{"awslogs-group": "mine", "awslogs-stream-prefix": "p"}}}
	plan = made(t, j, instance)
	if group, prefix := plan.Log(); group != "mine" || prefix != "p" {
		t.Errorf("%s %s", group, prefix)
	}
	j.Container.ECS.Log.Driver = "splunk"
	plan = made(t, j, instance)
	if group, prefix := plan.Log(); group != "" || prefix != "" {
		t.Errorf("of another driver: %s %s", group, prefix)
	}
}

func TestOverridesThatAreTooLongGoIntoADefinition(t *testing.T) {
	long := strings.Repeat("v", 5000)
	child := func(n int, parameter, fixed string) taskdef.Job {
		j := job()
		j.Environment = []string{"FIXED=" + fixed, "BATCH_PARAM_X=" + parameter, fmt.Sprintf("AWS_BATCH_JOB_ID=j:%d", n)}
		return j
	}
	for name, c := range map[string]struct {
		parameter, fixed string
		inDefinition     int  // variables
		shared           bool // by the children of an array
	}{
		"short":               {"1", "2", 0, true},
		"long variable":       {long, long, 1, true},
		"long parameter":      {long + long, "2", 3, false},
		"quotes count double": {"1", strings.Repeat(`"`, 4200), 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			first, second := made(t, child(1, c.parameter, c.fixed), instance), made(t, child(2, c.parameter, c.fixed), instance)
			text, err := json.Marshal(first.Overrides)
			if err != nil {
				t.Fatal(err)
			}
			got := len(first.Definition.ContainerDefinitions[0].Environment)
			if got != c.inDefinition || (first.Hash == second.Hash) != c.shared || len(text) > taskdef.MaxOverrides+1000 {
				t.Errorf("%d variables in the definition, shared %v, overrides of %d characters", got, first.Hash == second.Hash, len(text))
			}
		})
	}
}

func TestADefinitionThatIsTooLargeIsRefused(t *testing.T) {
	j := job()
	j.Container.Script = strings.Repeat("echo\n", 9000)
	made(t, j, instance)
	j.Container.Script = strings.Repeat("echo\n", 12000)
	refused(t, j, instance, "container.script", "Amazon ECS allows 65536")
	j = job()
	j.Container.Command = []string{strings.Repeat("x", 70000)}
	refused(t, j, instance, "container.command", "Amazon ECS allows 65536")
}

func refused(t *testing.T, j taskdef.Job, p taskdef.Place, field, why string) {
	t.Helper()
	_, err := taskdef.Make(j, p)
	if err == nil || !strings.HasPrefix(err.Error(), field+": ") || !strings.Contains(err.Error(), why) {
		t.Errorf("%s: error %v, want %s", field, err, why)
	}
}

func TestAScriptIsRunByTheWrapper(t *testing.T) {
	j := job()
	j.Container.Script, j.Container.Command = "#!/usr/bin/env python3\nprint(1)\n", nil
	plan := made(t, j, instance)
	d := plan.Definition.ContainerDefinitions[0]
	if !plan.Wrapped || d.EntryPoint[0] != "/bin/sh" || len(d.Command) != 0 || aws.ToString(d.Environment[0].Name) != "BATCHD_SCRIPT" {
		t.Errorf("%+v", d)
	}
	j.Container.Script = ""
	j.Container.Command = []string{"a"}
	if plan := made(t, j, instance); plan.Wrapped || plan.Definition.ContainerDefinitions[0].EntryPoint != nil {
		t.Error("a command has the wrapper and does not ask for it")
	}
	j.Container.Results = true
	if plan := made(t, j, instance); !plan.Wrapped {
		t.Error("a command that leaves results has no wrapper")
	}
	j.Container.Command = nil
	refused(t, j, instance, "container.command", "needs a command")
	j.Container.Command = []string{"a"}
	j.Container.ECS = &batch.ECS{Log: &batch.LogConfiguration{Driver: "json-file"}}
	refused(t, j, instance, "container.logConfiguration.logDriver", "needs the log driver awslogs")
}

func TestFargateHasSizesAndANetworkOfItsOwn(t *testing.T) {
	j := job()
	j.Container.ECS = &batch.ECS{ExecutionRole: "x"}
	j.Container.Shape = batch.Shape{MilliCPU: 1000, MemoryMiB: 9 << 10}
	d := made(t, j, taskdef.Place{Kind: batch.FargateSpot, Region: "eu-west-1"}).Definition
	if aws.ToString(d.Cpu) != "2048" || aws.ToString(d.Memory) != "9216" || d.NetworkMode != "awsvpc" || d.RequiresCompatibilities[0] != "FARGATE" {
		t.Errorf("%+v", d)
	}
	if d := made(t, j, instance).Definition; d.Cpu != nil || d.NetworkMode != "host" || d.RequiresCompatibilities[0] != "EC2" {
		t.Errorf("on an instance: %+v", d)
	}
}

func TestSizesOfFargateAreRoundedUp(t *testing.T) {
	for _, c := range []struct{ cpu, memory, wantCPU, wantMemory int64 }{
		{0, 0, 250, 512},
		{250, 512, 250, 512},
		{250, 513, 250, 1024},
		{250, 1025, 250, 2048},
		{250, 2049, 500, 3072},
		{251, 1, 500, 1024},
		{1000, 2048, 1000, 2048},
		{1000, 8193, 2000, 9216},
		{3000, 1, 4000, 8192},
		{8000, 16385, 8000, 20480},
		{16000, 122880, 16000, 122880},
		{9000, 33000, 16000, 40960},
	} {
		size, ok := taskdef.FargateSize(batch.Shape{MilliCPU: c.cpu, MemoryMiB: c.memory})
		if !ok || size != (batch.Shape{MilliCPU: c.wantCPU, MemoryMiB: c.wantMemory}) {
			t.Errorf("%d and %d MiB: %+v, %v", c.cpu, c.memory, size, ok)
		}
	}
	for _, s := range []batch.Shape{{MilliCPU: 16001}, {MemoryMiB: 122881}, {GPUs: 1}} {
		if size, ok := taskdef.FargateSize(s); ok {
			t.Errorf("%+v fits %+v", s, size)
		}
	}
}

func TestWhatAPlaceCannotHonourIsRefused(t *testing.T) {
	onFargate := taskdef.Place{Kind: batch.Fargate, Region: "eu-west-1"}
	for field, c := range map[string]struct {
		set   func(*batch.Container)
		place taskdef.Place
	}{
		"image":                              {func(c *batch.Container) { c.Image = "" }, instance},
		"networkConfiguration":               {func(c *batch.Container) { c.ECS.AssignPublicIP = true }, instance},
		"fargatePlatformConfiguration":       {func(c *batch.Container) { c.ECS.PlatformVersion = "1.4.0" }, instance},
		"ephemeralStorage":                   {func(c *batch.Container) { c.ECS.DiskGiB = 30 }, instance},
		"runtimePlatform":                    {func(c *batch.Container) { c.ECS.Architecture = "ARM64" }, instance},
		"privileged":                         {func(c *batch.Container) { c.Privileged = true }, onFargate},
		"ulimits":                            {func(c *batch.Container) { c.Ulimits = []batch.Ulimit{{Name: "core"}} }, onFargate},
		"linuxParameters.tmpfs":              {func(c *batch.Container) { c.Tmpfs = []batch.Tmpfs{{Path: "/t"}} }, onFargate},
		"linuxParameters.sharedMemorySize":   {func(c *batch.Container) { c.SharedMemoryMiB = 1 }, onFargate},
		"linuxParameters.maxSwap":            {func(c *batch.Container) { c.MaxSwapMiB = ptr(int64(0)) }, onFargate},
		"linuxParameters.swappiness":         {func(c *batch.Container) { c.ECS.Swappiness = ptr(int32(0)) }, onFargate},
		"linuxParameters.devices":            {func(c *batch.Container) { c.ECS.Devices = []batch.Device{{Source: "/dev/x"}} }, onFargate},
		"resourceRequirements":               {func(c *batch.Container) { c.Shape.GPUs = 1 }, onFargate},
		"executionRoleArn":                   {func(c *batch.Container) { c.ECS.ExecutionRole = "" }, onFargate},
		"volumes":                            {func(c *batch.Container) { c.Mounts = []batch.Mount{{Source: "/data", Target: "/d"}} }, onFargate},
		"runtimePlatform.":                   {func(c *batch.Container) { c.ECS.OS, c.Results = "WINDOWS_SERVER_2022_CORE", true }, onFargate},
		"resourceRequirements: more than":    {func(c *batch.Container) { c.Shape.MemoryMiB = 1 << 40 }, instance},
		"resourceRequirements: no size of F": {func(c *batch.Container) { c.Shape.MilliCPU = 17000 }, onFargate},
	} {
		t.Run(field, func(t *testing.T) {
			j := job()
			j.Container.ECS = &batch.ECS{ExecutionRole: "x"}
			made(t, j, c.place)
			c.set(&j.Container)
			_, err := taskdef.Make(j, c.place)
			if err == nil || !strings.HasPrefix(err.Error(), "container."+strings.TrimSuffix(field, ".")) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestFileSystemsAreVolumes(t *testing.T) {
	j := job()
	j.Container.Mounts = []batch.Mount{{Target: "/scratch"}}
	j.Container.ECS = &batch.ECS{FileSystems: []batch.FileSystem{
		{ID: "fs-1", Root: "/r", AccessPoint: "fsap-1", IAM: true, TransitEncrypt: true, TransitPort: 2049, Target: "/efs"},
		{ARN: "arn:s3files", AccessPoint: "arn:ap", Root: "/s", TransitPort: 3, Target: "/s3", ReadOnly: true},
	}}
	text := told(t, j, batch.EC2)
	for _, want := range []string{
		`"EfsVolumeConfiguration":{"AuthorizationConfig":{"AccessPointId":"fsap-1","Iam":"ENABLED"},"FileSystemId":"fs-1","RootDirectory":"/r","TransitEncryption":"ENABLED","TransitEncryptionPort":2049}`,
		`"S3filesVolumeConfiguration":{"AccessPointArn":"arn:ap","FileSystemArn":"arn:s3files","RootDirectory":"/s","TransitEncryptionPort":3}`,
		`"MountPoints":[{"ContainerPath":"/scratch","SourceVolume":"volume-0"},{"ContainerPath":"/efs","SourceVolume":"volume-1"},{"ContainerPath":"/s3","ReadOnly":true,"SourceVolume":"volume-2"}]`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
}
