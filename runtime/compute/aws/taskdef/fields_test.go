package taskdef_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/taskdef"
)

// field is what must become of one member of a container: set gives it a value, and then want is in what ECS is told.
type field struct {
	set  func(*batch.Container)
	on   batch.Kind // EC2 if it is empty
	want string
}

func ptr[T any](v T) *T { return &v }

// fields has a row for each member of batch.Container, batch.ECS and batch.Shape, by its path. One that is added must be placed, too.
var fields = map[string]field{
	"Image":           {set: func(c *batch.Container) { c.Image = "busybox:1" }, want: `"Image":"busybox:1"`},
	"Command":         {set: func(c *batch.Container) { c.Command = []string{"a", "b"} }, want: `"Command":["a","b"]`},
	"Environment":     {set: func(c *batch.Container) {}, want: `"Environment":[{"Name":"X","Value":"1"}]`}, // of the job, resolved
	"Shape.MilliCPU":  {set: func(c *batch.Container) { c.Shape.MilliCPU = 1500 }, want: `"Cpu":1536`},
	"Shape.MemoryMiB": {set: func(c *batch.Container) { c.Shape.MemoryMiB = 300 }, want: `"Memory":300`},
	"Shape.GPUs":      {set: func(c *batch.Container) { c.Shape.GPUs = 2 }, want: `"ResourceRequirements":[{"Type":"GPU","Value":"2"}]`},
	"CPURequired":     {set: func(c *batch.Container) { c.CPURequired = true }},    // what submissions may change
	"MemoryRequired":  {set: func(c *batch.Container) { c.MemoryRequired = true }}, // what submissions may change
	"User":            {set: func(c *batch.Container) { c.User = "nobody" }, want: `"User":"nobody"`},
	"Privileged":      {set: func(c *batch.Container) { c.Privileged = true }, want: `"Privileged":true`},
	"ReadOnlyRoot":    {set: func(c *batch.Container) { c.ReadOnlyRoot = true }, want: `"ReadonlyRootFilesystem":true`},
	"Mounts":          {set: func(c *batch.Container) { c.Mounts = []batch.Mount{{Source: "/data", Target: "/in", ReadOnly: true}} }, want: `"MountPoints":[{"ContainerPath":"/in","ReadOnly":true,"SourceVolume":"volume-0"}]`},
	"Ulimits":         {set: func(c *batch.Container) { c.Ulimits = []batch.Ulimit{{Name: "nofile", Soft: 1, Hard: 2}} }, want: `"Ulimits":[{"HardLimit":2,"Name":"nofile","SoftLimit":1}]`},
	"Tmpfs": {set: func(c *batch.Container) {
		c.Tmpfs = []batch.Tmpfs{{Path: "/t", SizeMiB: 5, Options: []string{"noexec"}}}
	}, want: `"Tmpfs":[{"ContainerPath":"/t","MountOptions":["noexec"],"Size":5}]`},
	"Init":             {set: func(c *batch.Container) { c.Init = true }, want: `"InitProcessEnabled":true`},
	"SharedMemoryMiB":  {set: func(c *batch.Container) { c.SharedMemoryMiB = 64 }, want: `"SharedMemorySize":64`},
	"MaxSwapMiB":       {set: func(c *batch.Container) { c.MaxSwapMiB = ptr(int64(7)) }, want: `"MaxSwap":7`},
	"Script":           {set: func(c *batch.Container) { c.Script = "echo hi\n" }, want: `{"Name":"BATCHD_SCRIPT","Value":"echo hi\n"}`},
	"WorkingDirectory": {set: func(c *batch.Container) { c.WorkingDirectory = "/work" }, want: `"WorkingDirectory":"/work"`},
	"Results":          {set: func(c *batch.Container) { c.Results = true }, want: `"EntryPoint":["/bin/sh","-c",`},

	"ECS.JobRole":        ecs(func(e *batch.ECS) { e.JobRole = "r" }, `"TaskRoleArn":"r"`),
	"ECS.ExecutionRole":  ecs(func(e *batch.ECS) { e.ExecutionRole = "x" }, `"ExecutionRoleArn":"x"`),
	"ECS.RegistrySecret": ecs(func(e *batch.ECS) { e.RegistrySecret = "s" }, `"RepositoryCredentials":{"CredentialsParameter":"s"}`),
	"ECS.Secrets":        ecs(func(e *batch.ECS) { e.Secrets = []batch.Secret{{Name: "N", From: "arn"}} }, `"Secrets":[{"Name":"N","ValueFrom":"arn"}]`),
	"ECS.FileSystems":    ecs(func(e *batch.ECS) { e.FileSystems = []batch.FileSystem{{ID: "fs-1", Target: "/efs"}} }, `"EfsVolumeConfiguration":{"FileSystemId":"fs-1"}`),
	"ECS.Devices":        ecs(func(e *batch.ECS) { e.Devices = []batch.Device{{Source: "/dev/x", Permissions: []string{"READ"}}} }, `"Devices":[{"HostPath":"/dev/x","Permissions":["read"]}]`),
	"ECS.Swappiness":     ecs(func(e *batch.ECS) { e.Swappiness = ptr(int32(60)) }, `"Swappiness":60`),
	"ECS.Log": ecs(func(e *batch.ECS) {
		e.Log = &batch.LogConfiguration{Driver: "json-file", Options: map[string]string{"max-size": "1m"}, Secrets: []batch.Secret{{Name: "k", From: "v"}}}
	}, `"LogConfiguration":{"LogDriver":"json-file","Options":{"max-size":"1m"},"SecretOptions":[{"Name":"k","ValueFrom":"v"}]}`),
	"ECS.ExecuteCommand":  ecs(func(e *batch.ECS) { e.ExecuteCommand = true }, `"ExecuteCommand":true`),
	"ECS.AssignPublicIP":  fargate(func(e *batch.ECS) { e.AssignPublicIP = true }, `"AssignPublicIP":true`),
	"ECS.PlatformVersion": fargate(func(e *batch.ECS) { e.PlatformVersion = "1.4.0" }, `"PlatformVersion":"1.4.0"`),
	"ECS.DiskGiB":         fargate(func(e *batch.ECS) { e.DiskGiB = 30 }, `"EphemeralStorage":{"SizeInGiB":30}`),
	"ECS.OS":              fargate(func(e *batch.ECS) { e.OS = "LINUX" }, `"OperatingSystemFamily":"LINUX"`),
	"ECS.Architecture":    fargate(func(e *batch.ECS) { e.Architecture = "ARM64" }, `"CpuArchitecture":"ARM64"`),
}

