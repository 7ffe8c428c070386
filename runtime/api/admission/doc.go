// Package admission decides which requests are served and when, so that no caller can keep others from being served:
//
//   - A body has to arrive, and an answer has to be read, at a minimum pace.
//   - All bodies share a bounded number of bytes, and all requests a bounded number of places. One caller gets a part of
//     either.
//   - Only a few requests with a large body are served at once.
//   - A request that lasts, such as a lease or a stream of events, ends when its access key is revoked.
//   - The rate at which denials are written to the audit log is bounded.
//
// Package auth says who the caller is. The server says, in [Options], which requests last and how a request is refused;
// this package does not know operations.
//
// A request passes, in this order: [Admission.Paced], which gives it a body that is paced and counted; the check of its
// signature in package auth, which reads that body; and [Admission.Bounded], which gives it a place among the requests
// that are served.
package admission
