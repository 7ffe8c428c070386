// Package events makes events from the lines of the transition log, in the shape of EventBridge's "Batch Job State Change",
// and sends them to the configured sinks. The log in the store is the outbox, and a sink needs no more than a cursor in it:
// no event is kept in memory for a sink, and the scheduler does not wait for one. Package describe says how a job is
// described on the wire.
package events
