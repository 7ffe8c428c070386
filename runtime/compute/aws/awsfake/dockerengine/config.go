package dockerengine

import (
	"github.com/docker/docker/api/types/container"

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
	if c.MilliCPU > 0 {
		config.CPUShares = max(c.MilliCPU*sharesPerCPU/1000, minShares)
	}
	if c.MemoryMiB > 0 {
		config.Memory = c.MemoryMiB << 20
		config.MemorySwap = config.Memory // no swap
	}
	return config
}
