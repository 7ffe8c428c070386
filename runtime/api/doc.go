// Package api serves the wire: it routes requests, verifies their callers, decodes them strictly, turns them
// into commands and queries, and renders the answers in AWS's shapes. It has no rules of its own: rules of one
// field are in package wire, and rules between objects in package sched.
//
// A request goes through the handlers around the table of routes (server.go), to a route that may serve its
// caller, and to a function that gets the decoded request and returns the answer. A failure is an error, which
// one table makes an answer of.
//
// # Words
//
//   - operation: one call of the API, with a request and an answer of package wire.
//   - route: how an operation is asked for, who may ask, how large its body may be, and what serves it.
//   - grant: the smallest role that may call an operation, and the name under which a denial is written down.
//   - call: what an operation knows of its request beside the body: who called, what the operation is called in the
//     audit log, and what stays the same when a client tries again.
//   - denial: a request that is refused because of who calls; it is a line of the audit log.
//   - revise: to read a noun, change its document and give it to the scheduler, until nobody else has changed it
//     meanwhile.
//   - tag form: a member of a batchd object as a tag, for clients that know AWS's members alone.
//
// # Files, in the order to read them
//
//   - server.go, routes.go: the options, the handlers around every request, and the table of operations.
//   - operation.go, refusal.go: from a request to a function and back; errors as answers.
//   - access.go, denial.go: who may do what, and what is written down of those who may not.
//   - attend.go, observe.go: ids of requests, panics, and what metrics are told.
//   - compute_environment.go, compute_environment_update.go, revise.go: the noun to read first, and how every
//     noun is updated.
//   - job_queue.go, job_queue_snapshot.go, scheduling_policy.go, quota_share.go, consumable_resource.go,
//     consumable_jobs.go: queues, what divides them, and what jobs consume.
//   - job_definition.go, definition_conversion.go, ecs_conversion.go, node_conversion.go: job definitions, and what of them is kept
//     in typed form.
//   - submit.go, tag_forms.go, claim.go, plan.go: jobs that are submitted, claimed and planned.
//   - describe_jobs.go, list_jobs.go, results.go, outlook.go: what is told of jobs; why they wait, and retries.
//   - end_jobs.go: jobs that are cancelled and terminated.
//   - tags.go: tags of everything.
//   - host.go, events.go, logs.go: hosts, event streams, and the calls of package logs.
//   - keys.go, audit.go, runtime.go: access keys, the audit log, and calls about the runtime itself.
//   - sts.go, other_services.go, unserved.go: what else clients of AWS ask this endpoint.
//   - limits.go: every limit.
package api
