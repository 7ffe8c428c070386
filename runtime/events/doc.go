// Package events tells others what happens to jobs: it makes events of the lines of the transition log, in the shape in
// which EventBridge tells of AWS Batch, and carries them to the sinks that are configured. The log in the store is the
// outbox and a cursor in it all that a sink needs, so that no event is held in memory for anyone and nobody waits for a
// reader. Package describe says how a job is described on the wire.
package events
