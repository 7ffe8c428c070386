package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// Limits and defaults of batch_job.
const (
	minArraySize       = 2
	maxArraySize       = 1_000_000
	maxDependencies    = 20
	defaultResultBytes = 1 << 20
	maxResultBytes     = 64 << 20
)

const jobDescription = `A job that runs during apply: a single one, an array, or a sweep over a matrix of parameters.

Terraform waits until it has ended and keeps the results in the state. A job that fails is an error that names the points that failed, why, and the last lines of their logs; the next apply submits it again **with reuse**, so that only what failed runs. The same holds for a change: of a changed ` + "`matrix`" + `, definition or input only new and changed points run.

* Whether anything is submitted is decided by the content key: a hash of what runs and of its parameters, inputs, overrides and ` + "`triggers`" + `, and of the content keys of the jobs it depends on. An apply whose key is that of the state submits nothing, even when the definition has a new revision. The guide [Content keys, reuse, joining and claims](../guides/identity.md) has the whole list, and a table of what each of Terraform's actions means for a job.
* A point whose key is that of one that has succeeded takes its result, and one whose key is that of one that runs waits for it; ` + "`results[*].reused_from`" + ` says of which job a result is. So the points of a sweep that have not changed go on while the sweep is changed.
* Resources that ask for the same work while it goes on share one job: instances made by ` + "`count`" + `, workspaces, and the next apply after Terraform was killed. The same work is that of the same queue, name and content key. Each holds a claim on the job, and the job is ended early only with the last of them. With ` + "`reuse = false`" + ` nothing is shared.
* Everything but ` + "`name`" + ` is changed in place. Changes of ` + "`job_queue`, `reuse`, `retry_strategy`, `timeout`" + ` take effect with the next submission and do not cause one.
* A job that has not ended within ` + "`timeouts`" + ` is an error, so that nothing that depends on it is applied; ` + "`on_timeout = \"warn\"`" + ` makes it a warning. The job goes on, and the next apply waits for the same job. Where the error was one of the apply that made the resource, Terraform marks the resource as tainted, and the plan shows a replacement: it runs nothing twice.
* An apply that is interrupted (Ctrl-C) ends with a warning. Terraform applies nothing more, the job goes on, and the next apply waits for it again. A second Ctrl-C ends Terraform before it saves the state: the next apply then finds the job by its queue, name and content key, unless ` + "`reuse = false`" + ` makes it submit another.
* ` + "`terraform apply -replace`, `replace_triggered_by`" + ` and ` + "`terraform taint`" + ` of a job that succeeded run every point again and take no earlier result; later changes are incremental again. With ` + "`create_before_destroy`" + ` Terraform does not tell the provider of such a request: change ` + "`triggers`" + ` instead.
* Destroying it ends what still runs, unless another resource holds the same job. Records, results and logs stay with the runtime as long as it keeps them.
* An import reads back what was submitted, except for ` + "`reuse` and `on_result_error`" + `, which the runtime does not report: a configuration that sets them shows an update of them. If the configuration differs from that, the plan shows an update, and the content key decides whether the update submits anything. A job that failed is submitted again, as its plan says. An imported command in ` + "`container_overrides`" + ` has the values of the parameters in place of ` + "`Ref::name`" + `.
* Refer to a definition by its ` + "`arn`" + `: by name alone, a new revision does not reach the job.`

