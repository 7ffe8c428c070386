// Package batch holds the nouns of the service and their laws: jobs, arrays,
// attempts, queues, environments, definitions, hosts, shapes, statuses, the
// delta a round changes, and the one error type a client may see. It does no
// I/O, reads no clock and imports nothing of ours; every other package speaks
// in its words.
package batch
