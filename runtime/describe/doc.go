// Package describe says what is stored of jobs in the shapes of the wire: their details and summaries, their results, counts of
// their children, why a job has its status, and the names that AWS's clients expect of tasks and log streams. The API, events
// and the metadata of attempts share it, so that all of them say the same of a job.
//
// It reads rows through the [store.Reader] that it is given. A caller whose answer needs several calls passes the reader of
// one Together to all of them, so that the answer is of one moment. The package does not know requests, callers or the
// engine. What a waiting job waits for is known to the scheduler only.
//
// The files, in the order in which to read them:
//
//	rows.go                        the rows that describe jobs
//	detail.go, container.go, node.go, consumable.go    a job as DescribeJobs shows it
//	summary.go, results.go, outlook.go, counts.go      a job in lists and in answers of its own
//	definition.go                  what describing a job takes from its definition, and where its log is
//	ecs.go                         names of clusters, tasks, containers and instances
package describe