// Schema describes batch_job.
func (*jobResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	all := attributes{
		"name": nameAttribute("Name:"),
		"job_queue": schema.StringAttribute{
			MarkdownDescription: "Job queue, by name or ARN.",
			Required:            true,
			CustomType:          referenceType{},
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			PlanModifiers:       []planmodifier.String{keepEquivalentReferences{}},
		},
		"job_definition": requiredString("Job definition, by ARN, `name:revision`, or name for the newest active revision."),
		"parameters":     stringMap("Parameters of every point, over those of the definition: for `Ref::name` in the command and as variables `BATCH_PARAM_<NAME>`."),
		"depends_on_jobs": schema.ListAttribute{
			MarkdownDescription: "Ids or ARNs of jobs that must have succeeded first, at most 20. If one fails, this job fails without running.",
			Optional:            true,
			ElementType:         types.StringType,
			Validators:          []validator.List{listvalidator.SizeBetween(1, maxDependencies), listvalidator.NoNullValues()},
		},
		"inputs":   stringMap("What the job reads: any name → SHA-256 in lower-case hex, for example `filesha256(\"data.csv\")`. Part of the content key, and recorded with the job."),
		"triggers": stringMap("Anything else whose change is to run the job again. Part of the content key; the job does not see it."),
		"reuse": schema.BoolAttribute{
			MarkdownDescription: "Whether a point whose content equals that of one that has succeeded before takes its result and does not run. Default `true`.",
			Optional:            true,
			Computed:            true,
			Default:             booldefault.StaticBool(true),
		},
		"wait_for_completion": schema.BoolAttribute{
			MarkdownDescription: "Whether apply waits until the job has ended. Without, the state shows what the last refresh saw, and `results` are there once it has ended. Default `true`.",
			Optional:            true,
			Computed:            true,
			Default:             booldefault.StaticBool(true),
		},
		"result_bytes_limit": schema.Int64Attribute{
			MarkdownDescription: "Bytes of `result_json` that the state keeps for this job, 0 to 67108864. What is over it is left out and marked `result_truncated`. Default 1048576 (1 MiB).",
			Optional:            true,
			Computed:            true,
			Default:             int64default.StaticInt64(defaultResultBytes),
			Validators:          []validator.Int64{int64validator.Between(0, maxResultBytes)},
		},
		"sensitive_parameters": stringSet("Names of parameters whose values are secret: errors and warnings, which name a point by its parameters, leave them out. What a job prints is shown as it is where a point fails. " +
			"The state, the runtime's records and the job itself have every parameter in clear; a secret is better given by a file that the job reads."),
		"tags": tagsAttribute(),
	}
	maps.Copy(all, sweepAttributes())
	maps.Copy(all, failureAttributes())
	maps.Copy(all, submissionAttributes())
	maps.Copy(all, jobOutcomeAttributes())
	resp.Schema = schema.Schema{MarkdownDescription: jobDescription, Version: schemaVersion, Attributes: all, Blocks: blocks{
		"container_overrides": containerOverridesBlock(),
		"retry_strategy":      retryStrategyBlock("How often a failed point is run again. Default: what the definition says."),
		"timeout":             timeoutBlock("How long one attempt may run. Default: what the definition says."),
		"timeouts":            timeoutsBlock(ctx),
	}}
}

// sweepAttributes declare the points of a sweep, or the size of an array.
func sweepAttributes() attributes {
	sized := path.MatchRoot("array_size")
	return attributes{
		"matrix": schema.MapAttribute{
			MarkdownDescription: "Values of each parameter; every combination is a point, in the order of the sorted names, the last changing fastest. " +
				"Numbers and booleans become strings. A point's parameters are variables `BATCH_PARAM_<NAME>` and `Ref::name` in the command.",
			Optional:    true,
			ElementType: types.ListType{ElemType: types.StringType},
			Validators: []validator.Map{
				mapvalidator.SizeAtLeast(1),
				mapvalidator.NoNullValues(),
				mapvalidator.ValueListsAre(listvalidator.NoNullValues()),
				mapvalidator.ConflictsWith(sized),
			},
		},
		"include": schema.ListAttribute{
			MarkdownDescription: "Maps of parameters. One extends each point of `matrix` that has all the values it gives for names of `matrix`; " +
				"one that extends none is a point of its own.",
			Optional:    true,
			ElementType: types.MapType{ElemType: types.StringType},
			Validators: []validator.List{
				listvalidator.NoNullValues(),
				listvalidator.ValueMapsAre(mapvalidator.NoNullValues()),
				listvalidator.ConflictsWith(sized),
			},
		},
		"exclude": schema.ListAttribute{
			MarkdownDescription: "Maps of parameters: each takes away the points of `matrix` that have all its values. Applied before `include`.",
			Optional:            true,
			ElementType:         types.MapType{ElemType: types.StringType},
			Validators: []validator.List{
				listvalidator.NoNullValues(),
				listvalidator.ValueMapsAre(mapvalidator.NoNullValues()),
				listvalidator.AlsoRequires(path.MatchRoot("matrix")),
			},
		},
		"array_size": optionalInt("Size of an array whose points differ only in `AWS_BATCH_JOB_ARRAY_INDEX`, 2 to 1000000; the runtime's own limit is 10000 unless it is configured. Not with `matrix` or `include`.",
			minArraySize, maxArraySize),
	}
}

// Values of on_timeout.
const (
	asError   = "error"
	asWarning = "warn"
)

// failureAttributes say what becomes of an apply whose job fails, does not end in time or can never run.
func failureAttributes() attributes {
	oneOf := func(description string, values ...string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Optional: true, Validators: []validator.String{stringvalidator.OneOf(values...)}}
	}
	return attributes{
		"on_timeout": oneOf("How it is reported if the job has not ended within `timeouts`: `error`, so that nothing that depends on the job is applied, or `warn`. "+
			"The job goes on in both cases, and the next apply waits for it again. Default `error`.", asError, asWarning),
		"on_result_error": oneOf("What becomes of a point that exits with 0 and leaves a result that cannot be taken, see `result_error`: with `warn` it succeeds without a result, with a warning; "+
			"with `fail` it fails, and is retried as after any other failure. Default `warn`.", wire.OnResultErrorWarn, wire.OnResultErrorFail),
		"fail_when_stuck": schema.StringAttribute{
			MarkdownDescription: "How long to wait for a job that can never run as things are, for example because it asks for more vCPUs than any compute environment of its queue may hold. " +
				"A duration of at least `1s`, or `0s` to wait as long as `timeouts` allows. Default `5m`.",
			Optional:   true,
			Validators: []validator.String{durationValidator{orZero: true}},
		},
	}
}

