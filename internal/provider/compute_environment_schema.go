package provider

import (
	"context"
	"maps"
	"math"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// Schema describes batch_compute_environment.
func (*computeEnvironmentResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		Version: schemaVersion,
		MarkdownDescription: "A compute environment: what the jobs of a queue run on.\n\n`LOCAL` is the machine that the batch runtime " +
			"runs on, as processes or as containers.\n\n" + environmentChanges(),
		Attributes: attributes{
			"name":        environmentNameAttribute(),
			"name_prefix": environmentPrefixAttribute(),
			"type": schema.StringAttribute{
				MarkdownDescription: "`MANAGED`, or `UNMANAGED` for capacity that is kept up elsewhere, in an ECS cluster that is made or that exists and is named by the tag `batchd:ecs-cluster`. Default `MANAGED`. Changing it replaces the environment.",
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString("MANAGED"),
				Validators:          []validator.String{stringvalidator.OneOf("MANAGED", "UNMANAGED")},
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"state":         stateAttribute("`ENABLED`, or `DISABLED` so that no more jobs start here while those that run go on."),
			"service_role":  optionalString("IAM role, by name or ARN, that manages the capacity. Not used by `LOCAL`."),
			"tags":          tagsAttribute(),
			"arn":           fixedAttribute("ARN of the environment."),
			"status":        computedString("`VALID`, `INVALID`, or what it is on the way to."),
			"status_reason": computedString("Why it has that status."),
		},
		Blocks: blocks{"compute_resources": computeResourcesBlock()},
	}
}

func environmentNameAttribute() schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: "Name: " + nameRule + ". Give this or `name_prefix`. Changing it replaces the environment.",
		Optional:            true,
		Computed:            true,
		Validators: append(nameValidators(),
			stringvalidator.ExactlyOneOf(path.MatchRoot("name"), path.MatchRoot("name_prefix"))),
		PlanModifiers: []planmodifier.String{
			stringplanmodifier.UseStateForUnknown(),
			stringplanmodifier.RequiresReplace(),
		},
	}
}

func environmentPrefixAttribute() schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: "Beginning of a name that is made unique, at most 102 characters. Changing it replaces the environment.",
		Optional:            true,
		Validators: []validator.String{
			stringvalidator.LengthBetween(1, maxNamePrefixLength),
			stringvalidator.RegexMatches(namePattern, "must be letters, digits, `_` and `-`, beginning with a letter or a digit"),
		},
		PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
	}
}

func computeResourcesBlock() schema.Block {
	a := awsResourceAttributes()
	a["type"] = schema.StringAttribute{
		MarkdownDescription: "`LOCAL`, `EC2`, `SPOT`, `FARGATE` or `FARGATE_SPOT`. Default `LOCAL`. Changing it replaces the environment.",
		Optional:            true,
		Computed:            true,
		Default:             stringdefault.StaticString("LOCAL"),
		Validators:          []validator.String{stringvalidator.OneOf("LOCAL", "EC2", "SPOT", "FARGATE", "FARGATE_SPOT")},
		PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
	}
	a["max_vcpus"] = schema.Int64Attribute{
		MarkdownDescription: "Required. vCPUs that the running jobs may hold together, at least 1. For `LOCAL` it may exceed the cores of the machine.",
		Optional:            true,
		Validators:          []validator.Int64{int64validator.Between(1, math.MaxInt32)},
	}
	a["memory"] = schema.Int64Attribute{
		MarkdownDescription: "`LOCAL` only: memory in MiB that the running jobs may hold together. Default: what the machine has.",
		Optional:            true,
		Validators:          []validator.Int64{int64validator.AtLeast(1)},
	}
	maps.Copy(a, accountAttributes())
	return needing(block("What the environment runs on. Required if `type` is `MANAGED`, refused if it is `UNMANAGED`.",
		withWrongNames(a, map[string]string{
			"desired_vcpus": "Remove it: how many vCPUs are up follows the jobs, between min_vcpus and max_vcpus.",
			"vcpus":         "Use max_vcpus.",
			"memory_mib":    "Use memory, in MiB.",
		}), awsResourceBlocks()), "max_vcpus")
}

