package sched

import (
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// SubmitJob submits a single job (Size 0 and no Points) or an array. It needs the definition,
// and whatever it depends on that has ended.
type SubmitJob struct {
	replies[SubmitReply]
	batch.Caller
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
	// Claim holds the submission for [batch.ClaimLapse], and then for as long as [ClaimJob] says; empty: nobody holds it.
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
	Given             Given
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

// SubmitReply names the job: the new one, the one that the same token made before, or one that was adopted.
type SubmitReply struct {
	ID      batch.JobID
	Name    string
	Adopted bool
}

// Needs implements [Needy].
func (c SubmitJob) Needs() Needs {
	n := Needs{Definition: c.Definition, Token: c.Token, Submission: &c}
	for _, d := range c.DependsOn {
		if d.Kind != batch.DependSequential {
			n.Jobs = append(n.Jobs, d.Job)
		}
		if d.Kind == batch.DependNToN {
			n.Children = append(n.Children, d.Job)
		}
	}
	return n
}

// With implements [Needy].
func (c SubmitJob) With(g Given) Command { c.Given = g; return c }

// apply accepts a submission whole or refuses it.
func (c SubmitJob) apply(m *Machine, at batch.Time) (any, error) {
	if reply, done := m.repeated(c); done {
		return c.reply(reply)
	}
	a, err := m.examine(at, c)
	if err != nil {
		return nil, err
	}
	if reply, done := m.adopt(at, c); done {
		return c.reply(reply)
	}
	m.accept(at, c, a)
	m.audit(at, c.Caller, "SubmitJob", string(c.ID))
	return c.reply(SubmitReply{ID: c.ID, Name: c.Name})
}

// repeated recognises a submission that was accepted before, by its id or its token.
func (m *Machine) repeated(c SubmitJob) (SubmitReply, bool) {
	if j, live := m.jobs[c.ID]; live {
		return SubmitReply{ID: j.row.ID, Name: j.row.Name}, true
	}
	if c.Token == "" {
		return SubmitReply{}, false
	}
	if old := c.Given.Existing; old != nil {
		return SubmitReply{ID: old.ID, Name: old.Name}, true
	}
	if id, known := m.tokens[c.Token]; known {
		return SubmitReply{ID: id, Name: c.Name}, true
	}
	return SubmitReply{}, false
}
