package api

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// defaultMilliCPU is what a process gets that asks for no vCPU.
const defaultMilliCPU = 1000

// definitionOf turns a registration into the domain's definition. The document itself is kept and
// answered as it came.
func (s *server) definitionOf(q *wire.RegisterJobDefinitionRequest) (batch.Definition, error) {
	stored := *q
	stored.Tags = nil
	body, err := json.Marshal(stored)
	if err != nil {
		return batch.Definition{}, fmt.Errorf("storing the job definition: %w", err)
	}
	d := batch.Definition{
		Name: q.JobDefinitionName, Parameters: q.Parameters, Timeout: timeoutOf(q.Timeout), Priority: wire.Or(q.SchedulingPriority, 0),
		PropagateTags: wire.Or(q.PropagateTags, false), Needs: s.needsOf(q.ConsumableResourceProperties), Body: body,
	}
	if q.RetryStrategy != nil {
		d.Retry = retryOf(q.RetryStrategy)
	}
	switch {
	case q.ContainerProperties != nil:
		d.Runs = true
		d.Container, err = containerOf(q.ContainerProperties)
		if x := q.Batchd; x != nil {
			d.Container.Script, d.Container.WorkingDirectory, d.Container.Results = x.Script, x.WorkingDirectory, x.Results
		}
	case q.NodeProperties != nil:
		d.Nodes, d.Runs, err = s.nodesOf(q.NodeProperties)
	}
	return d, err
}

func timeoutOf(t *wire.JobTimeout) time.Duration {
	if t == nil {
		return 0
	}
	return time.Duration(wire.Or(t.AttemptDurationSeconds, 0)) * time.Second
}

func retryOf(r *wire.RetryStrategy) batch.Retry {
	retry := batch.Retry{Attempts: wire.Or(r.Attempts, 1)}
	for _, rule := range r.EvaluateOnExit {
		retry.Rules = append(retry.Rules, batch.RetryRule{
			Retry: strings.EqualFold(rule.Action, wire.ActionRetry), OnExitCode: wire.Or(rule.OnExitCode, ""),
			OnReason: wire.Or(rule.OnReason, ""), OnStatusReason: wire.Or(rule.OnStatusReason, ""),
		})
	}
	return retry
}

func containerOf(p *wire.ContainerProperties) (batch.Container, error) {
	amounts, err := p.Amounts()
	if err != nil {
		return batch.Container{}, err
	}
	c := batch.Container{
		Image: wire.Or(p.Image, ""), Command: p.Command, Environment: variables(p.Environment), User: wire.Or(p.User, ""),
		Privileged: wire.Or(p.Privileged, false), ReadOnlyRoot: wire.Or(p.ReadonlyRootFilesystem, false), Mounts: mounts(p), ECS: ecsOf(p),
		Shape: batch.Shape{MilliCPU: wire.Or(amounts.MilliCPU, defaultMilliCPU), MemoryMiB: wire.Or(amounts.MemoryMiB, 0), GPUs: wire.Or(amounts.GPUs, 0)},
	}
	for _, r := range p.ResourceRequirements {
		c.CPURequired = c.CPURequired || r.Type == wire.ResourceVCPU
		c.MemoryRequired = c.MemoryRequired || r.Type == wire.ResourceMemory
	}
	for _, u := range p.Ulimits {
		c.Ulimits = append(c.Ulimits, batch.Ulimit{Name: u.Name, Soft: int64(wire.Or(u.SoftLimit, 0)), Hard: int64(wire.Or(u.HardLimit, 0))})
	}
	if l := p.LinuxParameters; l != nil {
		c.Init, c.SharedMemoryMiB = wire.Or(l.InitProcessEnabled, false), int64(wire.Or(l.SharedMemorySize, 0))
		if l.MaxSwap != nil {
			swap := int64(*l.MaxSwap)
			c.MaxSwapMiB = &swap
		}
		for _, t := range l.Tmpfs {
			c.Tmpfs = append(c.Tmpfs, batch.Tmpfs{Path: t.ContainerPath, SizeMiB: int64(wire.Or(t.Size, 0)), Options: t.MountOptions})
		}
	}
	return c, nil
}

// variables are those of a list. Of one that is given twice the last value holds.
func variables(list []wire.KeyValuePair) []batch.EnvVar {
	var all []batch.EnvVar
	place := make(map[string]int, len(list))
	for _, v := range list {
		variable := batch.EnvVar{Name: v.Name, Value: wire.Or(v.Value, "")}
		if at, again := place[v.Name]; again {
			all[at] = variable
			continue
		}
		place[v.Name] = len(all)
		all = append(all, variable)
	}
	return all
}

func mounts(p *wire.ContainerProperties) []batch.Mount {
	sources, elsewhere := map[string]string{}, map[string]bool{}
	for _, v := range p.Volumes {
		if v.Host != nil {
			sources[wire.Or(v.Name, "")] = wire.Or(v.Host.SourcePath, "")
		}
		_, elsewhere[wire.Or(v.Name, "")] = fileSystemOf(v)
	}
	var all []batch.Mount
	for _, m := range p.MountPoints {
		if elsewhere[wire.Or(m.SourceVolume, "")] {
			continue
		}
		all = append(all, batch.Mount{Source: sources[wire.Or(m.SourceVolume, "")], Target: wire.Or(m.ContainerPath, ""), ReadOnly: wire.Or(m.ReadOnly, false)})
	}
	return all
}