// awsResourceAttributes are those that LOCAL does not use.
func awsResourceAttributes() attributes {
	fleetRole := optionalString("IAM role of the Spot fleet. Changing it replaces the environment.")
	fleetRole.PlanModifiers = []planmodifier.String{stringplanmodifier.RequiresReplace()}
	return attributes{
		"min_vcpus":          optionalInt("vCPUs that are kept up even when nothing runs. Default 0. EC2 and Spot only.", 0, math.MaxInt32),
		"instance_types":     stringSet("EC2 instance families (`c7g`), types (`c7g.2xlarge`) or `optimal`."),
		"subnets":            stringSet("VPC subnets of the capacity."),
		"security_group_ids": stringSet("Security groups of the capacity."),
		"instance_role":      optionalString("Instance profile of the instances, by name or ARN."),
		"allocation_strategy": optionalWord("How instance types are chosen. Default `BEST_FIT`.", "BEST_FIT", "BEST_FIT_PROGRESSIVE", "BEST_FIT_PROGRESSIVE_ORDERED",
			"SPOT_CAPACITY_OPTIMIZED", "SPOT_CAPACITY_OPTIMIZED_PRIORITIZED", "SPOT_PRICE_CAPACITY_OPTIMIZED"),
		"bid_percentage":      optionalInt("Highest Spot price, in percent of the On-Demand price. Default 100.", 1, 100),
		"ec2_key_pair":        optionalString("EC2 key pair of the instances."),
		"image_id":            optionalString("Machine image of the instances. Prefer `ec2_configuration`."),
		"placement_group":     optionalString("EC2 placement group of the instances."),
		"spot_iam_fleet_role": fleetRole,
		"tags":                stringMap("Tags of the instances, not of the environment."),
	}
}

// accountAttributes are those that batchd has for environments in an account and AWS does not.
func accountAttributes() attributes {
	profile := optionalString("Profile of the AWS configuration of the batch runtime, for its credentials. Default: what the runtime was started with. Not for `LOCAL`. Changing it replaces the environment.")
	region := optionalString("Region of the capacity, for example `eu-central-1`. Default: that of the runtime's AWS configuration. Not for `LOCAL`. Changing it replaces the environment.")
	profile.PlanModifiers = []planmodifier.String{stringplanmodifier.RequiresReplace()}
	region.PlanModifiers = []planmodifier.String{stringplanmodifier.RequiresReplace()}
	return attributes{
		"profile":       profile,
		"region":        region,
		"never_over":    optionalBool("EC2 and Spot only: keep the instances within `max_vcpus`. Default false: they may exceed it by one instance, as those of AWS Batch."),
		"create_roles":  optionalBool("Create the instance profile that `instance_role` names, with a role of that name, if it does not exist, and remove both with the last environment that uses them. Has an effect for EC2 and Spot only."),
		"helper_image":  optionalString("Container image with a shell, for scripts and results of jobs whose image has none. Stored and described only. Not for `LOCAL`."),
		"default_image": optionalString("Container image of jobs that have none, which otherwise run in `LOCAL` environments only. Not for `LOCAL`."),
	}
}

func awsResourceBlocks() blocks {
	return blocks{
		"launch_template": block("EC2 launch template of the instances, by id or by name.", attributes{
			"launch_template_id":   optionalString("Id of the template."),
			"launch_template_name": optionalString("Name of the template."),
			"version":              optionalString("Version: a number, `$Latest` or `$Default`. Default `$Default`."),
		}, blocks{"overrides": repeated("Another template for some instance types, at most 10.", maxTemplateOverrides, attributes{
			"launch_template_id":    optionalString("Id of the template."),
			"launch_template_name":  optionalString("Name of the template."),
			"version":               optionalString("Version: a number, `$Latest` or `$Default`. Default `$Default`."),
			"target_instance_types": stringSet("Families and types of `instance_types` that it is for."),
		}, nil)}),
		"scaling_policy": block("When instances that are not needed are ended.", attributes{
			"min_scale_down_delay_minutes": optionalInt("Minutes for which an instance is kept after its last job: 20 to 10080, or 0 to end it at once. Default 0.", 0, 10_080),
		}, nil),
		"ec2_configuration": repeated("Machine image of one kind of instance, at most 2.", maxEC2Configurations, attributes{
			"image_type": schema.StringAttribute{
				MarkdownDescription: "Kind of image, for example `ECS_AL2023`.",
				Required:            true,
			},
			"image_id_override": optionalString("Machine image to use instead of the newest of that kind."),
		}, nil),
	}
}