func ecs(set func(*batch.ECS), want string) field {
	return field{want: want, set: func(c *batch.Container) {
		if c.ECS == nil {
			c.ECS = &batch.ECS{}
		}
		set(c.ECS)
	}}
}

func fargate(set func(*batch.ECS), want string) field {
	f := ecs(set, want)
	f.on = batch.Fargate
	return f
}

// paths are the members of a struct type; those of Shape and ECS are taken apart.
func paths(t reflect.Type, prefix string) (all []string) {
	for f := range t.Fields() {
		switch inner := f.Type; {
		case inner.Kind() == reflect.Pointer && inner.Elem() == reflect.TypeFor[batch.ECS]():
			all = append(all, paths(inner.Elem(), prefix+f.Name+".")...)
		case inner == reflect.TypeFor[batch.Shape]():
			all = append(all, paths(inner, prefix+f.Name+".")...)
		default:
			all = append(all, prefix+f.Name)
		}
	}
	return all
}

func TestEveryMemberOfAContainerIsPlaced(t *testing.T) {
	all := paths(reflect.TypeFor[batch.Container](), "")
	if len(all) != len(fields) {
		t.Errorf("%d members and %d rows", len(all), len(fields))
	}
	for _, path := range all {
		f, ok := fields[path]
		if !ok {
			t.Errorf("batch.Container has a member %s that ECS is not told: place it in package taskdef, or refuse it, and add a row here", path)
			continue
		}
		j := job()
		kind := f.on
		if kind == "" {
			kind = batch.EC2
		} else {
			j.Container.ECS = &batch.ECS{ExecutionRole: "x"}
		}
		before := told(t, j, kind)
		f.set(&j.Container)
		after := told(t, j, kind)
		if f.want == "" && after != before || f.want != "" && !strings.Contains(after, f.want) {
			t.Errorf("%s: want %s in\n%s", path, f.want, after)
		}
	}
}

// told is what ECS is told of a job, as JSON.
func told(t *testing.T, j taskdef.Job, kind batch.Kind) string {
	t.Helper()
	plan, err := taskdef.Make(j, taskdef.Place{Kind: kind, Region: "eu-west-1"})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(plan)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(text, &tree); err != nil {
		t.Fatal(err)
	}
	text, err = json.Marshal(withoutNull(tree))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func withoutNull(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			if v[name] = withoutNull(member); v[name] == nil || v[name] == "" {
				delete(v, name)
			}
		}
	case []any:
		for i := range v {
			v[i] = withoutNull(v[i])
		}
	}
	return v
}

// job is the smallest that can run.
func job() taskdef.Job {
	return taskdef.Job{Definition: "train", Container: batch.Container{Image: "alpine", Command: []string{"true"}}, Environment: []string{"X=1"}}
}
