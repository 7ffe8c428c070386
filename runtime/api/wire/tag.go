package wire

// ListTagsForResourceResponse holds the tags of a resource.
type ListTagsForResourceResponse struct {
	Tags map[string]string `json:"tags"`
}

// TagResourceRequest adds tags; a key that exists gets the new value. The ARN is in the path.
type TagResourceRequest struct {
	Tags map[string]string `json:"tags,omitzero"`
}

// UntagResourceRequest removes tags. It has no body: the ARN is in the path and the
// keys are tagKeys parameters of the query.
type UntagResourceRequest struct {
	TagKeys []string `json:"-"`
}

// Empty is an object without members: the answer of operations that have nothing to say.
type Empty struct{}

// ShownTags are the tags of a resource as answers show them: an object, even if there are none.
func ShownTags(tags map[string]string) map[string]string {
	if tags == nil {
		return map[string]string{}
	}
	return tags
}