func containerOverridesBlock() schema.Block {
	return block("What is different from the definition's container.", withWrongNames(attributes{
		"command":     stringList("Program and arguments, instead of the definition's."),
		"environment": stringMap("Variables by name, merged over the definition's."),
	}, oldRequirements()), blocks{
		"resource_requirements": resourceRequirementsBlock("What one attempt holds; each one given goes before the definition's.", false),
	})
}

func timeoutsBlock(ctx context.Context) schema.Block {
	const duration = " A duration such as `90m` or `24h`."
	return timeouts.Block(ctx, timeouts.Opts{
		Create: true, Update: true, Delete: true,
		CreateDescription: "How long to wait for the job to end. Default `24h`." + duration,
		UpdateDescription: "How long to wait for the job to end when it was submitted or resumed by a change. Default `24h`." + duration,
		DeleteDescription: "How long to wait for what still runs to end. Default `10m`." + duration,
	})
}

// submissionAttributes are what an apply notes for the next one.
func submissionAttributes() attributes {
	return attributes{
		"claim": fixedAttribute("Id of the claim that this resource holds on its job. Resources that ask for the same work at the same time share a job, " +
			"which is ended early only when the last claim on it is given up."),
		"rerun": schema.BoolAttribute{
			MarkdownDescription: "Whether the job was submitted to run every point, because the resource was replaced on request.",
			Computed:            true,
		},
		"wait_failed": schema.BoolAttribute{
			MarkdownDescription: "Whether the apply that made this resource ended in an error although the job had not failed, for example because of `timeouts`. Terraform replaces such a resource, and the replacement takes up the same job.",
			Computed:            true,
		},
	}
}

// jobOutcomeAttributes are what a job came to. They become unknown in a plan exactly when
// something may be submitted or waited for.
func jobOutcomeAttributes() attributes {
	return attributes{
		"job_id":            computedString("Id of the job."),
		"arn":               computedString("ARN of the job."),
		"content_key":       computedString("Hash of what determines the results."),
		"status":            computedString("`SUBMITTED`, `PENDING`, `RUNNABLE`, `STARTING`, `RUNNING`, `SUCCEEDED` or `FAILED`."),
		"status_reason":     computedString("Why it has that status."),
		"exit_code":         computedInt("Exit code of a single job; null for an array."),
		"created_at":        computedString("When it was submitted, RFC 3339."),
		"started_at":        computedString("When a single job started, RFC 3339; null for an array, and if nothing ran."),
		"stopped_at":        computedString("When it ended, RFC 3339."),
		"points_total":      computedInt("How many points there are; 1 for a single job."),
		"points_ran":        computedInt("How many of them have run for this submission and ended."),
		"points_reused":     computedInt("How many took the result of an earlier run."),
		"points_failed":     computedInt("How many failed."),
		"results_truncated": computedInt("How many results are not in the state because of `result_bytes_limit`."),
		"points": schema.ListAttribute{
			MarkdownDescription: "Parameters of each point of a sweep, in the order of `results`; empty for any other job. They are sensitive, since a value of `matrix` may be. " +
				"Where none is, `nonsensitive(batch_job.example.points)` can be used like any other value.",
			Computed:    true,
			Sensitive:   true,
			ElementType: pointType,
		},
		"results": schema.ListNestedAttribute{
			MarkdownDescription: "What became of each point, in the order of the points; empty until the job has ended.",
			Computed:            true,
			NestedObject: schema.NestedAttributeObject{Attributes: attributes{
				"index":         computedInt("Place of the point, from 0."),
				"job_id":        computedString("Id of the job that is this point."),
				"status":        computedString("`SUCCEEDED` or `FAILED`."),
				"status_reason": computedString("Why."),
				"exit_code":     computedInt("Exit code of the last attempt; null if it had none."),
				"attempts":      computedInt("How often it ran."),
				"reused":        schema.BoolAttribute{MarkdownDescription: "Whether the result is that of another job's run.", Computed: true},
				"reused_from":   computedString("Id of the job whose result it is; null if the point ran itself."),
				"reused_at":     computedString("When that job ended, RFC 3339."),
				"result_json": computedString("The JSON that the point left in the file named by `BATCH_RESULT_FILE`, for `jsondecode`: at most 65536 bytes (64 KiB), nested at most 128 deep. " +
					"Null if it left none, and if `result_error` or `result_truncated` is set."),
				"result_error":     computedString("Why the runtime did not take the result that the point left, for example because it is not JSON (`NaN` is not) or is too large. Null if it took it, and if there is none. No other job takes such a point for its own result."),
				"result_truncated": schema.BoolAttribute{MarkdownDescription: "Whether `result_json` was left out because of `result_bytes_limit`.", Computed: true},
			}},
		},
	}
}
