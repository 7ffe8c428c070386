package awsfake

import (
	"regexp"
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
