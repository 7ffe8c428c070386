package taskdef

import (
	"fmt"
	"math"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/wrapper"
)

// check refuses what cannot be honoured at p.
func check(j *Job, p Place) error {
	c := &j.Container
	rules := []rule{
		{c.Image == "", "image", "a job without an image is a process, which runs on LOCAL only, unless the environment has a batchd.defaultImage"},
		{c.Results && c.Script == "" && len(c.Command) == 0, "command", "a job that leaves results needs a command on Amazon ECS: that of its image is not known"},
		{Wraps(c) && logDriver(c) != awslogs, "logConfiguration.logDriver", "a script or a result needs the log driver awslogs: the result is read from the log"},
		{c.Shape.MemoryMiB > math.MaxInt32 || c.Shape.MilliCPU > math.MaxInt32, "resourceRequirements", "more than any instance has"},
	}
	if p.fargate() {
		rules = append(rules, onFargateRules(c)...)
	} else {
		rules = append(rules, onInstanceRules(c)...)
	}
	for _, r := range rules {
		if r.broken {
			return &Refusal{"container." + r.field, r.why}
		}
	}
	return nil
}

// rule is one that a container may break.
type rule struct {
	broken     bool
	field, why string
}

// onFargateRules are those of a task of Fargate (AWS Batch user guide, "Job definitions on Fargate").
func onFargateRules(c *batch.Container) []rule {
	const why = "Fargate cannot have it"
	e := ecsOf(c)
	_, sized := FargateSize(c.Shape)
	rules := []rule{
		{c.Privileged, "privileged", why},
		{len(c.Ulimits) > 0, "ulimits", why},
		{len(c.Tmpfs) > 0, "linuxParameters.tmpfs", why},
		{c.SharedMemoryMiB > 0, "linuxParameters.sharedMemorySize", why},
		{c.MaxSwapMiB != nil, "linuxParameters.maxSwap", why},
		{e.Swappiness != nil, "linuxParameters.swappiness", why},
		{len(e.Devices) > 0, "linuxParameters.devices", why},
		{c.Shape.GPUs > 0, "resourceRequirements", "Fargate has no GPUs"},
		{!sized, "resourceRequirements", "no size of Fargate has as much: at most 16 vCPUs and 122880 MiB"},
		{e.ExecutionRole == "", "executionRoleArn", "Fargate needs a role to fetch images and to write logs"},
		{Wraps(c) && windows(e), "runtimePlatform", "a script or a result needs " + wrapper.Shell + ", which Windows does not have"},
	}
	for _, m := range c.Mounts {
		rules = append(rules, rule{m.Source != "", "volumes", "Fargate has no directories of a host"})
	}
	return rules
}

// onInstanceRules are those of a task on an instance. What Fargate alone looks at has no meaning there.
func onInstanceRules(c *batch.Container) []rule {
	const why = "only Fargate can have it"
	e := ecsOf(c)
	return []rule{
		{e.AssignPublicIP, "networkConfiguration.assignPublicIp", why},
		{e.PlatformVersion != "", "fargatePlatformConfiguration.platformVersion", why},
		{e.DiskGiB > 0, "ephemeralStorage", why},
		{e.OS != "" || e.Architecture != "", "runtimePlatform", why},
	}
}

func windows(e *batch.ECS) bool { return len(e.OS) >= 7 && e.OS[:7] == "WINDOWS" }

func logDriver(c *batch.Container) string {
	if c.ECS == nil || c.ECS.Log == nil {
		return awslogs
	}
	return c.ECS.Log.Driver
}

func tooLarge(j *Job, size int) error {
	what, advice := "command", "shorten the command and the variables"
	if len(j.Container.Script) > size/2 {
		what, advice = "script", "shorten the script, or put it into the image"
	}
	return &Refusal{"container." + what, fmt.Sprintf("the task definition would have %d bytes; Amazon ECS allows %d: %s", size, MaxDefinitionBytes, advice)}
}
