// Package metadata tells attempts about themselves in the shape of Amazon ECS's task metadata endpoint, version 4, at the URLs
// that they find in ECS_CONTAINER_METADATA_URI_V4. It reads the store like any other reader, and knows nothing of the engine and
// the API. Who listens, and where, is wiring: see [New].
package metadata
