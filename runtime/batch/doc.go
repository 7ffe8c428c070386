// Package batch holds the nouns of the service and their rules: jobs, arrays, attempts, queues, environments,
// definitions, hosts, shapes, statuses, the delta that a round changes, and the one error type that a client may
// see. It does no I/O and reads no clock. Every other package uses its types.
//
// # Words
//
//   - job: a single job, an array, a child of an array, a multi-node job or a node of one.
//   - submission: what one SubmitJob made: a job, or an array or multi-node job with its parts.
//   - point: one combination of the parameters of a sweep; each child of an array has one.
//   - unborn: of a child that has no row, because nothing has happened to it alone; a child is born when it gets
//     one.
//   - attempt: one run of a job.
//   - runner: one of the ways in which a host runs attempts: processes or containers.
//   - shape: an amount of vCPUs, memory and GPUs, asked for or held.
//   - row: what a store keeps of one noun. Rows replace each other as a whole.
//   - delta: the rows that one round of the scheduler changes.
//   - transition: one change of status, a line of the transition log.
//   - base key, content key: hashes of what determines a result, without and with the digest of the image that
//     ran.
//   - claim: the statement of a client that it needs a submission.
//
// # Files, in the order to read them
//
//   - job.go, status.go, id.go, attempt.go, log.go: jobs, their statuses and names, attempts, and where the output
//     of an attempt is kept.
//   - definition.go, ecs.go, shape.go, policy.go, environment.go, resources.go: job definitions, amounts, scheduling
//     policies, environments with queues and hosts, and what an environment was asked to run on.
//   - offer.go, launch.go, provisioning.go: what hosts an environment offers, how they come and go, and how an
//     environment gets what it needs in an account.
//   - delta.go, rows.go, rows_jobs.go, nouns.go, record.go: what a round changes, and how deltas are folded into
//     rows.
//   - error.go, refusal.go, fault.go: errors, what a driver refuses, and hosts at fault.
//   - key.go, identity.go, result.go: content keys, and what may be a result.
//   - claim.go, reach.go, access.go, caller.go: claims, what a job can reach, access keys and quota shares, and
//     who gives a command.
//   - arn.go, log_group.go, time.go: ARNs, log groups, and time in milliseconds.
//   - limits.go: every limit.
package batch
