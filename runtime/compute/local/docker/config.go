package docker

import (
	"slices"
	"strconv"
	"strings"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/mount"
	"github.com/docker/docker/api/types/strslice"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

const mebibyte = 1 << 20

// containerConfig is the part of a container's configuration that could be run on any host. result is
// the path of $BATCH_RESULT_FILE.
func containerConfig(s compute.Start, result string, labels map[string]string) *container.Config {
	c := s.Container
	config := &container.Config{
		Image:       c.Image,
		User:        c.User,
		Env:         append(slices.Clone(s.Environment), "BATCH_RESULT_FILE="+result),
		Labels:      labels,
		Volumes:     map[string]struct{}{volumePath: {}},
		Healthcheck: &container.HealthConfig{Test: []string{"NONE"}}, // a job has no use for it, and it costs a process each time
	}
	if len(c.Command) > 0 {
		config.Cmd = strslice.StrSlice(c.Command)
	}
	if c.Script != "" {
		config.Entrypoint = scriptEntrypoint(c.Script)
		config.Cmd = strslice.StrSlice(c.Command) // its arguments; the image's own command is not meant
	}
	return config
}

// scriptEntrypoint runs a script: by the interpreter its first line names, else by the shell.
func scriptEntrypoint(script string) strslice.StrSlice {
	if strings.HasPrefix(script, "#!") {
		return strslice.StrSlice{scriptPath}
	}
	return strslice.StrSlice{"/bin/sh", scriptPath}
}

// hostConfig is the part that says what the container gets of this machine.
func hostConfig(s compute.Start) *container.HostConfig {
	c := s.Container
	config := &container.HostConfig{
		// Making a network namespace is half of a container's start, and jobs of one machine trust it. It is also how the
		// nodes of a multi-node job, containers and processes alike, reach each other: by loopback.
		NetworkMode: network,
		LogConfig: container.LogConfig{Type: "local", Config: map[string]string{
			"max-size": logFileSize, "max-file": logFiles, "compress": "false",
		}},
		Privileged:     c.Privileged,
		ReadonlyRootfs: c.ReadOnlyRoot,
		ShmSize:        c.SharedMemoryMiB * mebibyte,
		Resources:      resources(s),
		Tmpfs:          tmpfs(c.Tmpfs),
	}
	if c.Init {
		config.Init = &c.Init
	}
	for _, m := range c.Mounts {
		if m.Source == "" {
			config.Mounts = append(config.Mounts, mount.Mount{Type: mount.TypeVolume, Target: m.Target, ReadOnly: m.ReadOnly})
			continue
		}
		config.Binds = append(config.Binds, bind(m)) // as AWS does, makes a source that is missing
	}
	return config
}

const network = container.NetworkMode("host")

func bind(m batch.Mount) string {
	if m.ReadOnly {
		return m.Source + ":" + m.Target + ":ro"
	}
	return m.Source + ":" + m.Target
}

func resources(s compute.Start) container.Resources {
	c := s.Container
	r := container.Resources{
		CPUShares: cpuShares(c.Shape.MilliCPU),
		Memory:    c.Shape.MemoryMiB * mebibyte,
	}
	if c.MaxSwapMiB != nil && r.Memory > 0 {
		r.MemorySwap = r.Memory + *c.MaxSwapMiB*mebibyte
	}
	for _, u := range c.Ulimits {
		r.Ulimits = append(r.Ulimits, &container.Ulimit{Name: u.Name, Soft: u.Soft, Hard: u.Hard})
	}
	if c.Shape.GPUs > 0 {
		r.DeviceRequests = []container.DeviceRequest{gpus(c.Shape.GPUs, s.Environment)}
	}
	return r
}

// cpuShares is 1024 for each vCPU, within the kernel's bounds; no request gets the daemon's default.
func cpuShares(milli int64) int64 {
	if milli <= 0 {
		return 0
	}
	return min(max(milli*1024/1000, minCPUShares), maxCPUShares)
}

// gpus asks for the devices that the order's environment names, else for any n.
func gpus(n int64, environment []string) container.DeviceRequest {
	request := container.DeviceRequest{Capabilities: [][]string{{"gpu"}}}
	for _, variable := range environment {
		if devices, ok := strings.CutPrefix(variable, "NVIDIA_VISIBLE_DEVICES="); ok && devices != "" && devices != "all" {
			request.DeviceIDs = strings.Split(devices, ",")
			return request
		}
	}
	request.Count = int(n)
	return request
}

func tmpfs(mounts []batch.Tmpfs) map[string]string {
	if len(mounts) == 0 {
		return nil
	}
	options := make(map[string]string, len(mounts))
	for _, t := range mounts {
		options[t.Path] = strings.Join(append([]string{"size=" + strconv.FormatInt(t.SizeMiB, 10) + "m"}, t.Options...), ",")
	}
	return options
}
