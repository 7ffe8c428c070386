package taskdef

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"unicode/utf8"
)

// measure returns the size of a request as JSON, and the hash of that. Members that are empty do not count, so that a hash stays the same when
// the SDK gets new ones.
func measure(request any) (size int, hash string) {
	text := canonical(request)
	sum := sha256.Sum256(text)
	return len(text), hex.EncodeToString(sum[:hashBytes])
}

// characters is how many characters a request has as JSON.
func characters(request any) int { return utf8.RuneCount(canonical(request)) }

// canonical is a request as JSON, without what is empty and with sorted members.
func canonical(request any) []byte {
	text, err := json.Marshal(request)
	if err == nil {
		var tree any
		if err = json.Unmarshal(text, &tree); err == nil {
			var out bytes.Buffer
			encoder := json.NewEncoder(&out)
			encoder.SetEscapeHTML(false)
			if err = encoder.Encode(pruned(tree)); err == nil {
				return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
			}
		}
	}
	panic("taskdef: a request does not marshal: " + err.Error())
}

// pruned is a JSON value without members that are null or empty; false and 0 stay where the SDK has pointers, and are as good as empty elsewhere.
func pruned(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			if member = pruned(member); member == nil || member == "" {
				delete(v, name)
				continue
			}
			v[name] = member
		}
	case []any:
		for i := range v {
			v[i] = pruned(v[i])
		}
	}
	return v
}
