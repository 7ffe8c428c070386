// Package wire holds the shapes of requests and answers of the AWS Batch API and of our extensions to it, the
// rules of their fields, and their strict decoding. It does not know rules between objects, storage or transport.
// The service and its clients import it.
//
// # Conventions
//
// A pointer, or a nil slice or map, is a member that is absent; an empty slice, map or string behind a pointer is
// one that is present and empty. Times are milliseconds since the Unix epoch. Everything that AWS does not have
// sits in a member named batchd.
//
// [Decode] reads a request strictly: an unknown member is an error. Validate of a request checks what needs no
// other object; its error is a [*FieldError], which names the member, what was given and what is allowed. The
// provider calls Validate at plan.
//
// # Files, in the order to read them
//
// A noun has its shapes in a file of its name and the rules of its fields in one that ends in _rules.
//
//   - job.go, job_rules.go, job_detail.go: the example to read first: SubmitJob and its rules, DescribeJobs.
//   - check.go, decode.go, decode_words.go, error.go: how rules are checked, strict decoding and its errors,
//     errors on the wire.
//   - paths.go: the path of every operation.
//   - job_definition.go, job_definition_rules.go: job definitions, and what they run:
//   - container*.go, ecs_properties*.go, eks_properties*.go, node_properties*.go, node_range.go: containers, tasks
//     of several containers, pods, nodes.
//   - amount.go, storage_rules.go, fargate_rules.go, log_configuration.go, parameters.go: resources, volumes,
//     Fargate, log configurations and parameters in them.
//   - compute_environment*.go, compute_resource_rules.go, compute_extension_rules.go: compute environments.
//   - job_queue*.go, scheduling_policy*.go, quota_share*.go, consumable_resource*.go: queues and what divides
//     them.
//   - end_jobs.go, claim.go, plan.go, outlook.go, result.go: operations on jobs beyond submitting.
//   - host.go: hosts and what runs on them.
//   - ending.go, alike.go, printable.go: text about how jobs ended, and text that is safe to show.
//   - key.go, status.go, event.go, log.go, log_names.go, tag.go: access keys, status and doctor, events, logs,
//     tags.
//   - limits.go: every limit.
package wire
