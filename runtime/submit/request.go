package submit

import (
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Request asks for a single job (Size 0 and no Points), an array or, with a definition that says so, a multi-node job.
type Request struct {
	ID            batch.JobID
	Name          string
	Queue         string
	Definition    batch.DefinitionRef
	Size          int32
	Points        []map[string]string // len is the size
	DependsOn     []batch.Dependency
	Parameters    map[string]string
	Overrides     Overrides
	Retry         *batch.Retry
	Timeout       *time.Duration
	PropagateTags *bool
	Tags          map[string]string
	Inputs        map[string]string
	Triggers      map[string]string // take part in the keys of its points, and in nothing else
	Script        string            // replaces the definition's; empty keeps it
	Reuse         bool
	// Readable are patterns of the names of the queues whose results it may take; empty: every queue.
	Readable []string
	// Reach is the most that its attempts may reach of the machine they run on; 0: everything.
	Reach batch.Reach
	// Claim holds the submission for [batch.ClaimLapse], and then for as long as its holder says; empty: nobody holds it.
	Claim string
	// Adopt, of a submission with a claim and Reuse, adds the claim to a live submission of the same queue, name and key, if
	// there is one, and makes no other.
	Adopt    bool
	Share    string // required in a queue with a fair-share policy, refused in another
	Priority *int32 // schedulingPriorityOverride, 0..9999
	// MaxConcurrency is how many children may be live at once; 0: no bound.
	MaxConcurrency int32
	// FailOnResultError makes an attempt fail whose result is not taken.
	FailOnResultError bool
	Consumables       []batch.Need // nil keeps the definition's
	Nodes             NodeOverrides
	Token             string // recognises a repeated submit; empty for none
	Body              []byte
}

// NodeOverrides change the nodes of a multi-node job.
type NodeOverrides struct {
	Count  *int32 // nil keeps the definition's
	Ranges []NodeOverride
}

// NodeOverride changes the nodes From..To, inclusive; To -1 is the last node.
type NodeOverride struct {
	From, To    int32
	Overrides   Overrides
	Consumables []batch.Need // nil keeps
}

// Overrides are the containerOverrides of a submission; nil fields keep the definition's.
type Overrides struct {
	Command     []string // nil keeps
	Environment []batch.EnvVar
	MilliCPU    *int64
	MemoryMiB   *int64
	GPUs        *int64
	// DeprecatedMilliCPU and DeprecatedMemoryMiB are what vcpus and memory say. They change only what the definition
	// says by the same members.
	DeprecatedMilliCPU  *int64
	DeprecatedMemoryMiB *int64
}

func (o Overrides) empty() bool {
	return o.Command == nil && len(o.Environment) == 0 && o.MilliCPU == nil && o.MemoryMiB == nil && o.GPUs == nil
}
