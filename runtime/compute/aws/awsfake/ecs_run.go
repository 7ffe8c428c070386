package awsfake

import (
	"regexp"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/awsfake/clusterquery"
)

// run is a RunTask request that was checked.
type run struct {
	in          *ecs.RunTaskInput
	definition  *definition
	overrides   *types.TaskOverride
	cpu, memory *string // of the task; nil if only its containers have them
	launchType  types.LaunchType
	provider    string // the capacity provider on Fargate; empty if a launch type was named
	queries     []clusterquery.Query
	distinct    bool
	tags        tags
	count       int
}

var startedByText = regexp.MustCompile(`^[A-Za-z0-9_/-]{0,128}$`)

// runTask starts tasks. With a client token it does so once in 24 hours.
func (e *ecsState) runTask(call *call, in *ecs.RunTaskInput) (*ecs.RunTaskOutput, error) {
	c, err := e.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	if len(aws.ToString(in.ClientToken)) > maxToken {
		return nil, refuse(invalidParameter, "clientToken can have at most %d characters.", maxToken)
	}
	start := func() (*ecs.RunTaskOutput, error) {
		r, err := e.check(c, in)
		if err != nil {
			return nil, err
		}
		return e.start(c, r)
	}
	conflict := func(first *ecs.RunTaskOutput) error {
		failure := refuse("ConflictException", "The request conflicts with an earlier one that had the same client token.")
		failure.Members = map[string]any{"resourceIds": arns(first)}
		return failure
	}
	out, repeated, err := once(call, "ecs:RunTask "+c.name, in.ClientToken, in, start, conflict)
	if err != nil || !repeated {
		return out, err
	}
	return &ecs.RunTaskOutput{Tasks: e.current(c, out), Failures: out.Failures}, nil
}

func arns(out *ecs.RunTaskOutput) (list []string) {
	for _, t := range out.Tasks {
		list = append(list, *t.TaskArn)
	}
	return list
}

// current is what the tasks of an earlier answer are like by now; those that are no longer visible are left out.
func (e *ecsState) current(c *cluster, out *ecs.RunTaskOutput) (tasks []types.Task) {
	for _, arn := range arns(out) {
		if t := c.tasks[lastPart(arn)]; t != nil {
			tasks = append(tasks, t.Task)
		}
	}
	return tasks
}

// check refuses what RunTask refuses as a whole.
func (e *ecsState) check(c *cluster, in *ecs.RunTaskInput) (*run, error) {
	r := &run{in: in, overrides: in.Overrides, tags: tags{}, count: 1}
	if in.Count != nil {
		r.count = int(*in.Count)
	}
	if r.count < 1 || r.count > maxRunCount {
		return nil, refuse(invalidParameter, "Count must be between 1 and %d.", maxRunCount)
	}
	if !startedByText.MatchString(aws.ToString(in.StartedBy)) {
		return nil, refuse(invalidParameter, "startedBy can have up to 128 letters, numbers, hyphens, slashes and underscores.")
	}
	var err error
	if r.definition, err = e.definition(in.TaskDefinition); err != nil {
		return nil, refuse(clientException, "TaskDefinition not found.")
	}
	if r.definition.Status != types.TaskDefinitionStatusActive {
		return nil, refuse(clientException, "TaskDefinition is inactive.")
	}
	if in.PropagateTags == types.PropagateTagsTaskDefinition {
		for key, value := range r.definition.tags {
			r.tags[key] = value
		}
	}
	if err := setTags(r.tags, in.Tags); err != nil {
		return nil, err
	}
	for _, step := range []func(*cluster, *run) error{e.checkOverrides, e.checkLaunchType, e.checkNetwork, e.checkConstraints} {
		if err := step(c, r); err != nil {
			return nil, err
		}
	}
	return r, nil
}

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

// needs is what a task of the request holds of an instance: what the task says, else the sum of its containers. Of a container's memory the
// reservation counts, if there is one.
func (r *run) needs() (cpu, memory int64, devices int) {
	for i := range r.definition.ContainerDefinitions {
		limits := limitsOf(&r.definition.ContainerDefinitions[i], r.override(*r.definition.ContainerDefinitions[i].Name))
		cpu, devices = cpu+limits.cpu, devices+limits.gpus
		if limits.reserved > 0 {
			memory += limits.reserved
		} else {
			memory += limits.memory
		}
	}
	if units, err := strconv.ParseInt(aws.ToString(r.cpu), 10, 64); err == nil {
		cpu = units
	}
	if mib, err := strconv.ParseInt(aws.ToString(r.memory), 10, 64); err == nil {
		memory = mib
	}
	return cpu, memory, devices
}
