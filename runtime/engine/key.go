package engine

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// forKeys returns s as keys are made from it: a script is represented by its hash, so that the children of
// an array do not each hash it again.
func forKeys(s batch.Spec) *batch.Spec {
	if s.Container.Script != "" {
		sum := sha256.Sum256([]byte(s.Container.Script))
		s.Container.Script = "sha256:" + hex.EncodeToString(sum[:])
	}
	return &s
}

// contentKeys returns the key of every child, or that of a single job (size 0).
func contentKeys(s batch.Spec, points []map[string]string, size int, digest string) []string {
	container := s.Container.Image != ""
	spec := forKeys(s)
	if size == 0 {
		return []string{batch.ContentKey(batch.BaseKey(spec, nil, -1), digest, container)}
	}
	keys := make([]string, size)
	for i := range keys {
		var point map[string]string
		if len(points) > 0 {
			point = ownPoint(points[i])
		}
		keys[i] = batch.ContentKey(batch.BaseKey(spec, point, int32(i)), digest, container)
	}
	return keys
}
