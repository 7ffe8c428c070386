package batch

import (
	"bytes"
	"encoding/json"
)

// MergePatch returns document with patch merged in: objects member by member, anything
// else replaced, null removed (RFC 7386). It is how an update keeps the members of the
// stored document that the request leaves out.
func MergePatch(document, patch []byte) ([]byte, error) {
	var base, change any
	if len(document) > 0 {
		if err := json.Unmarshal(document, &base); err != nil {
			return nil, err
		}
	}
	if err := json.Unmarshal(patch, &change); err != nil {
		return nil, err
	}
	return json.Marshal(merge(base, change))
}

func merge(base, change any) any {
	members, ok := change.(map[string]any)
	if !ok {
		return change
	}
	merged, ok := base.(map[string]any)
	if !ok {
		merged = map[string]any{}
	}
	for name, value := range members {
		if value == nil {
			delete(merged, name)
			continue
		}
		merged[name] = merge(merged[name], value)
	}
	return merged
}

// UpdateDocument merges the patch of a client's update into a stored document. An empty patch changes nothing; one that is
// not a JSON object is an [InvalidRequest].
func UpdateDocument(document, patch []byte) ([]byte, error) {
	if len(patch) == 0 {
		return document, nil
	}
	merged, err := MergePatch(document, patch)
	if err != nil {
		return nil, errNotObject(err)
	}
	return merged, nil
}

// ReplaceMembers is [UpdateDocument] of an update that replaces members whole: what a member of the patch leaves out is
// at its default, and not what it was. For example {"a":{"x":1,"y":2}} patched with {"a":{"x":3}} is {"a":{"x":3}}.
func ReplaceMembers(document, patch []byte) ([]byte, error) {
	if len(bytes.TrimSpace(patch)) == 0 {
		return document, nil
	}
	members := map[string]json.RawMessage{}
	if err := json.Unmarshal(patch, &members); err != nil {
		return nil, errNotObject(err)
	}
	for name := range members {
		members[name] = json.RawMessage("null")
	}
	cleared, err := json.Marshal(members) // in the order of the names
	if err != nil {
		return nil, errNotObject(err)
	}
	if document, err = UpdateDocument(document, cleared); err != nil {
		return nil, err
	}
	return UpdateDocument(document, patch)
}

func errNotObject(err error) error {
	return Errorf(InvalidRequest, "the request is not a JSON object: %v", err)
}
