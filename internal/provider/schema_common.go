package provider

import (
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Limits of attributes. Those of the wire that only the service knows are left to it.
const (
	maxNameLength       = 128
	maxNamePrefixLength = 102 // leaves room for the 26 characters that are added
	maxTags             = 50
	maxTagKeyLength     = 128
	maxTagValueLength   = 256
	minAttemptSeconds   = 60
	maxAttempts         = 10
	maxEvaluateOnExit   = 5

	maxEC2Configurations = 2
	maxTemplateOverrides = 10
	maxPriority          = 1000
	maxJobPriority       = 9999
	minVCPU              = 0.001
	minMemoryMiB         = 4
)

var namePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*$`)

const nameRule = "1 to 128 letters, digits, `_` and `-`, beginning with a letter or a digit"

func nameValidators() []validator.String {
	return []validator.String{
		stringvalidator.LengthBetween(1, maxNameLength),
		stringvalidator.RegexMatches(namePattern, "must be "+nameRule),
	}
}

// nameAttribute is the name of something whose name never changes.
func nameAttribute(description string) schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: description + " " + nameRule + ". Changing it replaces the resource.",
		Required:            true,
		Validators:          nameValidators(),
		PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
	}
}

func stateAttribute(description string) schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: description + " Default `ENABLED`.",
		Optional:            true,
		Computed:            true,
		Default:             stringdefault.StaticString("ENABLED"),
		Validators:          []validator.String{stringvalidator.OneOf("ENABLED", "DISABLED")},
	}
}

// fixedAttribute is computed once and stays.
func fixedAttribute(description string) schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: description,
		Computed:            true,
		PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
	}
}

func computedString(description string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, Computed: true}
}

func computedInt(description string) schema.Int64Attribute {
	return schema.Int64Attribute{MarkdownDescription: description, Computed: true}
}

func optionalString(description string) schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: description,
		Optional:            true,
		Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
	}
}

// optionalWord is one of a few words, spelled as the service answers it.
func optionalWord(description string, words ...string) schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: description + " One of `" + strings.Join(words, "`, `") + "`.",
		Optional:            true,
		Validators:          []validator.String{stringvalidator.OneOf(words...)},
	}
}

func optionalInt(description string, low, high int64) schema.Int64Attribute {
	return schema.Int64Attribute{
		MarkdownDescription: description,
		Optional:            true,
		Validators:          []validator.Int64{int64validator.Between(low, high)},
	}
}

func optionalBool(description string) schema.BoolAttribute {
	return schema.BoolAttribute{MarkdownDescription: description, Optional: true}
}

func stringSet(description string) schema.SetAttribute {
	return schema.SetAttribute{MarkdownDescription: description, Optional: true, ElementType: types.StringType}
}

func stringList(description string) schema.ListAttribute {
	return schema.ListAttribute{MarkdownDescription: description, Optional: true, ElementType: types.StringType}
}

func stringMap(description string) schema.MapAttribute {
	return schema.MapAttribute{MarkdownDescription: description, Optional: true, ElementType: types.StringType}
}

func tagsAttribute() schema.MapAttribute {
	return schema.MapAttribute{
		MarkdownDescription: "Tags, at most 50: keys of 1 to 128 characters, values of at most 256. Changed in place.",
		Optional:            true,
		ElementType:         types.StringType,
		Validators: []validator.Map{
			mapvalidator.SizeAtMost(maxTags),
			mapvalidator.KeysAre(stringvalidator.LengthBetween(1, maxTagKeyLength)),
			mapvalidator.ValueStringsAre(stringvalidator.LengthAtMost(maxTagValueLength)),
		},
	}
}

func requiredString(description string) schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: description,
		Required:            true,
		Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
	}
}

func requiredInt(description string) schema.Int64Attribute {
	return schema.Int64Attribute{MarkdownDescription: description, Required: true}
}
