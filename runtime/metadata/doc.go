// Package metadata tells attempts about themselves in the shape of Amazon ECS's task metadata endpoint, version 4, at the URLs
// that they find in ECS_CONTAINER_METADATA_URI_V4. It reads the store and does not know the engine or the API. [Listen]
// says on which address the handler is served, the same after a restart; the caller serves it there.
package metadata
