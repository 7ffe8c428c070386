package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// maxQueueEnvironments is how many environments a queue may order.
const maxQueueEnvironments = 3

// Schema describes batch_job_queue.
func (*jobQueueResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A job queue: where jobs wait until one of its compute environments has room.\n\nEverything but `name` is changed in place.\n\n" +
			"Destroying a queue ends its jobs. A queue made again under an old name does not list the old one's jobs.",
		Attributes: map[string]schema.Attribute{
			"name": nameAttribute("Name:"),
			"priority": schema.Int64Attribute{
				MarkdownDescription: "0 to 1000; among queues over the same environment the larger is served first. Default 1.",
				Optional:            true,
				Computed:            true,
				Default:             int64default.StaticInt64(1),
				Validators:          []validator.Int64{int64validator.Between(0, maxPriority)},
			},
			"state": stateAttribute("`ENABLED`, or `DISABLED` to take no more jobs while those that are there go on."),
			"compute_environments": schema.ListAttribute{
				MarkdownDescription: "Compute environments, by name or ARN, 1 to 3. The first that has room runs a job.",
				Required:            true,
				ElementType:         referenceType{},
				Validators: []validator.List{
					listvalidator.SizeBetween(1, maxQueueEnvironments),
					listvalidator.NoNullValues(),
					listvalidator.UniqueValues(),
				},
				PlanModifiers: []planmodifier.List{keepEquivalentReferences{}},
			},
			"tags":   tagsAttribute(),
			"arn":    fixedAttribute("ARN of the queue."),
			"status": computedString("`VALID`, `INVALID`, or what it is on the way to."),
		},
	}
}
