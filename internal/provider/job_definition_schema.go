package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Schema describes batch_job_definition.
func (*jobDefinitionResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		Version: schemaVersion,
		MarkdownDescription: "A job definition: what a job runs and with what.\n\nWith an image it is a container, without one a process of the " +
			"machine that the runtime runs on.\n\nA definition never changes; a change registers another revision, in place: `arn` and `revision` " +
			"become unknown in the plan exactly when it will. Changes of `tags` and `keep_revisions` alone make no revision. Destroying it " +
			"deregisters the revisions that this resource registered, no others.",
		Attributes: attributes{
			"name": nameAttribute("Name:"),
			"script": schema.StringAttribute{
				MarkdownDescription: "Text of a script that is the job, at most 256 KiB, beginning with `#!` and its interpreter. It is run with the " +
					"command as its arguments, in the container if there is an image. `file(\"job.sh\")` reads it from a file.",
				Optional: true,
				Validators: []validator.String{
					stringvalidator.AtLeastOneOf(path.MatchRoot("script"), path.MatchRoot("container_properties")),
				},
			},
			"working_directory": optionalString("Directory in which a process starts, an absolute path. Default: a fresh directory for each attempt. Not with an image."),
			"parameters":        stringMap("Default values of parameters, for `Ref::name` in the command and as variables `BATCH_PARAM_<NAME>`. A job's own go before them."),
			"propagate_tags": schema.BoolAttribute{
				MarkdownDescription: "Whether jobs pass their tags on to what runs them. Default `false`.",
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(false),
			},
			"platform_capabilities": schema.SetAttribute{
				MarkdownDescription: "What of AWS it can run on: `EC2`, `FARGATE`. Default: `EC2`. `LOCAL` runs it whatever is said here; a definition with what `LOCAL` does not give is accepted if this is said.",
				Optional:            true,
				ElementType:         types.StringType,
				Validators: []validator.Set{
					setvalidator.SizeAtLeast(1),
					setvalidator.ValueStringsAre(stringvalidator.OneOf("EC2", "FARGATE")),
				},
			},
			"scheduling_priority": optionalInt("0 to 9999; within a share the larger runs first.", 0, maxJobPriority),
			"keep_revisions": schema.Int64Attribute{
				MarkdownDescription: "How many of the revisions that this resource registered stay active, at least 1; older ones are deregistered " +
					"when another is registered. Default: all. A job that refers to an older revision, for example by `ignore_changes`, cannot be submitted again once that is deregistered.",
				Optional:   true,
				Validators: []validator.Int64{int64validator.AtLeast(1)},
			},
			"tags":       tagsAttribute(),
			"arn":        computedString("ARN of the newest revision."),
			"arn_prefix": fixedAttribute("ARN without the revision: as a job's definition it stands for the newest active one."),
			"revision":   computedInt("Number of the newest revision, from 1."),
		},
		Blocks: blocks{
			"container_properties": containerPropertiesBlock(),
			"retry_strategy":       retryStrategyBlock("How often a failed job is run again. A job's own goes before it."),
			"timeout":              timeoutBlock("How long one attempt may run. Default: for ever. A job's own goes before it."),
		},
	}
}
