package awsfake

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// capacity is what an instance has or a task needs.
type capacity struct {
	cpu    int64 // in units, 1,024 per vCPU
	memory int64 // in MiB
	gpus   []string
}

func (c capacity) copy() capacity {
	c.gpus = slices.Clone(c.gpus)
	return c
}

// lacks is the reason of ECS for which an instance with that free has no room for something that needs cpu, memory and gpus; empty if
// it has.
func (c capacity) lacks(cpu, memory int64, gpus int) string {
	switch {
	case c.cpu < cpu:
		return "RESOURCE:CPU"
	case c.memory < memory:
		return "RESOURCE:MEMORY"
	case len(c.gpus) < gpus:
		return "RESOURCE:GPU"
	}
	return ""
}

// take takes what is needed and returns it.
func (c *capacity) take(cpu, memory int64, gpus int) capacity {
	taken := capacity{cpu, memory, slices.Clone(c.gpus[:gpus])}
	c.cpu, c.memory, c.gpus = c.cpu-cpu, c.memory-memory, slices.Clone(c.gpus[gpus:])
	return taken
}

// give gives back what was taken.
func (c *capacity) give(taken capacity) {
	c.cpu, c.memory, c.gpus = c.cpu+taken.cpu, c.memory+taken.memory, append(c.gpus, taken.gpus...)
	slices.Sort(c.gpus)
}

// resources is the capacity as ECS lists it.
func (c capacity) resources() []types.Resource {
	integer := func(name string, value int64) types.Resource {
		return types.Resource{Name: aws.String(name), Type: aws.String("INTEGER"), IntegerValue: int32(value)}
	}
	set := func(name string, values ...string) types.Resource {
		return types.Resource{Name: aws.String(name), Type: aws.String("STRINGSET"), StringSetValue: values}
	}
	list := []types.Resource{
		integer("CPU", c.cpu), integer("MEMORY", c.memory),
		set("PORTS", "22", "2376", "2375", "51678", "51679"), set("PORTS_UDP"),
	}
	if len(c.gpus) > 0 {
		list = append(list, set("GPU", slices.Clone(c.gpus)...))
	}
	return list
}

// capacityOf reads a list of resources.
func capacityOf(list []types.Resource) (c capacity) {
	for _, r := range list {
		switch aws.ToString(r.Name) {
		case "CPU":
			c.cpu = int64(r.IntegerValue)
		case "MEMORY":
			c.memory = int64(r.IntegerValue)
		case "GPU":
			c.gpus = slices.Clone(r.StringSetValue)
		}
	}
	return c
}
