package provider

import (
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/float64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/float64default"
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
	maxPriority         = 1000
	maxJobPriority      = 9999
	minVCPU             = 0.001
	minMemoryMiB        = 4
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
		MarkdownDescription: description + " " + nameRule + ". Changing it makes another one.",
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

func retryStrategyAttribute(description string) schema.SingleNestedAttribute {
	pattern := func(what string) schema.StringAttribute {
		return optionalString(what + " to match, at most 512 characters; may end in `*`. All conditions given must match.")
	}
	return schema.SingleNestedAttribute{
		MarkdownDescription: description,
		Optional:            true,
		Attributes: map[string]schema.Attribute{
			"attempts": optionalInt("How often the job may run in all, 1 to 10. Default 1.", 1, maxAttempts),
			"evaluate_on_exit": schema.ListNestedAttribute{
				MarkdownDescription: "Rules that decide, in this order, whether a failed attempt is run again. At most 5; " +
					"what no rule matches is run again. Needs `attempts`.",
				Optional:   true,
				Validators: []validator.List{listvalidator.SizeBetween(1, maxEvaluateOnExit)},
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"action": schema.StringAttribute{
						MarkdownDescription: "`RETRY` or `EXIT`.",
						Required:            true,
						Validators:          []validator.String{stringvalidator.OneOf("RETRY", "EXIT")},
					},
					"on_exit_code":     pattern("Exit code, in decimal,"),
					"on_reason":        pattern("Reason of the container"),
					"on_status_reason": pattern("Status reason of the attempt"),
				}},
			},
		},
	}
}

func timeoutAttribute(description string) schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: description,
		Optional:            true,
		Attributes: map[string]schema.Attribute{
			"attempt_duration_seconds": schema.Int64Attribute{
				MarkdownDescription: "Seconds after which a running attempt is ended and the job fails, at least 60. It is not run again.",
				Required:            true,
				Validators:          []validator.Int64{int64validator.AtLeast(minAttemptSeconds)},
			},
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

// resourceRequirementsAttribute is what a container asks for; with fill the vCPUs have a default.
func resourceRequirementsAttribute(description string, fill bool) schema.SingleNestedAttribute {
	vcpu := schema.Float64Attribute{
		MarkdownDescription: "vCPUs, at most three decimals.",
		Optional:            true,
		Validators:          []validator.Float64{float64validator.AtLeast(minVCPU)},
	}
	if fill {
		vcpu.MarkdownDescription += " Default 1."
		vcpu.Computed, vcpu.Default = true, float64default.StaticFloat64(1)
	}
	return schema.SingleNestedAttribute{
		MarkdownDescription: description,
		Optional:            true,
		Attributes: map[string]schema.Attribute{
			"vcpu":   vcpu,
			"memory": optionalInt("Memory in MiB, at least 4: reserved, and a limit. Default: none is reserved and there is no limit.", minMemoryMiB, 1<<30),
			"gpu":    optionalInt("GPUs. Default: none.", 1, 1<<10),
		},
	}
}
