// Package admission says which requests are served and when, so that no caller keeps the others out: a body must come, and
// an answer must be taken, at a pace; bodies share room, requests share places, and a caller has a part of either; few large
// requests are served at once; a request that lasts ends when its key is revoked; of denials so many are written down.
//
// It knows who calls as far as package auth says it, and nothing of what is asked for: which requests last, and how one is
// refused, the server that it stands before tells it.
//
// A request meets, in this order: [Admission.Paced], which gives it a body that is paced and takes room; the check of its
// signature, in package auth, which reads that body; [Admission.Bounded], which gives it a place among those that are served.
package admission
