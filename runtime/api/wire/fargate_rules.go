package wire

import (
	"fmt"
	"slices"
	"strings"
)

// fargateSizes are the vCPUs, in thousandths, that a Fargate job may have, and with each the memory in MiB: from least
// to most in steps, but for the smallest.
var fargateSizes = []struct{ milliCPU, least, most, step int64 }{
	{250, 512, 2048, 0},
	{500, 1024, 4096, 1024},
	{1000, 2048, 8192, 1024},
	{2000, 4096, 16384, 1024},
	{4000, 8192, 30720, 1024},
	{8000, 16384, 61440, 4096},
	{16000, 32768, 122880, 8192},
}

// Where a member of a definition has no meaning.
const (
	onFargate      = "for platformCapabilities FARGATE"
	withoutFargate = "without platformCapabilities FARGATE"
	onWindows      = "for Windows"
)

// Platform capabilities of job definitions. Without one a definition is for EC2.
const (
	PlatformEC2     = "EC2"
	PlatformFargate = "FARGATE"
)

// FillFargate gives a container for Fargate the platform version that AWS describes it with.
func (p *ContainerProperties) FillFargate() {
	if p.FargatePlatformConfiguration == nil {
		p.FargatePlatformConfiguration = &FargatePlatformConfiguration{}
	}
	if p.FargatePlatformConfiguration.PlatformVersion == nil {
		p.FargatePlatformConfiguration.PlatformVersion = &platformVersions[0]
	}
}

// platformVersions are those of Fargate.
var platformVersions = []string{"LATEST", "1.3.0", "1.4.0"}

// checkFargate applies the rules of a container for Fargate. The names of its members begin with field.
func (p *ContainerProperties) checkFargate(c *check, field string, needs Amounts) {
	c.that(value(p.Image) != "", field+"image", "nothing", "an image: FARGATE requires it")
	c.that(value(p.ExecutionRoleArn) != "", field+"executionRoleArn", "nothing", "a role: FARGATE requires it")
	c.absent(field+"privileged", value(p.Privileged), onFargate)
	c.absent(field+"ulimits", len(p.Ulimits) > 0, onFargate)
	c.absent(field+"vcpus", p.Vcpus != nil, onFargate+": use resourceRequirements")
	c.absent(field+"memory", p.Memory != nil, onFargate+": use resourceRequirements")
	if f := p.FargatePlatformConfiguration; f != nil {
		c.oneOfIf(field+"fargatePlatformConfiguration.platformVersion", f.PlatformVersion, platformVersions...)
	}
	c.volumesOnFargate(field+"volumes", p.Volumes, p.RuntimePlatform)
	if windows(p.RuntimePlatform) {
		c.containerOnWindows(field, p.LinuxParameters, p.User, p.ReadonlyRootFilesystem)
	}
	c.linuxOnFargate(field, p.LinuxParameters)
	c.fargateSize(field+"resourceRequirements", needs)
}

// checkFargate applies the rules of a job of several containers for Fargate. The names of its members begin with field.
func (t *EcsTaskProperties) checkFargate(c *check, field string) {
	c.that(value(t.ExecutionRoleArn) != "", field+"executionRoleArn", "nothing", "a role: FARGATE requires it")
	c.oneOfIf(field+"platformVersion", t.PlatformVersion, platformVersions...)
	c.volumesOnFargate(field+"volumes", t.Volumes, t.RuntimePlatform)
	for i, each := range t.Containers {
		if windows(t.RuntimePlatform) {
			c.containerOnWindows(at(field+"containers", i)+".", each.LinuxParameters, each.User, each.ReadonlyRootFilesystem)
		}
	}
}

func windows(p *RuntimePlatform) bool {
	return p != nil && strings.HasPrefix(value(p.OperatingSystemFamily), "WINDOWS")
}

// containerOnWindows refuses what a container for Windows cannot have, beside what Fargate refuses anyway.
func (c *check) containerOnWindows(field string, linux *LinuxParameters, user *string, readOnly *bool) {
	c.absentAll(field, map[string]bool{
		"linuxParameters": said(linux), "user": value(user) != "", "readonlyRootFilesystem": value(readOnly),
	}, onWindows)
}

func (c *check) volumesOnFargate(prefix string, volumes []Volume, platform *RuntimePlatform) {
	for i, v := range volumes {
		c.absent(at(prefix, i)+".host", v.Host != nil && value(v.Host.SourcePath) != "", onFargate)
		c.absent(at(prefix, i)+".efsVolumeConfiguration", v.EfsVolumeConfiguration != nil && windows(platform), onWindows)
	}
}

func (c *check) linuxOnFargate(field string, l *LinuxParameters) {
	if l == nil {
		return
	}
	c.absentAll(field+"linuxParameters.", map[string]bool{
		"devices": len(l.Devices) > 0, "sharedMemorySize": l.SharedMemorySize != nil, "maxSwap": l.MaxSwap != nil,
		"swappiness": l.Swappiness != nil, "tmpfs": len(l.Tmpfs) > 0,
	}, onFargate)
}

// fargateSize checks that vCPUs and memory go together.
func (c *check) fargateSize(field string, needs Amounts) {
	c.absent(field, needs.GPUs != nil, "of type GPU "+onFargate)
	c.that(needs.MilliCPU != nil && needs.MemoryMiB != nil, field, "no VCPU or no MEMORY", "both: FARGATE requires them")
	if c.first != nil {
		return
	}
	var vcpus []string
	for _, s := range fargateSizes {
		vcpus = append(vcpus, fmt.Sprint(float64(s.milliCPU)/1000))
		if s.milliCPU != *needs.MilliCPU {
			continue
		}
		memory := *needs.MemoryMiB
		ok := memory >= s.least && memory <= s.most && s.step > 0 && (memory-s.least)%s.step == 0
		words := fmt.Sprintf("%d to %d MiB in steps of %d with %s vCPUs", s.least, s.most, s.step, vcpus[len(vcpus)-1])
		if s.step == 0 {
			ok = slices.Contains([]int64{s.least, 2 * s.least, s.most}, memory)
			words = fmt.Sprintf("%d, %d or %d MiB with 0.25 vCPUs", s.least, 2*s.least, s.most)
		}
		c.that(ok, field, fmt.Sprintf("MEMORY %d", memory), words)
		return
	}
	c.fail(field, fmt.Sprintf("VCPU %g", float64(*needs.MilliCPU)/1000), "on FARGATE one of "+strings.Join(vcpus, ", "))
}

// platform checks what only Fargate looks at.
func (c *check) platform(field string, disk *EphemeralStorage, network *NetworkConfiguration, platform *RuntimePlatform) {
	if disk != nil {
		needed(c, field+"ephemeralStorage.sizeInGiB", disk.SizeInGiB, minDisk, maxDisk)
	}
	if network != nil {
		c.oneOfIf(field+"networkConfiguration.assignPublicIp", network.AssignPublicIP, Enabled, Disabled)
	}
	if platform != nil {
		c.oneOfIf(field+"runtimePlatform.operatingSystemFamily", platform.OperatingSystemFamily, "LINUX",
			"WINDOWS_SERVER_2019_CORE", "WINDOWS_SERVER_2019_FULL", "WINDOWS_SERVER_2022_CORE", "WINDOWS_SERVER_2022_FULL")
		c.oneOfIf(field+"runtimePlatform.cpuArchitecture", platform.CPUArchitecture, "X86_64", "ARM64")
	}
}
