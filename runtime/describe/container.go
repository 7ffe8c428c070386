package describe

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/parameter"
)

// containerDetail says how the current or last attempt of a job goes or went in its container.
func containerDetail(p batch.Place, j batch.Job, definition *Definition, container wire.ContainerProperties, attempts []batch.Attempt) *wire.ContainerDetail {
	d := &wire.ContainerDetail{ContainerProperties: container, ExitCode: j.ExitCode, Reason: j.Reason, NetworkInterfaces: []wire.NetworkInterface{}}
	switch {
	case j.Run != nil:
		d.TaskArn, d.ContainerInstanceArn = TaskARN(p, j.Run.Environment, j.AttemptID()), InstanceARN(p, j.Run.Environment, j.Run.Host)
		if !j.Run.Log.IsZero() {
			d.LogStreamName = definition.LogStream(j.AttemptID())
		}
	case len(attempts) > 0:
		last := attempts[len(attempts)-1]
		d.TaskArn, d.ContainerInstanceArn = TaskARN(p, last.Environment, last.ID), InstanceARN(p, last.Environment, last.Host)
		if !last.Log.IsZero() {
			d.LogStreamName = definition.LogStream(last.ID)
		}
	}
	return d
}

// resolved is a definition's container, nil if there is none, with what a submission resolved it to. What the definition
// says by vcpus and memory is there in that form, too.
func resolved(registered *wire.ContainerProperties, c batch.Container, parameters map[string]string) wire.ContainerProperties {
	var p wire.ContainerProperties
	if registered != nil {
		p = *registered
	}
	if p.Command = parameter.Resolve(c.Command, parameters); p.Command == nil {
		p.Command = []string{}
	}
	p.Environment = []wire.KeyValuePair{}
	for _, v := range c.Environment {
		p.Environment = append(p.Environment, wire.KeyValuePair{Name: v.Name, Value: &v.Value})
	}
	if p.Vcpus != nil {
		vcpus := int32(c.Shape.MilliCPU / 1000)
		p.Vcpus = &vcpus
	}
	if p.Memory != nil {
		memory := int32(c.Shape.MemoryMiB)
		p.Memory = &memory
	}
	p.ResourceRequirements = requirements(c.Shape)
	p.FillEmpty()
	return p
}

func requirements(s batch.Shape) []wire.ResourceRequirement {
	vcpus := strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%d.%03d", s.MilliCPU/1000, s.MilliCPU%1000), "0"), ".")
	list := []wire.ResourceRequirement{{Type: wire.ResourceVCPU, Value: vcpus}}
	if s.MemoryMiB > 0 {
		list = append(list, wire.ResourceRequirement{Type: wire.ResourceMemory, Value: strconv.FormatInt(s.MemoryMiB, 10)})
	}
	if s.GPUs > 0 {
		list = append(list, wire.ResourceRequirement{Type: wire.ResourceGPU, Value: strconv.FormatInt(s.GPUs, 10)})
	}
	return list
}
