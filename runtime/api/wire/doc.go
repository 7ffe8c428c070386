// Package wire holds the request and response shapes of the AWS Batch API, of our
// extensions to it, their field rules and their strict decoding. It knows nothing of
// what the shapes mean together: rules between objects, storage and transport live
// elsewhere.
//
// A pointer, or a nil slice or map, is a member that is absent; an empty slice, map
// or string behind a pointer is one that is present and empty. Times are
// milliseconds since the Unix epoch. Everything of ours that AWS does not have sits
// in a member named batchd.
package wire
