// Package metadata tells attempts about themselves in the shape of Amazon ECS's task metadata endpoint, version 4, at the URLs
// that they find in ECS_CONTAINER_METADATA_URI_V4. It reads the store and does not know the engine or the API. The caller of
// [New] decides on which address the handler is served.
package metadata
