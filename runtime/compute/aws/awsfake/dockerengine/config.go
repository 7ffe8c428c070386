package dockerengine

import (
	"fmt"
	"strings"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/mount"

	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/awsfake"
)

func config(engine string, c awsfake.Container) *container.Config {
	return &container.Config{
		Image: c.Image, Entrypoint: c.EntryPoint, Cmd: c.Command, Env: c.Environment, User: c.User, WorkingDir: c.WorkingDirectory,
		Labels: map[string]string{label: engine, labelTask: c.Task},
	}
}

// hostConfig has the limits of the container. It has the network of the machine, so that it can reach what a test serves on it.
func hostConfig(c awsfake.Container) *container.HostConfig {
	config := &container.HostConfig{NetworkMode: "host", Privileged: c.Privileged, ReadonlyRootfs: c.ReadonlyRoot, Init: &c.Init}
	for _, m := range c.Mounts {
		kind := mount.TypeBind
		if m.Source == "" {
			kind = mount.TypeVolume
		}
		config.Mounts = append(config.Mounts, mount.Mount{Type: kind, Source: m.Source, Target: m.Target, ReadOnly: m.ReadOnly})
	}
	for _, f := range c.Tmpfs {
		if config.Tmpfs == nil {
			config.Tmpfs = map[string]string{}
		}
		config.Tmpfs[f.Path] = strings.Join(append([]string{fmt.Sprintf("size=%dm", f.SizeMiB)}, f.Options...), ",")
	}
	for _, u := range c.Ulimits {
		config.Ulimits = append(config.Ulimits, &container.Ulimit{Name: u.Name, Soft: u.Soft, Hard: u.Hard})
	}
	config.ShmSize = c.SharedMemoryMiB << 20 // 0 is the default
	if c.MilliCPU > 0 {
		config.CPUShares = max(c.MilliCPU*sharesPerCPU/1000, minShares)
	}
	if c.MemoryMiB > 0 {
		config.Memory = c.MemoryMiB << 20
		config.MemorySwap = config.Memory // no swap
	}
	return config
}
