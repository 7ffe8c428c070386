package sched

import (
	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Needs is what a command has to be given from the store before it can be applied.
type Needs struct {
	Definition batch.DefinitionRef // zero Name: none
	Jobs       []batch.JobID
	// Children are arrays and multi-node jobs of which the rows of the children are wanted, if they have ended;
	// Dependencies says the same of what a job in Jobs depends on.
	Children     []batch.JobID
	Dependencies bool
	Token        string
	PointKeys    batch.JobID // the submission the keys of whose points are wanted
	Tags         string      // the resource whose tags are wanted
	// Submission is what the keys of its content, of what it depends on and of its points are wanted of, and the results that
	// it may take again; nil: none.
	Submission *SubmitJob
	// InTurn says that what is given cannot be checked again in memory: one such command is applied before the rows for the next
	// one are read.
	InTurn bool
}

// Given is the answer to [Needs]. It is read before the command is applied; whatever can
// change meanwhile is checked again in memory.
type Given struct {
	Definition *batch.Definition // nil: there is none
	Jobs       map[batch.JobID]batch.Job
	// Children are the rows that children of an ended array have, by index; not those that its row speaks for.
	Children map[batch.JobID][]batch.Job
	Existing *batch.Job // the job that Token made before
	// Key is the content key of a submission, Upstream that of what it depends on; PointKeys are the keys of its points, nil
	// if it may not share work, and ImageDigest is what its image stands for, empty if that is not known.
	Key         string
	Upstream    batch.Upstream
	PointKeys   []byte
	ImageDigest string
	// Reusable maps the index of a child (0 for a single job) to a job that succeeded with equal content.
	Reusable map[int32]batch.Job
	Tags     map[string]string
	Exists   bool
}

// Needy is a [Command], or a [Query], that needs rows; T is which of the two.
type Needy[T any] interface {
	Needs() Needs
	// With returns it with what it needs.
	With(Given) T
}

// pointKey is the key of the point at index.
func (g *Given) pointKey(index int32) batch.PointKey {
	return batch.PointKey(g.PointKeys[index*batch.PointKeySize:])
}
