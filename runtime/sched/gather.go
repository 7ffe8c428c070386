package sched

import (
	"fmt"
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Lookup is how [Gather] reads committed rows. What does not exist is left out of the answers.
type Lookup struct {
	Definition func(batch.DefinitionRef) (*batch.Definition, error) // of revision 0: the newest ACTIVE one
	Jobs       func([]batch.JobID) ([]batch.Job, error)
	Children   func(root batch.JobID) ([]batch.Job, error) // the rows of children or nodes, without those that have none
	ByToken    func(token string) (id batch.JobID, found bool, err error)
	PointKeys  func(root batch.JobID) ([]byte, error)
	Tags       func(resource string) (map[string]string, error)
}

// Gather returns what a command needs, except for the keys and results of [Needs].Submission, which depend on what images stand for.
func Gather(n Needs, from Lookup) (Given, error) {
	g := gathering{Lookup: from}
	for _, read := range []func(Needs) error{g.jobs, g.definition, g.pointKeys, g.tags} {
		if err := read(n); err != nil {
			return Given{}, err
		}
	}
	return g.given, nil
}

// gathering is a Given on its way.
type gathering struct {
	Lookup
	given Given
}

func (g *gathering) definition(n Needs) (err error) {
	if n.Definition.Name == "" {
		return nil
	}
	if g.given.Definition, err = g.Definition(n.Definition); err != nil {
		return fmt.Errorf("job definition %s: %w", n.Definition, err)
	}
	return nil
}

func (g *gathering) pointKeys(n Needs) (err error) {
	if n.PointKeys == "" {
		return nil
	}
	if g.given.PointKeys, err = g.PointKeys(n.PointKeys); err != nil {
		return fmt.Errorf("keys of the points of job %s: %w", n.PointKeys, err)
	}
	return nil
}

// jobs reads the jobs that a command names, the one that its token made before, and what it needs of their children and dependencies.
func (g *gathering) jobs(n Needs) error {
	ids := slices.Clone(n.Jobs)
	var existing batch.JobID
	if n.Token != "" {
		id, found, err := g.ByToken(n.Token)
		if err != nil {
			return fmt.Errorf("client token: %w", err)
		}
		if found {
			existing = id
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	g.given.Jobs = make(map[batch.JobID]batch.Job, len(ids))
	if err := g.add(ids); err != nil {
		return err
	}
	if j, ok := g.given.Jobs[existing]; ok {
		g.given.Existing = &j
	}
	parents := slices.Clone(n.Children)
	if n.Dependencies {
		jobs, arrays := g.dependencies(n.Jobs)
		if err := g.add(jobs); err != nil {
			return err
		}
		parents = append(parents, arrays...)
	}
	return g.children(parents)
}

// add adds jobs to those that are given.
func (g *gathering) add(ids []batch.JobID) error {
	if len(ids) == 0 {
		return nil
	}
	jobs, err := g.Jobs(ids)
	if err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	for _, j := range jobs {
		g.given.Jobs[j.ID] = j
	}
	return nil
}

// dependencies returns what these jobs depend on, and the arrays among it that they depend on child by child.
func (g *gathering) dependencies(of []batch.JobID) (jobs, arrays []batch.JobID) {
	for _, id := range of {
		for _, d := range g.given.Jobs[id].DependsOn {
			if d.Job == "" { // SEQUENTIAL
				continue
			}
			jobs = append(jobs, d.Job)
			if d.Kind == batch.DependNToN {
				arrays = append(arrays, d.Job)
			}
		}
	}
	return jobs, arrays
}

// children adds the rows of the children of those parents that have ended. The machine holds the others.
func (g *gathering) children(parents []batch.JobID) error {
	for _, id := range parents {
		j, known := g.given.Jobs[id]
		if _, read := g.given.Children[id]; read || !known || !j.Status.Terminal() || j.Array == nil && j.Nodes == nil {
			continue
		}
		rows, err := g.Children(id)
		if err != nil {
			return fmt.Errorf("children of job %s: %w", id, err)
		}
		if g.given.Children == nil {
			g.given.Children = map[batch.JobID][]batch.Job{}
		}
		g.given.Children[id] = rows
	}
	return nil
}

// tags reads the tags of a resource, and whether it exists, if the machine does not hold all of its kind.
func (g *gathering) tags(n Needs) (err error) {
	if n.Tags == "" {
		return nil
	}
	if g.given.Tags, err = g.Tags(n.Tags); err != nil {
		return fmt.Errorf("tags of %s: %w", n.Tags, err)
	}
	switch kind, name, _ := strings.Cut(n.Tags, "/"); kind {
	case batch.ResourceJob:
		jobs, err := g.Jobs([]batch.JobID{batch.JobID(name)})
		if err != nil {
			return fmt.Errorf("job %s: %w", name, err)
		}
		g.given.Exists = len(jobs) > 0
	case batch.ResourceDefinition:
		d, err := g.Definition(batch.ParseDefinitionRef(name))
		if err != nil {
			return fmt.Errorf("job definition %s: %w", name, err)
		}
		g.given.Exists = d != nil
	}
	return nil
}

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

// pointKey is the key of the point at index.
func (g *Given) pointKey(index int32) batch.PointKey {
	return batch.PointKey(g.PointKeys[index*batch.PointKeySize:])
}

// Needy is a [Command], or a [Query], that needs rows; T is which of the two.
type Needy[T any] interface {
	Needs() Needs
	// With returns it with what it needs.
	With(Given) T
}
