package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// updateTags makes the tags of a resource those of is, knowing that they were those of was.
func updateTags(ctx context.Context, c *client.Client, arn string, was, is types.Map) error {
	before, after := stringsOf(was), stringsOf(is)
	var remove []string
	set := map[string]string{}
	for key := range before {
		if _, ok := after[key]; !ok {
			remove = append(remove, key)
		}
	}
	for key, value := range after {
		if old, ok := before[key]; !ok || old != value {
			set[key] = value
		}
	}
	if len(remove) > 0 {
		if err := c.UntagResource(ctx, arn, &wire.UntagResourceRequest{TagKeys: remove}); err != nil {
			return err
		}
	}
	if len(set) > 0 {
		return c.TagResource(ctx, arn, &wire.TagResourceRequest{Tags: set})
	}
	return nil
}

// stringsOf returns the known strings of a map.
func stringsOf(m types.Map) map[string]string {
	values := make(map[string]string, len(m.Elements()))
	for key, element := range m.Elements() {
		if text, ok := element.(types.String); ok && !text.IsNull() && !text.IsUnknown() {
			values[key] = text.ValueString()
		}
	}
	return values
}

// stringsOrNil is [stringsOf] for a member that is left out where nothing is configured.
func stringsOrNil(m types.Map) map[string]string {
	if m.IsNull() || m.IsUnknown() {
		return nil
	}
	return stringsOf(m)
}

// errorOf returns the errors of diags as one, nil if there are none.
func errorOf(diags diag.Diagnostics) error {
	var errs []error
	for _, d := range diags.Errors() {
		errs = append(errs, errors.New(d.Summary()+": "+d.Detail()))
	}
	return errors.Join(errs...)
}
