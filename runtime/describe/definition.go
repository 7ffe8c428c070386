package describe

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// Definition is what describing a job takes from its job definition.
type Definition struct {
	name         string
	capabilities []string
	container    *wire.ContainerProperties
	nodes        *wire.NodeProperties
}

// Definitions reads the definitions of jobs. One that is not stored is there by its name alone.
func Definitions(ctx context.Context, r store.Reader, jobs []batch.Job) (map[batch.DefinitionRef]*Definition, error) {
	refs := newSet[batch.DefinitionRef]()
	for _, j := range jobs {
		refs.add(j.Definition)
	}
	found, err := r.Definitions(ctx, store.DefinitionQuery{Refs: refs.list})
	if err != nil {
		return nil, err
	}
	definitions := make(map[batch.DefinitionRef]*Definition, len(refs.list))
	for _, d := range found {
		if definitions[d.Ref()], err = definitionOf(d); err != nil {
			return nil, err
		}
	}
	for _, ref := range refs.list {
		if definitions[ref] == nil {
			definitions[ref] = &Definition{name: ref.Name, capabilities: []string{wire.PlatformEC2}}
		}
	}
	return definitions, nil
}

func definitionOf(d batch.Definition) (*Definition, error) {
	var document struct {
		PlatformCapabilities []string                  `json:"platformCapabilities"`
		ContainerProperties  *wire.ContainerProperties `json:"containerProperties"`
		NodeProperties       *wire.NodeProperties      `json:"nodeProperties"`
	}
	document.PlatformCapabilities = []string{wire.PlatformEC2}
	if len(d.Body) > 0 {
		if err := json.Unmarshal(d.Body, &document); err != nil {
			return nil, fmt.Errorf("stored job definition %s: %w", d.Ref(), err)
		}
	}
	if document.ContainerProperties != nil && slices.Contains(document.PlatformCapabilities, wire.PlatformFargate) {
		document.ContainerProperties.FillFargate()
	}
	return &Definition{name: d.Name, capabilities: document.PlatformCapabilities, container: document.ContainerProperties, nodes: document.NodeProperties}, nil
}

// node returns how node index was registered; nothing if it was not.
func (d *Definition) node(index int32) wire.NodeRangeProperty {
	if d.nodes == nil {
		return wire.NodeRangeProperty{}
	}
	pieces, err := d.nodes.Pieces()
	if err != nil { // it was valid when it was registered
		return wire.NodeRangeProperty{}
	}
	of := pieces[len(pieces)-1] // describes the nodes that a submission added, too
	for _, piece := range pieces {
		if index >= piece.From && index <= piece.To {
			of = piece
		}
	}
	return d.nodes.NodeRangeProperties[of.Range]
}

// containerOf returns how the container of a job, or of a node, was registered; nil if it was not.
func (d *Definition) containerOf(id batch.JobID) *wire.ContainerProperties {
	if _, index, node := id.SplitNode(); node {
		return d.node(index).Container
	}
	return d.container
}

// LogName is where output is found: in a log group, in streams whose names begin with a prefix.
type LogName struct{ Group, Prefix string }

// LogNameOf is where the output of a container of a job definition is found. L is what the container says of it.
func LogNameOf(definition string, l *wire.LogConfiguration) LogName {
	if l == nil || l.LogDriver != wire.DriverAwslogs {
		return LogName{batch.DefaultLogGroup, definition}
	}
	return LogName{
		cmp.Or(l.Options[wire.OptionLogGroup], batch.DefaultLogGroup),
		cmp.Or(l.Options[wire.OptionLogPrefix], definition),
	}
}

// LogName is where the output of a job is found, or of a node of one.
func (d *Definition) LogName(id batch.JobID) LogName { return d.logNameOf(d.containerOf(id)) }

// logNameOf is where the output of a container of the definition is found; container may be nil.
func (d *Definition) logNameOf(container *wire.ContainerProperties) LogName {
	if container == nil {
		return LogNameOf(d.name, nil)
	}
	return LogNameOf(d.name, container.LogConfiguration)
}

// LogStream names the log of an attempt in AWS's form.
func (d *Definition) LogStream(a batch.AttemptID) string {
	return d.LogName(a.Job).Prefix + "/" + ContainerName + "/" + TaskID(a)
}

// WritesTo reports whether output of jobs of the definition is found in a log group.
func (d *Definition) WritesTo(group string) bool {
	if d.nodes == nil {
		return d.LogName("").Group == group
	}
	return slices.ContainsFunc(d.nodes.NodeRangeProperties, func(r wire.NodeRangeProperty) bool {
		return d.logNameOf(r.Container).Group == group
	})
}
