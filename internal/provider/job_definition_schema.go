package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/objectvalidator"
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
		MarkdownDescription: "A job definition: what a job runs and with what.\n\nWith an image it is a container, without one a process of the " +
			"machine that the runtime runs on.\n\nA definition never changes; a change registers another revision, in place: `arn` and `revision` " +
			"become unknown in the plan exactly when it will. Changes of `tags` and `keep_revisions` alone make no revision. Destroying it " +
			"deregisters the revisions that this resource registered, no others.",
		Attributes: map[string]schema.Attribute{
			"name":                 nameAttribute("Name:"),
			"container_properties": containerPropertiesAttribute(),
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
			"retry_strategy":    retryStrategyAttribute("How often a failed job is run again. A job's own goes before it."),
			"timeout":           timeoutAttribute("How long one attempt may run. Default: for ever. A job's own goes before it."),
			"propagate_tags": schema.BoolAttribute{
				MarkdownDescription: "Whether jobs pass their tags on to what runs them. Default `false`.",
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(false),
			},
			"platform_capabilities": schema.SetAttribute{
				MarkdownDescription: "What it can run on: `EC2`, `FARGATE`. Default: `EC2`. Not used by `LOCAL`.",
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
					"when another is registered. Default: all.",
				Optional:   true,
				Validators: []validator.Int64{int64validator.AtLeast(1)},
			},
			"tags":       tagsAttribute(),
			"arn":        computedString("ARN of the newest revision."),
			"arn_prefix": fixedAttribute("ARN without the revision: as a job's definition it stands for the newest active one."),
			"revision":   computedInt("Number of the newest revision, from 1."),
		},
	}
}

func containerPropertiesAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: "What runs. May be left out if there is a `script`.",
		Optional:            true,
		Attributes: map[string]schema.Attribute{
			"image":   optionalString("Container image. Without one the job is a process of the machine (`LOCAL` only)."),
			"command": stringList("Program and arguments; `Ref::name` becomes the value of the parameter. Default: the image's own. The arguments of `script` if there is one."),
			"environment": schema.MapAttribute{
				MarkdownDescription: "Variables by name. Empty values are kept. Names must not begin with `AWS_BATCH`.",
				Optional:            true,
				ElementType:         types.StringType,
			},
			"resource_requirements": resourceRequirementsAttribute("What one attempt holds while it runs. Default: 1 vCPU.", true),
			"volumes":               volumesAttribute(),
			"mount_points":          mountPointsAttribute(),
			"ulimits":               ulimitsAttribute(),
			"linux_parameters":      linuxParametersAttribute(),
			"log_configuration":     logConfigurationAttribute(),
			"secrets":               secretsAttribute("Variables whose values a secret store holds. Not used by `LOCAL`."),
			"user":                  optionalString("User in the container: a name or uid, `:` and a group may follow. Default: the image's own."),
			"privileged":            optionalBool("Whether the container has the host's privileges. Default `false`."),
			"readonly_root_filesystem": optionalBool(
				"Whether the container's root file system is read-only. Default `false`."),
			"job_role_arn":       optionalString("IAM role that the job's code has. Not used by `LOCAL`."),
			"execution_role_arn": optionalString("IAM role that starts the container. Required for Fargate; not used by `LOCAL`."),
		},
	}
}

// Schemas of what a container has.

func volumesAttribute() schema.ListNestedAttribute {
	return schema.ListNestedAttribute{
		MarkdownDescription: "Directories that `mount_points` can mount. Containers only.",
		Optional:            true,
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"name": requiredString("Name: 1 to 255 letters, digits, `_` and `-`."),
			"host": schema.SingleNestedAttribute{
				MarkdownDescription: "A directory of the host. Default: an anonymous volume that is removed with the container.",
				Optional:            true,
				Attributes: map[string]schema.Attribute{
					"source_path": requiredString("Path on the host, absolute."),
				},
			},
			"efs_volume_configuration": schema.SingleNestedAttribute{
				MarkdownDescription: "An EFS file system. Not used by `LOCAL`.",
				Optional:            true,
				Validators:          []validator.Object{objectvalidator.ConflictsWith(path.MatchRelative().AtParent().AtName("host"))},
				Attributes: map[string]schema.Attribute{
					"file_system_id":     requiredString("Id of the file system."),
					"root_directory":     optionalString("Directory of the file system to mount. Default `/`."),
					"transit_encryption": optionalString("`ENABLED` or `DISABLED`. Default `DISABLED`."),
				},
			},
		}},
	}
}

func mountPointsAttribute() schema.ListNestedAttribute {
	return schema.ListNestedAttribute{
		MarkdownDescription: "Where volumes appear in the container.",
		Optional:            true,
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"source_volume":  requiredString("Name of the volume."),
			"container_path": requiredString("Path in the container, absolute."),
			"read_only":      optionalBool("Whether it cannot be written to. Default `false`."),
		}},
	}
}

func ulimitsAttribute() schema.ListNestedAttribute {
	return schema.ListNestedAttribute{
		MarkdownDescription: "Limits of the container's processes.",
		Optional:            true,
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"name":       requiredString("Name, for example `nofile`."),
			"soft_limit": requiredInt("What holds until a process raises it."),
			"hard_limit": requiredInt("How far it may be raised."),
		}},
	}
}

func linuxParametersAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: "Settings of the kernel for the container.",
		Optional:            true,
		Attributes: map[string]schema.Attribute{
			"init_process_enabled": optionalBool("Whether an init process reaps and forwards signals. Default `false`."),
			"shared_memory_size":   optionalInt("Size of `/dev/shm` in MiB.", 1, 1<<30),
			"max_swap":             optionalInt("Swap in MiB; 0 for none. Default: twice the memory, memory included.", 0, 1<<30),
			"swappiness":           optionalInt("0 to 100: how readily memory is swapped. Default 60.", 0, 100),
			"tmpfs": schema.ListNestedAttribute{
				MarkdownDescription: "Memory file systems.",
				Optional:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"container_path": requiredString("Path in the container, absolute."),
					"size":           requiredInt("Size in MiB."),
					"mount_options":  stringList("Mount options, for example `noexec`."),
				}},
			},
			"devices": schema.ListNestedAttribute{
				MarkdownDescription: "Devices of the host.",
				Optional:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"host_path":      requiredString("Path on the host."),
					"container_path": optionalString("Path in the container. Default: that of the host."),
					"permissions":    stringList("Some of `READ`, `WRITE`, `MKNOD`. Default: all."),
				}},
			},
		},
	}
}

func logConfigurationAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: "Where the container's output goes. `LOCAL` keeps it in the runtime's own log whatever is said here.",
		Optional:            true,
		Attributes: map[string]schema.Attribute{
			"log_driver":     requiredString("Driver, for example `awslogs`."),
			"options":        stringMap("Options of the driver."),
			"secret_options": secretsAttribute("Options whose values a secret store holds."),
		},
	}
}

func secretsAttribute(description string) schema.ListNestedAttribute {
	return schema.ListNestedAttribute{
		MarkdownDescription: description,
		Optional:            true,
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"name":       requiredString("Name."),
			"value_from": requiredString("ARN of the secret, or ARN or name of the parameter, that holds the value."),
		}},
	}
}
