package awsfake

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// definition is a revision of a task definition.
type definition struct {
	types.TaskDefinition
	tags tags
}

func (d *definition) name() string { return fmt.Sprintf("%s:%d", *d.Family, d.Revision) }

// describe is the revision as it is at this moment.
func (d *definition) describe() *types.TaskDefinition {
	described := d.TaskDefinition
	return &described
}

// family is the revisions of one name, oldest first. Those that were deleted are not among them.
type family struct {
	last      int32 // the number of the newest revision that was ever made
	revisions []*definition
}

func (e *ecsState) registerDefinition(_ *call, in *ecs.RegisterTaskDefinitionInput) (*ecs.RegisterTaskDefinitionOutput, error) {
	if err := checkDefinition(in); err != nil {
		return nil, err
	}
	labels := tags{}
	if err := setTags(labels, in.Tags); err != nil {
		return nil, err
	}
	f := e.families[*in.Family]
	if f == nil {
		f = &family{}
		e.families[*in.Family] = f
	}
	f.last++
	d := &definition{tags: labels, TaskDefinition: types.TaskDefinition{
		Family: in.Family, Revision: f.last, Status: types.TaskDefinitionStatusActive, RegisteredAt: aws.Time(time.Now()),
		TaskDefinitionArn:    aws.String(e.w.arn("ecs", fmt.Sprintf("task-definition/%s:%d", *in.Family, f.last))),
		ContainerDefinitions: in.ContainerDefinitions, Cpu: in.Cpu, Memory: in.Memory, EphemeralStorage: in.EphemeralStorage,
		ExecutionRoleArn: in.ExecutionRoleArn, TaskRoleArn: in.TaskRoleArn, NetworkMode: in.NetworkMode, IpcMode: in.IpcMode, PidMode: in.PidMode,
		PlacementConstraints: in.PlacementConstraints, RequiresCompatibilities: in.RequiresCompatibilities, RuntimePlatform: in.RuntimePlatform,
		Volumes: in.Volumes, Compatibilities: []types.Compatibility{types.CompatibilityEc2}, RequiresAttributes: requiredAttributes(in),
	}}
	if wantsFargate(in) {
		d.Compatibilities = append(d.Compatibilities, types.CompatibilityFargate)
	}
	for i := range d.ContainerDefinitions {
		if c := &d.ContainerDefinitions[i]; c.Essential == nil {
			c.Essential = aws.Bool(true)
		}
	}
	f.revisions = append(f.revisions, d)
	return &ecs.RegisterTaskDefinitionOutput{TaskDefinition: d.describe(), Tags: listTags(labels)}, nil
}

// requiredAttributes are those that a container instance needs for the tasks of a definition.
func requiredAttributes(in *ecs.RegisterTaskDefinitionInput) (required []types.Attribute) {
	var names []string
	if in.TaskRoleArn != nil {
		names = append(names, capabilityTaskRole)
	}
	for _, c := range in.ContainerDefinitions {
		if c.LogConfiguration != nil {
			names = append(names, capabilityLogDriver+string(c.LogConfiguration.LogDriver))
		}
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		required = append(required, types.Attribute{Name: aws.String(name)})
	}
	return required
}

// definition finds a task definition by family, by family:revision or by ARN; the newest ACTIVE revision if none is named.
func (e *ecsState) definition(reference *string) (*definition, error) {
	name, revision, hasRevision := strings.Cut(lastPart(aws.ToString(reference)), ":")
	f := e.families[name]
	if f == nil {
		return nil, refuse(clientException, "Unable to describe task definition.")
	}
	number, err := strconv.Atoi(revision)
	if hasRevision && err != nil {
		return nil, refuse(clientException, "Invalid revision number. Number: %s", revision)
	}
	for _, d := range slices.Backward(f.revisions) {
		if hasRevision && d.Revision == int32(number) || !hasRevision && d.Status == types.TaskDefinitionStatusActive {
			return d, nil
		}
	}
	return nil, refuse(clientException, "Unable to describe task definition.")
}

