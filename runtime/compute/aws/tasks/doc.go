// Package tasks runs attempts as tasks of Amazon ECS, in clusters and on hosts that its caller names. It is the half of the AWS driver that
// deals with attempts: it starts and stops tasks, sees how they end, and brings their results. It launches no hosts and makes no clusters.
//
// ECS is the truth. A [Runner] keeps nothing that it could not find again: a task says by startedBy which attempt it is of, and by
// tags what must be known of it. After a restart the tasks of a cluster are listed, those that stopped within the last hour too.
// Looking at tasks, again and again, is all that is needed to notice what happens to them.
//
// # Starting once
//
// A task is asked for by RunTask with a client token that follows from the attempt, its host, and how often that host has refused it. A
// call whose outcome is not known is repeated with the same token until it is known: ECS answers with the task that it started. An
// attempt that is to be stopped meanwhile is stopped when its task is known. A task that is found twice for one attempt is stopped.
//
// # Reads that lag
//
// ECS may not know a task right after it was started, and may show it as it was some time ago. So a task counts as forgotten by ECS
// only after it was not seen for a while, an older version of what is known of a task says nothing, and the first list
// of a cluster is not made before what was done before a restart can be seen.
//
// # Words
//
//   - plan: what ECS is told to run, see package taskdef.
//   - to ask: to call RunTask. From the first call on only ECS can say whether the attempt runs.
//   - wrapped: of an attempt that has the wrapper, whose result is read from its log; see package wrapper.
//   - lane: the attempts that may follow one another, as in package compute.
//
// # Files, in the order to read them
//
//   - runner.go: the runner, clusters, and how it opens and closes.
//   - order.go: the verbs of the driver: start, stop, forget, census.
//   - attempt.go: an attempt, its phases and its lane.
//   - launch.go, definitions.go, names.go, refusals.go: from an order to a task.
//   - observe.go, adopt.go: what becomes of tasks, and tasks that are found.
//   - finish.go, gather.go: how an attempt ended, with result and usage from its log. stop.go: stopping.
//   - limits.go: every limit.
package tasks
