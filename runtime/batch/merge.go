package batch

import "encoding/json"

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