func (e *ecsState) describeDefinition(_ *call, in *ecs.DescribeTaskDefinitionInput) (*ecs.DescribeTaskDefinitionOutput, error) {
	d, err := e.definition(in.TaskDefinition)
	if err != nil {
		return nil, err
	}
	out := &ecs.DescribeTaskDefinitionOutput{TaskDefinition: d.describe()}
	if slices.Contains(in.Include, types.TaskDefinitionFieldTags) {
		out.Tags = listTags(d.tags)
	}
	return out, nil
}

// deregisterDefinition makes a revision INACTIVE: tasks that run are left alone, and no new ones start.
func (e *ecsState) deregisterDefinition(_ *call, in *ecs.DeregisterTaskDefinitionInput) (*ecs.DeregisterTaskDefinitionOutput, error) {
	if !strings.Contains(lastPart(aws.ToString(in.TaskDefinition)), ":") {
		return nil, refuse(invalidParameter, "Missing revision number. Use the family:revision format.")
	}
	d, err := e.definition(in.TaskDefinition)
	if err != nil {
		return nil, err
	}
	if d.Status == types.TaskDefinitionStatusActive {
		d.Status, d.DeregisteredAt = types.TaskDefinitionStatusInactive, aws.Time(time.Now())
	}
	return &ecs.DeregisterTaskDefinitionOutput{TaskDefinition: d.describe()}, nil
}

// deleteDefinitions deletes revisions that are INACTIVE, after a while in which they are shown as being deleted.
func (e *ecsState) deleteDefinitions(_ *call, in *ecs.DeleteTaskDefinitionsInput) (*ecs.DeleteTaskDefinitionsOutput, error) {
	if len(in.TaskDefinitions) > maxDeletedDefinitions {
		return nil, refuse(invalidParameter, "You can only delete up to %d task definitions at a time.", maxDeletedDefinitions)
	}
	out := &ecs.DeleteTaskDefinitionsOutput{}
	for _, reference := range in.TaskDefinitions {
		d, err := e.definition(&reference)
		switch {
		case err != nil:
			out.Failures = append(out.Failures, types.Failure{Arn: &reference, Reason: aws.String("The specified task definition does not exist. Specify a valid account, family, revision and try again.")})
		case d.Status == types.TaskDefinitionStatusActive:
			out.Failures = append(out.Failures, types.Failure{Arn: &reference, Reason: aws.String("The specified task definition is still in ACTIVE status. Please deregister the target and try again.")})
		default:
			e.deleteDefinition(d)
			out.TaskDefinitions = append(out.TaskDefinitions, d.TaskDefinition)
		}
	}
	return out, nil
}

func (e *ecsState) deleteDefinition(d *definition) {
	if d.Status == types.TaskDefinitionStatusDeleteInProgress {
		return
	}
	d.Status, d.DeleteRequestedAt = types.TaskDefinitionStatusDeleteInProgress, aws.Time(time.Now())
	e.w.after(definitionDeletion, func() {
		f := e.families[*d.Family]
		f.revisions = slices.DeleteFunc(f.revisions, func(other *definition) bool { return other == d })
	})
}

func (e *ecsState) listDefinitions(_ *call, in *ecs.ListTaskDefinitionsInput) (*ecs.ListTaskDefinitionsOutput, error) {
	status := in.Status
	if status == "" {
		status = types.TaskDefinitionStatusActive
	}
	var arns []string
	for _, name := range sorted(e.families) {
		if in.FamilyPrefix != nil && !strings.HasPrefix(name, *in.FamilyPrefix) {
			continue
		}
		for _, d := range e.families[name].revisions {
			if d.Status == status {
				arns = append(arns, *d.TaskDefinitionArn)
			}
		}
	}
	if in.Sort == types.SortOrderDesc {
		slices.Reverse(arns)
	}
	page, next, err := ecsPage(arns, in.MaxResults, in.NextToken)
	return &ecs.ListTaskDefinitionsOutput{TaskDefinitionArns: page, NextToken: next}, err
}
