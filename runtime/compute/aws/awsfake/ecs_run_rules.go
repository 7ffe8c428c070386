package awsfake

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/awsfake/clusterquery"
)

func (e *ecsState) checkOverrides(_ *cluster, r *run) error {
	r.cpu, r.memory = r.definition.Cpu, r.definition.Memory
	if r.overrides == nil {
		r.overrides = &types.TaskOverride{}
		return nil
	}
	if size := overridesSize(r.overrides); size > maxOverrides {
		return refuse(invalidParameter, "Container Overrides length must be at most %d", maxOverrides)
	}
	for _, o := range r.overrides.ContainerOverrides {
		if !slices.ContainsFunc(r.definition.ContainerDefinitions, func(d types.ContainerDefinition) bool { return *d.Name == aws.ToString(o.Name) }) {
			return refuse(invalidParameter, "Override for container named %s is not a container in the TaskDefinition.", aws.ToString(o.Name))
		}
	}
	if r.overrides.Cpu != nil {
		r.cpu = r.overrides.Cpu
	}
	if r.overrides.Memory != nil {
		r.memory = r.overrides.Memory
	}
	return nil
}

// override is what the request changes of a container; nil if nothing.
func (r *run) override(container string) *types.ContainerOverride {
	for i := range r.overrides.ContainerOverrides {
		if aws.ToString(r.overrides.ContainerOverrides[i].Name) == container {
			return &r.overrides.ContainerOverrides[i]
		}
	}
	return nil
}

// checkLaunchType settles where the tasks run: by the launch type, else by the strategy, else by that of the cluster, else on EC2.
func (e *ecsState) checkLaunchType(c *cluster, r *run) error {
	strategy := r.in.CapacityProviderStrategy
	if r.in.LaunchType != "" && len(strategy) > 0 {
		return refuse(invalidParameter, "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.")
	}
	if r.launchType = r.in.LaunchType; r.launchType == "" {
		r.launchType = types.LaunchTypeEc2
		if len(strategy) == 0 {
			strategy = c.strategy
		}
	}
	if err := e.checkProviders(c.providers, strategy); err != nil {
		return err
	}
	if len(strategy) > 0 { // one provider is all that batchd asks for, so weights are not modelled
		r.launchType, r.provider = types.LaunchTypeFargate, *strategy[0].CapacityProvider
	}
	if r.launchType != types.LaunchTypeFargate {
		return nil
	}
	if !slices.Contains(r.definition.Compatibilities, types.CompatibilityFargate) {
		return refuse(invalidParameter, "Task definition does not support launch_type FARGATE.")
	}
	if !fargateSize(aws.ToString(r.cpu), aws.ToString(r.memory)) {
		return refuse(clientException, "No Fargate configuration exists for given values: %s CPU, %s memory.", aws.ToString(r.cpu), aws.ToString(r.memory))
	}
	return nil
}

func (e *ecsState) checkNetwork(_ *cluster, r *run) error {
	awsvpc := r.definition.NetworkMode == types.NetworkModeAwsvpc
	configured := r.in.NetworkConfiguration != nil && r.in.NetworkConfiguration.AwsvpcConfiguration != nil
	switch {
	case awsvpc && !configured:
		return refuse(invalidParameter, "Network Configuration must be provided when networkMode 'awsvpc' is specified.")
	case !awsvpc && configured:
		return refuse(invalidParameter, "Network Configuration is not valid for the given networkMode of this task definition.")
	case awsvpc && len(r.in.NetworkConfiguration.AwsvpcConfiguration.Subnets) == 0:
		return refuse(invalidParameter, "subnets can not be empty.")
	}
	return nil
}

func (e *ecsState) checkConstraints(_ *cluster, r *run) error {
	constraints := slices.Clone(r.in.PlacementConstraints)
	for _, c := range r.definition.PlacementConstraints {
		constraints = append(constraints, types.PlacementConstraint{Type: types.PlacementConstraintType(c.Type), Expression: c.Expression})
	}
	if len(constraints) > maxConstraints {
		return refuse(invalidParameter, "Placement constraints can have at most %d entries.", maxConstraints)
	}
	if r.launchType == types.LaunchTypeFargate && len(constraints) > 0 {
		return refuse(clientException, "Placement constraints are not supported with FARGATE launch type.")
	}
	for _, c := range constraints {
		if c.Type == types.PlacementConstraintTypeDistinctInstance {
			r.distinct = true
			continue
		}
		query, err := clusterquery.Parse(aws.ToString(c.Expression))
		if err != nil {
			return refuse(invalidParameter, "Invalid expression of a placement constraint: %v.", err)
		}
		r.queries = append(r.queries, query)
	}
	return nil
}
