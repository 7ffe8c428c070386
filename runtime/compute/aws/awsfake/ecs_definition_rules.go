package awsfake

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

var familyName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)

// checkDefinition refuses what ECS refuses when a task definition is registered.
func checkDefinition(in *ecs.RegisterTaskDefinitionInput) error {
	switch size, err := json.Marshal(in); {
	case err != nil:
		return err
	case len(size) > maxDefinition:
		return refuse(clientException, "Task definition exceeds the maximum size of %d bytes.", maxDefinition)
	case !familyName.MatchString(aws.ToString(in.Family)):
		return refuse(clientException, "Family contains invalid characters.")
	case len(in.ContainerDefinitions) == 0:
		return refuse(clientException, "Container list cannot be empty.")
	case len(in.ContainerDefinitions) > maxContainers:
		return refuse(clientException, "Too many containers. The maximum number of containers is %d.", maxContainers)
	}
	essential := false
	for i := range in.ContainerDefinitions {
		c := &in.ContainerDefinitions[i]
		if err := checkContainer(in, c); err != nil {
			return err
		}
		essential = essential || c.Essential == nil || *c.Essential
	}
	if !essential {
		return refuse(clientException, "A task definition must have at least one essential container.")
	}
	if err := checkDependencies(in.ContainerDefinitions); err != nil {
		return err
	}
	if wantsFargate(in) {
		return checkFargate(in)
	}
	return nil
}

func checkContainer(in *ecs.RegisterTaskDefinitionInput, c *types.ContainerDefinition) error {
	name := aws.ToString(c.Name)
	switch {
	case !familyName.MatchString(name):
		return refuse(clientException, "Container.name contains invalid characters.")
	case aws.ToString(c.Image) == "":
		return refuse(clientException, "Container.image should not be null or empty.")
	case c.Memory == nil && c.MemoryReservation == nil && in.Memory == nil:
		return refuse(clientException, "Invalid setting for container '%s'. At least one of 'memory' or 'memoryReservation' must be specified.", name)
	case c.Memory != nil && *c.Memory < minContainerMemory:
		return refuse(clientException, "Invalid setting for container '%s'. Container memory must be at least %d MB.", name, minContainerMemory)
	case c.Memory != nil && c.MemoryReservation != nil && *c.MemoryReservation > *c.Memory:
		return refuse(clientException, "Invalid setting for container '%s'. 'memoryReservation' must be less than or equal to 'memory'.", name)
	case wantsFargate(in) && aws.ToBool(c.Privileged):
		return refuse(clientException, "Privileged setting is not supported by Fargate.")
	case wantsFargate(in) && gpus(c.ResourceRequirements) > 0:
		return refuse(clientException, "GPU resource is not supported by Fargate.")
	}
	return nil
}

// checkDependencies refuses conditions on containers that are not there, on health checks that are not there, and circles.
func checkDependencies(containers []types.ContainerDefinition) error {
	byName := map[string]*types.ContainerDefinition{}
	for i := range containers {
		byName[*containers[i].Name] = &containers[i]
	}
	const unseen, open, clear = 0, 1, 2
	seen := map[string]int{}
	var visit func(c *types.ContainerDefinition) error
	visit = func(c *types.ContainerDefinition) error {
		switch seen[*c.Name] {
		case open:
			return refuse(clientException, "Container dependencies should not have a circular dependency.")
		case clear:
			return nil
		}
		seen[*c.Name] = open
		for _, d := range c.DependsOn {
			on := byName[aws.ToString(d.ContainerName)]
			switch {
			case on == nil:
				return refuse(clientException, "Container dependency '%s' is not defined.", aws.ToString(d.ContainerName))
			case d.Condition == types.ContainerConditionHealthy && on.HealthCheck == nil:
				return refuse(clientException, "Container '%s' has no health check.", *on.Name)
			}
			if err := visit(on); err != nil {
				return err
			}
		}
		seen[*c.Name] = clear
		return nil
	}
	for i := range containers {
		if err := visit(&containers[i]); err != nil {
			return err
		}
	}
	return nil
}

func wantsFargate(in *ecs.RegisterTaskDefinitionInput) bool {
	return slices.Contains(in.RequiresCompatibilities, types.CompatibilityFargate)
}

func checkFargate(in *ecs.RegisterTaskDefinitionInput) error {
	switch {
	case in.NetworkMode != types.NetworkModeAwsvpc:
		return refuse(clientException, "Fargate only supports network mode 'awsvpc'.")
	case in.Cpu == nil:
		return refuse(clientException, "Fargate requires that 'cpu' be defined at the task level.")
	case in.Memory == nil:
		return refuse(clientException, "Fargate requires that 'memory' be defined at the task level.")
	case !fargateSize(*in.Cpu, *in.Memory):
		return refuse(clientException, "No Fargate configuration exists for given values: %s CPU, %s memory.", *in.Cpu, *in.Memory)
	case in.EphemeralStorage != nil && (in.EphemeralStorage.SizeInGiB < minFargateDisk || in.EphemeralStorage.SizeInGiB > maxFargateDisk):
		return refuse(clientException, "The ephemeral storage size must be between %d and %d GiB.", minFargateDisk, maxFargateDisk)
	}
	for _, c := range in.ContainerDefinitions {
		if c.LogConfiguration != nil && c.LogConfiguration.LogDriver == types.LogDriverAwslogs && in.ExecutionRoleArn == nil {
			return refuse(clientException, "Fargate requires task definition to have execution role ARN to support log driver awslogs.")
		}
	}
	return nil
}

// fargateSizes are, for CPU units, the least and the most memory in MiB and the step between the sizes.
// Source: "Task CPU and memory", Amazon ECS Developer Guide. 256 has 512, 1,024 and 2,048 MiB alone.
var fargateSizes = map[int][3]int{
	512: {1024, 4096, 1024}, 1024: {2048, 8192, 1024}, 2048: {4096, 16384, 1024}, 4096: {8192, 30720, 1024},
	8192: {16384, 61440, 4096}, 16384: {32768, 122880, 8192},
}

func fargateSize(cpu, memory string) bool {
	units, err := strconv.Atoi(cpu)
	mib, err2 := strconv.Atoi(memory)
	if err != nil || err2 != nil {
		return false
	}
	if units == 256 {
		return mib == 512 || mib == 1024 || mib == 2048
	}
	size, known := fargateSizes[units]
	return known && mib >= size[0] && mib <= size[1] && (mib-size[0])%size[2] == 0
}

func gpus(requirements []types.ResourceRequirement) int {
	for _, r := range requirements {
		if r.Type == types.ResourceTypeGpu {
			count, _ := strconv.Atoi(aws.ToString(r.Value)) // what is not a number asks for none
			return count
		}
	}
	return 0
}
