// Package describe says what is stored of jobs in the shapes of the wire: their details and summaries, their results, counts of
// their children, why one does not wait, and the names that AWS's clients expect of tasks and log streams. The API, events,
// the metadata of attempts and the console share it, so that all of them say the same of a job.
//
// It reads rows through the [store.Reader] that it is given, and the caller decides of which moment they are: one that
// puts an answer together from several calls gives each of them the reader of one Together. It knows neither requests nor
// callers nor the engine: what a waiting job waits for only the scheduler knows.
//
// The files, in the order in which to read them:
//
//	rows.go                        the rows that describe jobs
//	detail.go, container.go, node.go, consumable.go    a job as DescribeJobs shows it
//	summary.go, results.go, outlook.go, counts.go      a job in lists and in answers of its own
//	definition.go                  what describing a job takes from its definition, and where its log is
//	ecs.go                         names of clusters, tasks, containers and instances
package describe
