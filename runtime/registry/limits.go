package registry

const (
	// maxKeys is how many access keys may be valid at once.
	maxKeys = 1000
	// maxTags is how many tags a resource may have (AWS: 50).
	maxTags = 50
)
