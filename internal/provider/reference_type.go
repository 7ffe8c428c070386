package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

var (
	_ basetypes.StringTypable                    = referenceType{}
	_ basetypes.StringValuableWithSemanticEquals = reference{}
	_ planmodifier.List                          = keepEquivalentReferences{}
	_ planmodifier.String                        = keepEquivalentReferences{}
)

// referenceType is the type of attributes that name a resource by its name or its ARN.
type referenceType struct{ basetypes.StringType }

// reference is a name or an ARN; the two forms of one resource are semantically equal.
type reference struct{ basetypes.StringValue }

func newReference(text string) reference { return reference{types.StringValue(text)} }

// nameOf returns the name that a name or an ARN ends in.
func nameOf(reference string) string {
	if !strings.HasPrefix(reference, "arn:") {
		return reference
	}
	return reference[strings.IndexByte(reference, '/')+1:]
}

func (r reference) sameAs(other reference) bool {
	if r.IsNull() || r.IsUnknown() || other.IsNull() || other.IsUnknown() {
		return r.Equal(other)
	}
	return nameOf(r.ValueString()) == nameOf(other.ValueString())
}

// Equal reports whether o is the same type.
func (t referenceType) Equal(o attr.Type) bool { _, ok := o.(referenceType); return ok }

// String names the type.
func (t referenceType) String() string { return "provider.referenceType" }

// ValueType returns a value of the type.
func (t referenceType) ValueType(context.Context) attr.Value { return reference{} }

// ValueFromString makes a reference of a string.
func (t referenceType) ValueFromString(_ context.Context, in basetypes.StringValue) (basetypes.StringValuable, diag.Diagnostics) {
	return reference{in}, nil
}

// ValueFromTerraform makes a reference of what Terraform sent.
func (t referenceType) ValueFromTerraform(ctx context.Context, in tftypes.Value) (attr.Value, error) {
	value, err := t.StringType.ValueFromTerraform(ctx, in)
	if err != nil {
		return nil, err
	}
	text, ok := value.(basetypes.StringValue)
	if !ok {
		return nil, fmt.Errorf("want a string, have %T", value)
	}
	return reference{text}, nil
}

// Equal reports whether o is spelled the same.
func (r reference) Equal(o attr.Value) bool {
	other, ok := o.(reference)
	return ok && r.StringValue.Equal(other.StringValue)
}

// Type returns [referenceType].
func (r reference) Type(context.Context) attr.Type { return referenceType{} }

// StringSemanticEquals reports whether both name the same resource.
func (r reference) StringSemanticEquals(_ context.Context, v basetypes.StringValuable) (bool, diag.Diagnostics) {
	other, ok := v.(reference)
	return ok && r.sameAs(other), nil
}

// keepEquivalentReferences plans no change where a name became the ARN of the same
// resource or the other way round.
type keepEquivalentReferences struct{}

// Description says what the modifier does.
func (keepEquivalentReferences) Description(context.Context) string {
	return "A name and the ARN of the same resource are equal."
}

// MarkdownDescription says what the modifier does.
func (m keepEquivalentReferences) MarkdownDescription(ctx context.Context) string {
	return m.Description(ctx)
}

// PlanModifyString keeps the state's spelling of one reference.
func (keepEquivalentReferences) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	if (reference{req.PlanValue}).sameAs(reference{req.StateValue}) {
		resp.PlanValue = req.StateValue
	}
}

// PlanModifyList keeps the state's spelling of a list of references.
func (keepEquivalentReferences) PlanModifyList(_ context.Context, req planmodifier.ListRequest, resp *planmodifier.ListResponse) {
	was, is := req.StateValue.Elements(), req.PlanValue.Elements()
	if req.PlanValue.IsUnknown() || len(was) != len(is) {
		return
	}
	for i := range is {
		before, ok := was[i].(reference)
		after, okToo := is[i].(reference)
		if !ok || !okToo || !before.sameAs(after) {
			return
		}
	}
	resp.PlanValue = req.StateValue
}
