package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Terraform names the argument that was meant only where the spelling is close: attempt for attempts. Names that
// people know from elsewhere, such as AWS's desired_vcpus or Docker's env, are declared and always refused, so that the
// error says what to write. They are marked as deprecated, which keeps them out of the documentation, and have no value.

// withWrongNames adds to a what is refused, by name, with what to do instead.
func withWrongNames(a attributes, advice map[string]string) attributes {
	for name, text := range advice {
		a[name] = schema.DynamicAttribute{
			MarkdownDescription: text,
			DeprecationMessage:  text,
			Optional:            true,
			Validators:          []validator.Dynamic{wrongName{text}},
		}
	}
	return a
}

// oldRequirements are the members by which a container asks for resources in the first version of AWS's API.
func oldRequirements() map[string]string {
	const where = " in a block resource_requirements."
	return map[string]string{
		"env":    "Use environment, a map of variables by name.",
		"vcpu":   "Use vcpu" + where,
		"vcpus":  "Use vcpu" + where,
		"memory": "Use memory" + where,
	}
}

// wrongName refuses every value.
type wrongName struct{ advice string }

// Description says what to do instead.
func (w wrongName) Description(context.Context) string { return w.advice }

// MarkdownDescription says what to do instead.
func (w wrongName) MarkdownDescription(context.Context) string { return w.advice }

// ValidateDynamic refuses whatever is given, known or not.
func (w wrongName) ValidateDynamic(_ context.Context, req validator.DynamicRequest, resp *validator.DynamicResponse) {
	if !req.ConfigValue.IsNull() {
		resp.Diagnostics.AddAttributeError(req.Path, "Unsupported argument", "There is no argument "+req.Path.String()+". "+w.advice)
	}
}

// hasWrongName reports whether a wrong name in o has a value.
func hasWrongName(o types.Object) bool {
	for _, value := range o.Attributes() {
		if _, wrong := value.(types.Dynamic); wrong && !value.IsNull() {
			return true
		}
	}
	return false
}

// unlessMisnamed asks its validator only about objects without wrong names. In timeout { seconds = 90 } nothing is missing
// but the right name, which the advice says; the framework validates no member of an object that is refused as a whole.
type unlessMisnamed struct{ validator.Object }

// ValidateObject refuses what the validator refuses.
func (u unlessMisnamed) ValidateObject(ctx context.Context, req validator.ObjectRequest, resp *validator.ObjectResponse) {
	if !hasWrongName(req.ConfigValue) {
		u.Object.ValidateObject(ctx, req, resp)
	}
}
