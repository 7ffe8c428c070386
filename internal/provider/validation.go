package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Some rules are known twice: to the schema, whose validators look at one attribute even while others are unknown, and to
// the wire, which looks at the whole request. The framework asks the schema after ValidateConfig. So that one mistake is
// one error, the wire's is left out where the schema has one of the same attribute.

// onlyOurs returns those of diags that are about an attribute which the schema accepts.
func onlyOurs(ctx context.Context, config tfsdk.Config, diags diag.Diagnostics) diag.Diagnostics {
	var kept diag.Diagnostics
	for _, d := range diags {
		if at, ok := d.(diag.DiagnosticWithPath); !ok || !schemaRefuses(ctx, config, at.Path()) {
			kept.Append(d)
		}
	}
	return kept
}

// schemaRefuses reports whether a validator of the attribute or block at a path, of one that it is in, or of a member of it,
// refuses config. The wire has one list of requirements where the schema has a block with a member for each.
func schemaRefuses(ctx context.Context, config tfsdk.Config, at path.Path) bool {
	if memberRefuses(ctx, config, at) {
		return true
	}
	for ; len(at.Steps()) > 0; at = at.ParentPath() {
		if validatorsRefuse(ctx, config, at) {
			return true
		}
	}
	return false
}

// memberRefuses reports whether a validator of a member of the object at a path refuses config.
func memberRefuses(ctx context.Context, config tfsdk.Config, at path.Path) bool {
	kind, diags := config.Schema.TypeAtPath(ctx, at)
	object, ok := kind.(attr.TypeWithAttributeTypes)
	if diags.HasError() || !ok {
		return false
	}
	for name := range object.AttributeTypes() {
		if validatorsRefuse(ctx, config, at.AtName(name)) {
			return true
		}
	}
	return false
}

// declaredAt returns the attribute or block that the schema has at a path, however deep in other blocks; nil if it has neither.
func declaredAt(config tfsdk.Config, at path.Path) any {
	var declared any = config.Schema
	for _, step := range at.Steps() {
		stepper, ok := declared.(tftypes.AttributePathStepper)
		if !ok {
			return nil
		}
		var err error
		if declared, err = stepper.ApplyTerraform5AttributePathStep(protocolStep(step)); err != nil {
			return nil
		}
	}
	return declared
}

// protocolStep is a step of a path in the type that the protocol has for it; nil for an element of a set.
func protocolStep(step path.PathStep) tftypes.AttributePathStep {
	switch step := step.(type) {
	case path.PathStepAttributeName:
		return tftypes.AttributeName(step)
	case path.PathStepElementKeyInt:
		return tftypes.ElementKeyInt(step)
	case path.PathStepElementKeyString:
		return tftypes.ElementKeyString(step)
	}
	return nil
}

// validatorsRefuse runs the validators of the attribute or block at a path, whatever its type. The framework has a validator, a
// request and a response for each type, alike but for their names. A block with a wrong name in it is refused, too.
func validatorsRefuse(ctx context.Context, config tfsdk.Config, at path.Path) bool {
	where := at.Expression()
	switch a := declaredAt(config, at).(type) {
	case interface{ ObjectValidators() []validator.Object }:
		var value types.Object
		if !config.GetAttribute(ctx, at, &value).HasError() && hasWrongName(value) {
			return true
		}
		return anyRefuses(ctx, config, at, a.ObjectValidators(), func(v validator.Object, value types.Object) diag.Diagnostics {
			var resp validator.ObjectResponse
			v.ValidateObject(ctx, validator.ObjectRequest{Path: at, PathExpression: where, Config: config, ConfigValue: value}, &resp)
			return resp.Diagnostics
		})
	case interface{ StringValidators() []validator.String }:
		return anyRefuses(ctx, config, at, a.StringValidators(), func(v validator.String, value types.String) diag.Diagnostics {
			var resp validator.StringResponse
			v.ValidateString(ctx, validator.StringRequest{Path: at, PathExpression: where, Config: config, ConfigValue: value}, &resp)
			return resp.Diagnostics
		})
	case interface{ Int64Validators() []validator.Int64 }:
		return anyRefuses(ctx, config, at, a.Int64Validators(), func(v validator.Int64, value types.Int64) diag.Diagnostics {
			var resp validator.Int64Response
			v.ValidateInt64(ctx, validator.Int64Request{Path: at, PathExpression: where, Config: config, ConfigValue: value}, &resp)
			return resp.Diagnostics
		})
	case interface{ Float64Validators() []validator.Float64 }:
		return anyRefuses(ctx, config, at, a.Float64Validators(), func(v validator.Float64, value types.Float64) diag.Diagnostics {
			var resp validator.Float64Response
			v.ValidateFloat64(ctx, validator.Float64Request{Path: at, PathExpression: where, Config: config, ConfigValue: value}, &resp)
			return resp.Diagnostics
		})
	case interface{ MapValidators() []validator.Map }:
		return anyRefuses(ctx, config, at, a.MapValidators(), func(v validator.Map, value types.Map) diag.Diagnostics {
			var resp validator.MapResponse
			v.ValidateMap(ctx, validator.MapRequest{Path: at, PathExpression: where, Config: config, ConfigValue: value}, &resp)
			return resp.Diagnostics
		})
	case interface{ ListValidators() []validator.List }:
		return anyRefuses(ctx, config, at, a.ListValidators(), func(v validator.List, value types.List) diag.Diagnostics {
			var resp validator.ListResponse
			v.ValidateList(ctx, validator.ListRequest{Path: at, PathExpression: where, Config: config, ConfigValue: value}, &resp)
			return resp.Diagnostics
		})
	case interface{ SetValidators() []validator.Set }:
		return anyRefuses(ctx, config, at, a.SetValidators(), func(v validator.Set, value types.Set) diag.Diagnostics {
			var resp validator.SetResponse
			v.ValidateSet(ctx, validator.SetRequest{Path: at, PathExpression: where, Config: config, ConfigValue: value}, &resp)
			return resp.Diagnostics
		})
	}
	return false
}

// anyRefuses reports whether one of the validators of the attribute at a path refuses its value.
func anyRefuses[V any, T attr.Value](ctx context.Context, config tfsdk.Config, at path.Path, validators []V, run func(V, T) diag.Diagnostics) bool {
	var value T
	if config.GetAttribute(ctx, at, &value).HasError() {
		return false
	}
	for _, v := range validators {
		if run(v, value).HasError() {
			return true
		}
	}
	return false
}
