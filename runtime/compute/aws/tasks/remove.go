package tasks

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/taskdef"
)

// RemoveDefinitions removes the task definitions of batchd that have certain tags, and reports whether there were any. Whoever still uses one
// registers it again.
func RemoveDefinitions(ctx context.Context, client *ecs.Client, tags map[string]string) (found bool, err error) {
	definitions := ecs.NewListTaskDefinitionsPaginator(client, &ecs.ListTaskDefinitionsInput{Status: types.TaskDefinitionStatusActive})
	for definitions.HasMorePages() {
		page, err := definitions.NextPage(ctx)
		if err != nil {
			return true, fmt.Errorf("listing task definitions: %w", err)
		}
		for _, arn := range page.TaskDefinitionArns {
			if !strings.HasPrefix(idOf(arn), taskdef.FamilyPrefix) {
				continue
			}
			removed, err := removeDefinition(ctx, client, arn, tags)
			if found = found || removed; err != nil {
				return true, fmt.Errorf("removing the task definition %s: %w", idOf(arn), err)
			}
		}
	}
	return found, nil
}

// removeDefinition removes a definition if it has tags and is active, and reports whether it was.
func removeDefinition(ctx context.Context, client *ecs.Client, arn string, tags map[string]string) (found bool, err error) {
	described, err := client.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{
		TaskDefinition: aws.String(arn), Include: []types.TaskDefinitionField{types.TaskDefinitionFieldTags},
	})
	if err != nil || described.TaskDefinition.Status != types.TaskDefinitionStatusActive {
		return false, err
	}
	has := textOf(described.Tags)
	for name, value := range tags {
		if has[name] != value {
			return false, nil
		}
	}
	_, err = client.DeregisterTaskDefinition(ctx, &ecs.DeregisterTaskDefinitionInput{TaskDefinition: aws.String(arn)})
	return true, err
}
