package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// revisionsKey is where the private state keeps the ARNs of the revisions that a resource
// registered and that may still be active, oldest first.
const revisionsKey = "revisions"

// private is the part of Terraform's private state that this file uses.
type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// revisions returns what [setRevisions] kept, or the current revision alone where nothing
// was kept, as after an import.
func revisions(ctx context.Context, private privateReader, current string) ([]string, error) {
	text, diags := private.GetKey(ctx, revisionsKey)
	if diags.HasError() {
		return nil, errorOf(diags)
	}
	if len(text) == 0 {
		return []string{current}, nil
	}
	var arns []string
	if err := json.Unmarshal(text, &arns); err != nil {
		return nil, fmt.Errorf("the private state of the job definition: %w", err)
	}
	return arns, nil
}

func setRevisions(ctx context.Context, private privateWriter, arns []string) error {
	text, err := json.Marshal(arns)
	if err != nil {
		return err
	}
	return errorOf(private.SetKey(ctx, revisionsKey, text))
}

// trim deregisters all but the newest keep revisions and returns those that are left. What
// could not be deregistered is left, too.
func trim(ctx context.Context, c *client.Client, arns []string, keep int) ([]string, error) {
	var left []string
	var errs []error
	for i, arn := range arns {
		if i >= len(arns)-keep {
			left = append(left, arn)
			continue
		}
		if err := deregister(ctx, c, arn); err != nil {
			left = append(left, arn)
			errs = append(errs, fmt.Errorf("deregister %s: %w", nameOf(arn), err))
		}
	}
	return left, errors.Join(errs...)
}

// deregister makes a revision inactive; one that is not active is left alone.
func deregister(ctx context.Context, c *client.Client, arn string) error {
	seen, err := findDefinition(ctx, c, arn)
	if err != nil || seen == nil {
		return err
	}
	return c.DeregisterJobDefinition(ctx, &wire.DeregisterJobDefinitionRequest{JobDefinition: arn})
}

// findDefinition is the [finder] of active revisions. A reference is an ARN or name:revision, or
// a name or an ARN without a revision for the newest.
func findDefinition(ctx context.Context, c *client.Client, reference string) (*found[wire.JobDefinition], error) {
	request := wire.DescribeJobDefinitionsRequest{JobDefinitions: []string{reference}}
	if !hasRevision(reference) {
		one := int32(1)
		request = wire.DescribeJobDefinitionsRequest{JobDefinitionName: nameOf(reference), Status: wire.Active, MaxResults: &one}
	}
	page, err := c.DescribeJobDefinitions(ctx, &request)
	if err != nil || len(page.JobDefinitions) == 0 || page.JobDefinitions[0].Status == wire.Inactive {
		return nil, err
	}
	d := page.JobDefinitions[0]
	return &found[wire.JobDefinition]{arn: d.JobDefinitionArn, status: d.Status, detail: d}, nil
}

// hasRevision reports whether a reference ends in a revision.
func hasRevision(reference string) bool {
	_, revision := splitRevision(nameOf(reference))
	return revision != ""
}
