package wire

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// ContentKey hashes what determines the results of submitting request against
// definition: what runs, with which parameters, points, inputs and resources, after
// which jobs, and the triggers. Names, ARNs, revisions, tags, priorities, retries,
// timeouts and how it is submitted take no part, and neither does whether something
// empty is given or absent. The key is lower-case hex; it never matches that of another
// order of points, since results are in their order. An error means that a document
// cannot be JSON.
func ContentKey(definition *JobDefinition, request *SubmitJobRequest, triggers map[string]string) (string, error) {
	d, r := *definition, *request
	d = JobDefinition{
		Type: d.Type, Parameters: d.Parameters, ContainerProperties: d.ContainerProperties, EcsProperties: d.EcsProperties,
		EksProperties: d.EksProperties, NodeProperties: d.NodeProperties, PlatformCapabilities: d.PlatformCapabilities, Batchd: d.Batchd,
	}
	r = SubmitJobRequest{
		ArrayProperties: r.ArrayProperties, DependsOn: r.DependsOn, Parameters: r.Parameters, ContainerOverrides: r.ContainerOverrides,
		EcsPropertiesOverride: r.EcsPropertiesOverride, EksPropertiesOverride: r.EksPropertiesOverride, NodeOverrides: r.NodeOverrides,
		Batchd: r.Batchd,
	}
	if r.Batchd != nil {
		r.Batchd = &SubmitJobExtension{Points: r.Batchd.Points, Inputs: r.Batchd.Inputs}
	}
	text, err := canonical(map[string]any{"definition": d, "request": r, "triggers": triggers})
	if err != nil {
		return "", fmt.Errorf("content key: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// canonical returns document as JSON with members in order of name and without members
// that are null, empty lists or empty objects. Elements of lists stay.
func canonical(document any) ([]byte, error) {
	text, err := json.Marshal(document)
	if err != nil {
		return nil, err
	}
	var tree any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&tree); err != nil {
		return nil, err
	}
	return json.Marshal(prune(tree))
}

func prune(node any) any {
	switch n := node.(type) {
	case map[string]any:
		for name, member := range n {
			if member = prune(member); hollow(member) {
				delete(n, name)
				continue
			}
			n[name] = member
		}
	case []any:
		for i := range n {
			n[i] = prune(n[i])
		}
	}
	return node
}

func hollow(node any) bool {
	switch n := node.(type) {
	case nil:
		return true
	case map[string]any:
		return len(n) == 0
	case []any:
		return len(n) == 0
	}
	return false
}
