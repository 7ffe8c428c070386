package taskdef

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/ending"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/wrapper"
)

// containerDefinition is what cannot be overridden of c, but for variables, mounts and log.
func containerDefinition(c *batch.Container, p Place) types.ContainerDefinition {
	e := ecsOf(c)
	d := types.ContainerDefinition{
		Name: aws.String(ending.Container), Essential: aws.Bool(true), Image: aws.String(c.Image), User: given(c.User),
		WorkingDirectory: given(c.WorkingDirectory), LinuxParameters: linux(c), Secrets: secrets(e.Secrets),
	}
	if Wraps(c) {
		d.EntryPoint = wrapper.EntryPoint()
	}
	if c.Privileged {
		d.Privileged = aws.Bool(true)
	}
	if c.ReadOnlyRoot {
		d.ReadonlyRootFilesystem = aws.Bool(true)
	}
	for _, u := range c.Ulimits {
		d.Ulimits = append(d.Ulimits, types.Ulimit{Name: types.UlimitName(u.Name), SoftLimit: int32(u.Soft), HardLimit: int32(u.Hard)})
	}
	if e.RegistrySecret != "" {
		d.RepositoryCredentials = &types.RepositoryCredentials{CredentialsParameter: aws.String(e.RegistrySecret)}
	}
	if c.Shape.GPUs > 0 && !p.fargate() {
		d.ResourceRequirements = []types.ResourceRequirement{{Type: types.ResourceTypeGpu, Value: aws.String(strconv.FormatInt(c.Shape.GPUs, 10))}}
	}
	return d
}

// onInstance adds what a container gets of an instance. It has the network of its host, as in AWS Batch.
func onInstance(d *ecs.RegisterTaskDefinitionInput, o *types.ContainerOverride, c *batch.Container) {
	d.NetworkMode, d.RequiresCompatibilities = types.NetworkModeHost, []types.Compatibility{types.CompatibilityEc2}
	least := aws.Int32(leastMemoryMiB)
	if c.Shape.MemoryMiB > 0 {
		d.ContainerDefinitions[0].Memory, o.Memory = least, aws.Int32(int32(c.Shape.MemoryMiB))
	} else {
		d.ContainerDefinitions[0].MemoryReservation = least
	}
	if c.Shape.MilliCPU > 0 {
		o.Cpu = aws.Int32(int32(max(c.Shape.MilliCPU*sharesPerCPU/1000, 1)))
	}
}

// onFargate adds what a task gets of Fargate: a network of its own, and one of the sizes that there are.
func (p *Plan) onFargate(d *ecs.RegisterTaskDefinitionInput, c *batch.Container) {
	e := ecsOf(c)
	size, _ := FargateSize(c.Shape) // check has seen that there is one
	d.NetworkMode, d.RequiresCompatibilities = types.NetworkModeAwsvpc, []types.Compatibility{types.CompatibilityFargate}
	d.Cpu = aws.String(strconv.FormatInt(size.MilliCPU*sharesPerCPU/1000, 10))
	d.Memory = aws.String(strconv.FormatInt(size.MemoryMiB, 10))
	if e.OS != "" || e.Architecture != "" {
		d.RuntimePlatform = &types.RuntimePlatform{OperatingSystemFamily: types.OSFamily(e.OS), CpuArchitecture: types.CPUArchitecture(e.Architecture)}
	}
	if e.DiskGiB > 0 {
		d.EphemeralStorage = &types.EphemeralStorage{SizeInGiB: e.DiskGiB}
	}
	p.PlatformVersion, p.AssignPublicIP = given(e.PlatformVersion), e.AssignPublicIP
}

// linux is nil if c asks for nothing of it.
func linux(c *batch.Container) *types.LinuxParameters {
	e := ecsOf(c)
	l, asked := types.LinuxParameters{Swappiness: e.Swappiness}, e.Swappiness != nil
	if c.Init {
		l.InitProcessEnabled, asked = aws.Bool(true), true
	}
	if c.SharedMemoryMiB > 0 {
		l.SharedMemorySize, asked = aws.Int32(int32(c.SharedMemoryMiB)), true
	}
	if c.MaxSwapMiB != nil {
		l.MaxSwap, asked = aws.Int32(int32(*c.MaxSwapMiB)), true
	}
	for _, t := range c.Tmpfs {
		l.Tmpfs, asked = append(l.Tmpfs, types.Tmpfs{ContainerPath: aws.String(t.Path), Size: int32(t.SizeMiB), MountOptions: t.Options}), true
	}
	for _, d := range e.Devices {
		device := types.Device{HostPath: aws.String(d.Source), ContainerPath: given(d.Target)}
		for _, permission := range d.Permissions {
			device.Permissions = append(device.Permissions, devicePermissions[permission])
		}
		l.Devices, asked = append(l.Devices, device), true
	}
	if !asked {
		return nil
	}
	return &l
}

// devicePermissions are those of AWS Batch as ECS writes them.
var devicePermissions = map[string]types.DeviceCgroupPermission{
	"READ": types.DeviceCgroupPermissionRead, "WRITE": types.DeviceCgroupPermissionWrite, "MKNOD": types.DeviceCgroupPermissionMknod,
}

func secrets(list []batch.Secret) []types.Secret {
	var all []types.Secret
	for _, s := range list {
		all = append(all, types.Secret{Name: aws.String(s.Name), ValueFrom: aws.String(s.From)})
	}
	return all
}
