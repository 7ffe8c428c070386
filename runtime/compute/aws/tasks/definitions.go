package tasks

import (
	"context"
	"maps"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/taskdef"
	"github.com/batchd/terraform-provider-batch/runtime/retry"
)

// definitions are the task definitions of an account that are known to be registered, by the hashes of their content.
type definitions struct {
	installation string

	mu    sync.Mutex
	known map[string]*definition
}

// definition is one that is being looked for or registered, or that is there once done is closed.
type definition struct {
	done chan struct{}
	arn  string
	err  error
}

func newDefinitions(installation string) *definitions {
	return &definitions{installation: installation, known: map[string]*definition{}}
}

// find returns the ARN of the definition of a plan. It is looked for in the account, and registered with tags if it is not there. Those
// who want the same one wait for one who does that.
func (d *definitions) find(ctx context.Context, c Cluster, plan taskdef.Plan, tags map[string]string) (string, error) {
	d.mu.Lock()
	wanted := d.known[plan.Hash]
	if wanted == nil {
		wanted = &definition{done: make(chan struct{})}
		d.known[plan.Hash] = wanted
		d.mu.Unlock()
		if wanted.arn, wanted.err = d.make(ctx, c, plan, tags); wanted.err != nil {
			d.mu.Lock()
			delete(d.known, plan.Hash)
			d.mu.Unlock()
		}
		close(wanted.done)
		return wanted.arn, wanted.err
	}
	d.mu.Unlock()
	select {
	case <-ctx.Done():
		return "", context.Cause(ctx)
	case <-wanted.done:
		return wanted.arn, wanted.err
	}
}

// drop forgets a definition that is not there any more.
func (d *definitions) drop(arn string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	maps.DeleteFunc(d.known, func(_ string, known *definition) bool { return known.isDone() && known.arn == arn })
}

func (d *definition) isDone() bool {
	select {
	case <-d.done:
		return true
	default:
		return false
	}
}

// make looks for a definition, or else registers it, until that succeeds or is of no use.
func (d *definitions) make(ctx context.Context, c Cluster, plan taskdef.Plan, tags map[string]string) (string, error) {
	for failures := 1; ; failures++ {
		arn, err := d.registered(ctx, c, plan)
		if arn == "" && err == nil {
			arn, err = d.register(ctx, c, plan, tags)
		}
		if err == nil || !passes(err) {
			return arn, err
		}
		if err := retry.Pause(ctx, patience.Jittered(failures)); err != nil {
			return "", err
		}
	}
}

// registered returns the ARN of the newest active revision of the plan's family that has its content; empty if none has.
func (d *definitions) registered(ctx context.Context, c Cluster, plan taskdef.Plan) (string, error) {
	found, err := d.describe(ctx, c, plan, aws.ToString(plan.Definition.Family))
	if err != nil || found.arn == "" || found.matches {
		return found.arnIfMatches(), err
	}
	list, err := c.ECS.ListTaskDefinitions(ctx, &ecs.ListTaskDefinitionsInput{
		FamilyPrefix: plan.Definition.Family, Status: types.TaskDefinitionStatusActive, Sort: types.SortOrderDesc, MaxResults: aws.Int32(describedOfFamily),
	})
	if err != nil {
		return "", err
	}
	for _, arn := range list.TaskDefinitionArns {
		if arn == found.arn {
			continue
		}
		if next, err := d.describe(ctx, c, plan, arn); err != nil || next.matches {
			return next.arnIfMatches(), err
		}
	}
	return "", nil
}

// candidate is a definition that was found; its ARN is empty if there is none.
type candidate struct {
	arn     string
	matches bool
}

func (c candidate) arnIfMatches() string {
	if c.matches {
		return c.arn
	}
	return ""
}

// describe looks at one definition, by its family or ARN. ECS says of one that does not exist that the client is wrong.
func (d *definitions) describe(ctx context.Context, c Cluster, plan taskdef.Plan, name string) (candidate, error) {
	out, err := c.ECS.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{
		TaskDefinition: aws.String(name), Include: []types.TaskDefinitionField{types.TaskDefinitionFieldTags},
	})
	if code, _ := codeOf(err); code == "ClientException" {
		return candidate{}, nil
	}
	if err != nil {
		return candidate{}, err
	}
	found := candidate{arn: aws.ToString(out.TaskDefinition.TaskDefinitionArn)}
	tags := textOf(out.Tags)
	active := out.TaskDefinition.Status == types.TaskDefinitionStatusActive
	found.matches = active && tags[tagInstallation] == d.installation && tags[tagHash] == plan.Hash
	return found, nil
}

func (d *definitions) register(ctx context.Context, c Cluster, plan taskdef.Plan, tags map[string]string) (string, error) {
	in := *plan.Definition
	in.Tags = append(tagsOf(tags, tagInstallation, tagHash), tag(tagInstallation, d.installation), tag(tagHash, plan.Hash))
	out, err := c.ECS.RegisterTaskDefinition(ctx, &in)
	if err != nil {
		return "", err
	}
	return aws.ToString(out.TaskDefinition.TaskDefinitionArn), nil
}
