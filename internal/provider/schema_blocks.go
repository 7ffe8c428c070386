package provider

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/float64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/objectvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/float64default"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// What people write with names of ours in it is a block, at every depth: Terraform refuses an argument that a block does
// not have, and drops a member that a nested attribute does not have before the provider sees it. A single block keeps
// the path of an object: container_properties.image, without an index. Terraform does not let a block that is not
// written appear in a plan, so that no block has a default; an attribute in a written block may have one.

// schemaVersion is that of resources with blocks. In version 0 the blocks were nested attributes; see upgrade.go.
const schemaVersion = 1

// attributes and blocks abbreviate what every schema below consists of.
type (
	attributes = map[string]schema.Attribute
	blocks     = map[string]schema.Block
)

// block is a block that may be written once.
func block(description string, a attributes, b blocks) schema.SingleNestedBlock {
	return schema.SingleNestedBlock{MarkdownDescription: description, Attributes: a, Blocks: b}
}

// needing makes members of b required in a written block. The framework would ask for a member that is Required even
// where a single block is not written at all.
func needing(b schema.SingleNestedBlock, members ...string) schema.SingleNestedBlock {
	for _, name := range members {
		b.Validators = append(b.Validators, unlessMisnamed{objectvalidator.AlsoRequires(path.MatchRelative().AtName(name))})
	}
	return b
}

// repeated is a block that may be written several times, at most max times unless max is 0.
func repeated(description string, max int, a attributes, b blocks) schema.ListNestedBlock {
	list := schema.ListNestedBlock{MarkdownDescription: description, NestedObject: schema.NestedBlockObject{Attributes: a, Blocks: b}}
	if max > 0 {
		list.Validators = []validator.List{listvalidator.SizeAtMost(max)}
	}
	return list
}

func retryStrategyBlock(description string) schema.Block {
	pattern := func(what string) schema.StringAttribute {
		return optionalString(what + " to match, at most 512 characters; may end in `*`. All conditions given must match.")
	}
	return block(description, withWrongNames(attributes{
		"attempts": optionalInt("How often the job may run in all, 1 to 10. Default 1.", 1, maxAttempts),
	}, map[string]string{"max_attempts": "Use attempts."}), blocks{
		"evaluate_on_exit": repeated("A rule that decides whether a failed attempt is run again, at most 5, looked at in this order; "+
			"what no rule matches is run again. Needs `attempts`.", maxEvaluateOnExit, attributes{
			"action": schema.StringAttribute{
				MarkdownDescription: "`RETRY` or `EXIT`.",
				Required:            true,
				Validators:          []validator.String{stringvalidator.OneOf("RETRY", "EXIT")},
			},
			"on_exit_code":     pattern("Exit code, in decimal,"),
			"on_reason":        pattern("Reason of the container"),
			"on_status_reason": pattern("Status reason of the attempt"),
		}, nil),
	})
}

func timeoutBlock(description string) schema.Block {
	return needing(block(description, withWrongNames(attributes{
		"attempt_duration_seconds": schema.Int64Attribute{
			MarkdownDescription: "Required. Seconds after which a running attempt is ended and the job fails, at least 60. It is not run again.",
			Optional:            true,
			Validators:          []validator.Int64{int64validator.AtLeast(minAttemptSeconds)},
		},
	}, map[string]string{"seconds": "Use attempt_duration_seconds."}), nil), "attempt_duration_seconds")
}

// resourceRequirementsBlock is what a container asks for; with fill the vCPUs have a default.
func resourceRequirementsBlock(description string, fill bool) schema.Block {
	vcpu := schema.Float64Attribute{
		MarkdownDescription: "vCPUs, at most three decimals.",
		Optional:            true,
		Validators:          []validator.Float64{float64validator.AtLeast(minVCPU)},
	}
	if fill {
		vcpu.MarkdownDescription += " Default 1."
		vcpu.Computed, vcpu.Default = true, float64default.StaticFloat64(1)
	}
	const named = "Each requirement has a name of its own here: vcpu = 1, memory = 64, gpu = 1."
	return block(description, withWrongNames(attributes{
		"vcpu":   vcpu,
		"memory": optionalInt("Memory in MiB, at least 4: reserved, and a limit. Default: none is reserved and there is no limit.", minMemoryMiB, 1<<30),
		"gpu":    optionalInt("GPUs. Default: none.", 1, 1<<10),
	}, map[string]string{"type": named, "value": named, "memory_mib": "Use memory, in MiB."}), nil)
}
