package awsfake

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// limits are what a container may use, after the overrides.
type limits struct {
	cpu      int64 // in units; 0: a share of the task's
	memory   int64 // the hard limit in MiB; 0: none
	reserved int64 // in MiB; 0: as the limit
	gpus     int
}

func limitsOf(d *types.ContainerDefinition, o *types.ContainerOverride) limits {
	l := limits{cpu: int64(d.Cpu), memory: int64(aws.ToInt32(d.Memory)), reserved: int64(aws.ToInt32(d.MemoryReservation)), gpus: gpus(d.ResourceRequirements)}
	if o == nil {
		return l
	}
	if o.Cpu != nil {
		l.cpu = int64(*o.Cpu)
	}
	if o.Memory != nil {
		l.memory = int64(*o.Memory)
	}
	if o.MemoryReservation != nil {
		l.reserved = int64(*o.MemoryReservation)
	}
	if o.ResourceRequirements != nil {
		l.gpus = gpus(o.ResourceRequirements)
	}
	return l
}

// commandOf is the command of a container, nil if the image's counts.
func commandOf(d *types.ContainerDefinition, o *types.ContainerOverride) []string {
	if o != nil && o.Command != nil {
		return o.Command
	}
	return d.Command
}

// environmentOf is the environment of a container, "NAME=value", sorted.
func environmentOf(d *types.ContainerDefinition, o *types.ContainerOverride) (environment []string) {
	values := map[string]string{}
	add := func(pairs []types.KeyValuePair) {
		for _, pair := range pairs {
			values[aws.ToString(pair.Name)] = aws.ToString(pair.Value)
		}
	}
	add(d.Environment)
	if o != nil {
		add(o.Environment)
	}
	for name, value := range values {
		environment = append(environment, name+"="+value)
	}
	slices.Sort(environment)
	return environment
}

// overridesSize is how long the overrides are as JSON. The documented limit counts the members that are written, with their braces and quotes.
func overridesSize(o *types.TaskOverride) int {
	var members map[string]any
	text, err := json.Marshal(o)
	if err == nil {
		err = json.Unmarshal(text, &members)
	}
	if err != nil {
		panic(fmt.Sprintf("the overrides of a request that was JSON are not: %v", err)) // they were just decoded from it
	}
	var measured bytes.Buffer
	encoder := json.NewEncoder(&measured)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(written(members)) // it was decoded from JSON
	return measured.Len() - len("\n")
}

// written leaves out what was not given.
func written(value any) any {
	switch value := value.(type) {
	case map[string]any:
		kept := map[string]any{}
		for name, member := range value {
			if member != nil {
				kept[name] = written(member)
			}
		}
		return kept
	case []any:
		for i := range value {
			value[i] = written(value[i])
		}
	}
	return value
}
