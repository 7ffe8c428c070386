package taskdef

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/ending"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/wrapper"
)

// Job is what an attempt runs.
type Job struct {
	Definition  string // the name of the job definition
	Container   batch.Container
	Environment []string // "NAME=value"
}

// Place is where it runs.
type Place struct {
	Kind   batch.Kind // EC2, SPOT, UNMANAGED, FARGATE or FARGATE_SPOT
	Region string
}

func (p Place) fargate() bool { return p.Kind == batch.Fargate || p.Kind == batch.FargateSpot }

// Plan is what Amazon ECS is told. Its values may be shared with other plans and must not be changed.
type Plan struct {
	// Definition is without tags. Hash identifies its content.
	Definition *ecs.RegisterTaskDefinitionInput
	Hash       string
	Overrides  *types.TaskOverride
	// Wrapped says that the container has the wrapper, which prints results and usage.
	Wrapped bool
	// PlatformVersion, AssignPublicIP and ExecuteCommand are members of RunTask.
	PlatformVersion *string
	AssignPublicIP  bool
	ExecuteCommand  bool
	log             logPlace
}

// Refusal says that Amazon ECS cannot honour what a container asks for.
type Refusal struct {
	Field string // for example "container.privileged"
	Why   string
}

// Error implements error.
func (r *Refusal) Error() string { return r.Field + ": " + r.Why }

// Make makes the plan for a job. An error is a [*Refusal].
func Make(j Job, p Place) (Plan, error) {
	if err := check(&j, p); err != nil {
		return Plan{}, err
	}
	for level := separate; ; level++ {
		plan, err := make1(&j, p, level)
		if err != nil || level == alone || characters(plan.Overrides) <= MaxOverrides {
			return plan, err
		}
	}
}

// level says what of a job goes into the definition although it could be overridden.
type level uint8

const (
	separate level = iota // nothing
	fixed                 // variables that a submission gives to all of its attempts
	alone                 // all variables and the command
)

// make1 makes the plan for j at one level.
func make1(j *Job, p Place, l level) (Plan, error) {
	c := &j.Container
	e := ecsOf(c)
	plan := Plan{Wrapped: Wraps(c), ExecuteCommand: e.ExecuteCommand}
	inDefinition, inOverride := distribute(j.Environment, l)
	container := containerDefinition(c, p)
	container.Environment = inDefinition
	if c.Script != "" {
		container.Environment = append(container.Environment, pair(wrapper.ScriptVariable, c.Script))
	}
	plan.log = logConfiguration(j.Definition, e.Log, p)
	container.LogConfiguration = plan.log.configuration
	override := types.ContainerOverride{Name: aws.String(ending.Container), Environment: inOverride}
	if l == alone {
		container.Command = c.Command
	} else {
		override.Command = c.Command
	}
	definition := &ecs.RegisterTaskDefinitionInput{
		Family: aws.String(FamilyPrefix + j.Definition), ContainerDefinitions: []types.ContainerDefinition{container},
		TaskRoleArn: given(e.JobRole), ExecutionRoleArn: given(e.ExecutionRole),
	}
	definition.Volumes, definition.ContainerDefinitions[0].MountPoints = volumes(c)
	if p.fargate() {
		plan.onFargate(definition, c)
	} else {
		onInstance(definition, &override, c)
	}
	plan.Definition, plan.Overrides = definition, &types.TaskOverride{ContainerOverrides: []types.ContainerOverride{override}}
	size, hash := measure(definition)
	if size > MaxDefinitionBytes {
		return Plan{}, tooLarge(j, size)
	}
	plan.Hash = hash
	return plan, nil
}

// Wraps reports whether a container gets the wrapper in the place of its image's entry point.
func Wraps(c *batch.Container) bool { return c.Script != "" || c.Results }

// Log returns the log group and what the names of its streams begin with; the stream of a task is PREFIX/default/ID, with the last part of
// its ARN. Both are empty if the output goes elsewhere.
func (p *Plan) Log() (group, prefix string) { return p.log.group, p.log.prefix }

// distribute divides variables among the definition and the overrides.
func distribute(environment []string, l level) (inDefinition, inOverride []types.KeyValuePair) {
	for _, variable := range environment {
		name, value, _ := strings.Cut(variable, "=")
		if l == alone || l == fixed && !varies(name) {
			inDefinition = append(inDefinition, pair(name, value))
			continue
		}
		inOverride = append(inOverride, pair(name, value))
	}
	return inDefinition, inOverride
}

// varies reports whether a variable may differ among the attempts of one submission.
func varies(name string) bool {
	return slices.ContainsFunc([]string{"AWS_BATCH_", "BATCH_PARAM_"}, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

func pair(name, value string) types.KeyValuePair {
	return types.KeyValuePair{Name: aws.String(name), Value: aws.String(value)}
}

// given is nil for a text that is not there.
func given(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// ecsOf returns what c asks of ECS, which may be nothing.
func ecsOf(c *batch.Container) *batch.ECS {
	if c.ECS == nil {
		return &batch.ECS{}
	}
	return c.ECS
}
