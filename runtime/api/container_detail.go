package api

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// definitionDocument is what describing a job takes from its definition.
type definitionDocument struct {
	PlatformCapabilities []string                  `json:"platformCapabilities"`
	ContainerProperties  *wire.ContainerProperties `json:"containerProperties"`
}

func documentOf(d batch.Definition) (definitionDocument, error) {
	document := definitionDocument{PlatformCapabilities: []string{"EC2"}}
	if len(d.Body) == 0 {
		return document, nil
	}
	if err := json.Unmarshal(d.Body, &document); err != nil {
		return document, fmt.Errorf("stored job definition %s: %w", d.Ref(), err)
	}
	return document, nil
}

// containerDetail is the definition's container with what the submission resolved it to, and how the
// current or last attempt goes or went.
func (s *server) containerDetail(j batch.Job, spec batch.Spec, parameters map[string]string, document definitionDocument, attempts []batch.Attempt) *wire.ContainerDetail {
	d := &wire.ContainerDetail{ExitCode: j.ExitCode, Reason: j.Reason}
	if document.ContainerProperties != nil {
		d.ContainerProperties = *document.ContainerProperties
	}
	d.Command = batch.ResolveCommand(spec.Container.Command, parameters)
	if d.Command == nil {
		d.Command = []string{}
	}
	d.Environment = []wire.KeyValuePair{}
	for _, v := range spec.Container.Environment {
		d.Environment = append(d.Environment, wire.KeyValuePair(v))
	}
	d.Vcpus, d.Memory = nil, nil
	d.ResourceRequirements = requirements(spec.Container.Shape)
	switch {
	case j.Run != nil:
		d.TaskArn, d.ContainerInstanceArn = s.taskARN(j.Run.Environment, j.AttemptID()), s.instanceARN(j.Run.Environment, j.Run.Host)
		if j.Run.Log.Segment != 0 {
			d.LogStreamName = logStream(j, j.AttemptID())
		}
	case len(attempts) > 0:
		last := attempts[len(attempts)-1]
		d.TaskArn, d.ContainerInstanceArn = s.taskARN(last.Environment, last.ID), s.instanceARN(last.Environment, last.Host)
		if last.Log.From.Segment != 0 {
			d.LogStreamName = logStream(j, last.ID)
		}
	}
	return d
}

func requirements(s batch.Shape) []wire.ResourceRequirement {
	vcpus := strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%d.%03d", s.MilliCPU/1000, s.MilliCPU%1000), "0"), ".")
	list := []wire.ResourceRequirement{{Type: wire.ResourceVCPU, Value: vcpus}}
	if s.MemoryMiB > 0 {
		list = append(list, wire.ResourceRequirement{Type: wire.ResourceMemory, Value: strconv.FormatInt(s.MemoryMiB, 10)})
	}
	if s.GPUs > 0 {
		list = append(list, wire.ResourceRequirement{Type: wire.ResourceGPU, Value: strconv.FormatInt(s.GPUs, 10)})
	}
	return list
}
