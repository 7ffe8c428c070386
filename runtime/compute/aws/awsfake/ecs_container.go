package awsfake

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
)

// container is what the engine is told to run.
func (p *taskContainer) container() Container {
	t, d := p.task, p.definition
	timeout := t.stopTimeout()
	if d.StopTimeout != nil {
		timeout = time.Duration(*d.StopTimeout) * time.Second
	}
	if t.on == nil {
		timeout = min(timeout, maxFargateStopTimeout)
	}
	c := Container{
		Task: *t.TaskArn, StartedBy: aws.ToString(t.StartedBy), Cluster: t.cluster.name, Family: *t.definition.Family, Instance: t.host, Spot: t.spot,
		Name: *d.Name, Image: aws.ToString(d.Image), EntryPoint: d.EntryPoint, Command: commandOf(d, p.override), Environment: environmentOf(d, p.override),
		User: aws.ToString(d.User), WorkingDirectory: aws.ToString(d.WorkingDirectory), MilliCPU: p.limits.cpu * 1000 / unitsPerCPU, MemoryMiB: p.limits.memory,
		GPUs: p.shown.GpuIds, Privileged: aws.ToBool(d.Privileged), ReadonlyRoot: aws.ToBool(d.ReadonlyRootFilesystem), StopTimeout: timeout,
		Mounts: mounts(d, t.definition.Volumes),
	}
	for _, u := range d.Ulimits {
		c.Ulimits = append(c.Ulimits, Ulimit{string(u.Name), int64(u.SoftLimit), int64(u.HardLimit)})
	}
	if l := d.LinuxParameters; l != nil {
		c.Init, c.SharedMemoryMiB = aws.ToBool(l.InitProcessEnabled), int64(aws.ToInt32(l.SharedMemorySize))
		for _, f := range l.Tmpfs {
			c.Tmpfs = append(c.Tmpfs, Tmpfs{aws.ToString(f.ContainerPath), int64(f.Size), f.MountOptions})
		}
	}
	return c
}

// mounts are the directories of the host, and empty ones in place of volumes of other kinds.
func mounts(d *types.ContainerDefinition, volumes []types.Volume) (list []Mount) {
	for _, m := range d.MountPoints {
		mount := Mount{Target: aws.ToString(m.ContainerPath), ReadOnly: aws.ToBool(m.ReadOnly)}
		for _, v := range volumes {
			if aws.ToString(v.Name) == aws.ToString(m.SourceVolume) && v.Host != nil {
				mount.Source = aws.ToString(v.Host.SourcePath)
			}
		}
		list = append(list, mount)
	}
	return list
}

// addSecrets adds the variables whose values are parameters of SSM. There is no Secrets Manager here.
func (p *taskContainer) addSecrets(c *Container) error {
	for _, s := range p.definition.Secrets {
		name := aws.ToString(s.ValueFrom)
		if _, path, isARN := strings.Cut(name, ":parameter/"); isARN {
			name = "/" + path
		}
		out, err := p.task.e.w.ask("ssm", "GetParameters", &ssm.GetParametersInput{Names: []string{name}, WithDecryption: aws.Bool(true)})
		if err != nil {
			return err
		}
		found, _ := out.(*ssm.GetParametersOutput) // of another type it has no parameters either
		if found == nil || len(found.Parameters) != 1 {
			return fmt.Errorf("invalid parameters: %s", name)
		}
		c.Environment = append(c.Environment, aws.ToString(s.Name)+"="+aws.ToString(found.Parameters[0].Value))
	}
	slices.Sort(c.Environment)
	return nil
}
