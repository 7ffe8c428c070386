package registry

import (
	"maps"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// SetTags adds the row of a resource's tags to a delta; none removes it.
func SetTags(d *batch.Delta, resource string, tags map[string]string) {
	d.Tags = append(d.Tags, batch.Tags{Resource: resource, Values: maps.Clone(tags)})
}

// ChangeTags returns the tags of a resource with set merged in and remove taken out; what is in both is set. It refuses more
// tags than a resource may have.
func ChangeTags(resource string, tags, set map[string]string, remove []string) (map[string]string, error) {
	changed := make(map[string]string, len(tags)+len(set))
	maps.Copy(changed, tags)
	for _, name := range remove {
		delete(changed, name)
	}
	maps.Copy(changed, set)
	if len(changed) > maxTags {
		return nil, batch.Errorf(batch.InvalidRequest, "tags: %s would have %d; at most %d are allowed", resource, len(changed), maxTags)
	}
	return changed, nil
}
