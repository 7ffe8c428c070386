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

// checkFargate applies the rules of a container for Fargate. The names of its members begin with field.
func (p *ContainerProperties) checkFargate(c *check, field string, needs Amounts) {
	const where = "for platformCapabilities FARGATE"
	c.that(value(p.Image) != "", field+"image", "nothing", "an image: FARGATE requires it")
	c.that(value(p.ExecutionRoleArn) != "", field+"executionRoleArn", "nothing", "a role: FARGATE requires it")
	c.absent(field+"privileged", value(p.Privileged), where)
	c.absent(field+"ulimits", len(p.Ulimits) > 0, where)
	c.absent(field+"vcpus", p.Vcpus != nil, where+": use resourceRequirements")
	c.absent(field+"memory", p.Memory != nil, where+": use resourceRequirements")
	c.absent(field+"instanceType", p.InstanceType != nil, where)
	for i, v := range p.Volumes {
		c.absent(at(field+"volumes", i)+".host", v.Host != nil && value(v.Host.SourcePath) != "", where)
	}
	c.linuxOnFargate(field, p.LinuxParameters)
	c.fargateSize(field+"resourceRequirements", needs)
}

func (c *check) linuxOnFargate(field string, l *LinuxParameters) {
	if l == nil {
		return
	}
	given := map[string]bool{
		"devices": len(l.Devices) > 0, "sharedMemorySize": l.SharedMemorySize != nil, "maxSwap": l.MaxSwap != nil,
		"swappiness": l.Swappiness != nil, "tmpfs": len(l.Tmpfs) > 0,
	}
	for _, member := range sorted(given) {
		c.absent(field+"linuxParameters."+member, given[member], "for platformCapabilities FARGATE")
	}
}

// fargateSize checks that vCPUs and memory go together.
func (c *check) fargateSize(field string, needs Amounts) {
	c.absent(field, needs.GPUs != nil, "of type GPU for platformCapabilities FARGATE")
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
