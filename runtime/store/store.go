// Package store is the durability border: what the engine writes through and what
// readers ask. A store keeps rows and answers questions; it decides nothing. See
// storetest for the behaviour every store must have.
package store

import (
	"context"
	"errors"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// ErrCorrupt is wrapped by errors that mean the stored data cannot be trusted.
var ErrCorrupt = errors.New("the store is corrupt")

// ErrFull is wrapped by errors that mean there is no room to write.
var ErrFull = errors.New("no space left to write")

// ErrGone is wrapped by errors that mean that the files of an open store were removed, moved, emptied, replaced or written to
// by another program. What was committed last may be in a file that nobody finds again, or written over. The store stays
// unusable until it is opened anew.
// Its text is for clients, too.
var ErrGone = errors.New("the state directory or a file of its store was removed, moved, emptied, replaced or written to by another program " +
	"while the runtime was serving; running jobs go on: stop the runtime, put the whole directory or a backup of it back and start the runtime again")

// ErrDeposed is wrapped by errors that mean that another runtime has become the writer of the store. Nothing was written. It
// is final: whoever was deposed opens the store anew, or ends. Its text is for clients, too.
var ErrDeposed = errors.New("another runtime has taken over the store, and this one may not write to it any more; " +
	"use the other one, or end it and start this one again")

// Writer is used by the engine alone. A store has one writer at a time: whoever opened it last. Each has an epoch.
type Writer interface {
	// Epoch is the number of this writer, larger than that of every writer that opened the same rows before it. It does
	// not change while the store is open.
	Epoch() int64
	// Commit makes every row of delta durable, or none. When it returns an error the
	// outcome may be unknown; the caller loads again and believes what it reads. If the store was opened again
	// meanwhile, Commit writes nothing and its error wraps ErrDeposed: that the epoch is still the writer's is looked
	// at in the transaction that writes, so nothing is written after the next writer's first Load. A commit whose connection
	// is lost may fail with another error; the next call tells.
	Commit(ctx context.Context, delta *batch.Delta) error
	// Load returns everything a machine is made from.
	Load(ctx context.Context) (batch.Snapshot, error)
	// Close ends the use of the store; later calls fail.
	Close() error
}

// Reader answers queries from committed rows, without waiting for a writer. A child without a row is synthesised from its array
// ([batch.Job.Synthesise]) and a node from its multi-node job ([batch.Job.SynthesiseNode]),
// so callers never see the difference. Unknown names and ids are left out of answers.
// Callers do not change what an answer points to: others may have been given it too.
type Reader interface {
	Environments(ctx context.Context, q NameQuery) ([]batch.Environment, error)
	Queues(ctx context.Context, q NameQuery) ([]batch.Queue, error)
	Policies(ctx context.Context, q NameQuery) ([]batch.Policy, error)
	// Records returns rows of one kind that are stored as records. [Named] and [Within] call it.
	Records(ctx context.Context, q RecordQuery) ([]batch.Recorded, error)
	// AccessKeys returns every access key, the revoked ones too, by CreatedAt, then ID.
	AccessKeys(ctx context.Context) ([]batch.AccessKey, error)
	// AccessKey returns the access key with that id.
	AccessKey(ctx context.Context, id string) (key batch.AccessKey, found bool, err error)
	// Definitions are ordered by name, then newest revision first.
	Definitions(ctx context.Context, q DefinitionQuery) ([]batch.Definition, error)
	// Jobs returns the jobs with these ids, in this order.
	Jobs(ctx context.Context, ids []batch.JobID) ([]batch.Job, error)
	// ListJobs returns jobs of one queue, of one array or multi-node job, or those that need one consumable resource.
	ListJobs(ctx context.Context, q JobQuery) ([]batch.Job, error)
	// Children returns the rows of the children of an array, or of the nodes of a multi-node job, by index. Unlike
	// every other query it leaves out those that have no row.
	Children(ctx context.Context, root batch.JobID) ([]batch.Job, error)
	// Specs returns the specs of these submissions (root ids), those that exist.
	Specs(ctx context.Context, roots []batch.JobID) (map[batch.JobID]batch.Spec, error)
	// Points returns the parameters of children from..from+n-1 of an array; fewer at its end.
	Points(ctx context.Context, array batch.JobID, from int32, n int) ([]map[string]string, error)
	// Attempts returns the finished attempts of these jobs, oldest first.
	Attempts(ctx context.Context, jobs []batch.JobID) (map[batch.JobID][]batch.Attempt, error)
	// Results returns the results these attempts left, those that left one.
	Results(ctx context.Context, attempts []batch.AttemptID) (map[batch.AttemptID][]byte, error)
	// Tags returns the tags of these resources ("job-queue/high"), those that have any.
	Tags(ctx context.Context, resources []string) (map[string]map[string]string, error)
	// JobByToken returns the submission made with that client token.
	JobByToken(ctx context.Context, token string) (id batch.JobID, found bool, err error)
	// Succeeded returns, for each content key that a job succeeded under, the newest such job.
	Succeeded(ctx context.Context, q SucceededQuery) (map[string]batch.Job, error)
	// PointKeys returns the keys of the points of these submissions (root ids), of those that may share work.
	PointKeys(ctx context.Context, roots []batch.JobID) (map[batch.JobID][]byte, error)
	// Counts says how many single jobs, multi-node jobs and array children are in each status; nodes are not counted.
	Counts(ctx context.Context) ([batch.StatusCount]int64, error)
	// QueueCounts is Counts by the UUID of the queue, of every queue that ever had a job.
	QueueCounts(ctx context.Context) (map[string][batch.StatusCount]int64, error)
	// Transitions returns the log after seq, at most n lines, in order. If lines after seq were forgotten, the first
	// line returned is not the next one.
	Transitions(ctx context.Context, after int64, n int) ([]batch.Transition, error)
	// FirstTransition returns the number of the oldest line of the transition log that is kept; 0 if there is none yet.
	FirstTransition(ctx context.Context) (seq int64, err error)
	// Cursors returns how far each reader of the transition log has come, by name.
	Cursors(ctx context.Context) ([]batch.Cursor, error)
	// Audits returns lines of the audit log, newest first.
	Audits(ctx context.Context, q AuditQuery) ([]AuditLine, error)
}

// Readable is a store for those who only read it. It is safe for concurrent use. Each of its answers is of a moment of its
// own: a commit may land between two of them.
type Readable interface {
	Reader
	// Together calls f with a reader whose answers are all of one moment, and returns the error of f. The reader serves
	// one goroutine, and ends with f. While f runs it may hold back others, so f does nothing but read, from the reader
	// that it is given, and returns the errors that it meets.
	Together(ctx context.Context, f func(r Reader) error) error
}

// Keeper forgets what is old. It is safe beside commits and queries. A store that lasts does so by itself now and
// then, so that nobody has to call it.
type Keeper interface {
	// PruneTransitions forgets the oldest lines of the transition log as r says and returns how many went. The newest
	// line always stays.
	PruneTransitions(ctx context.Context, r Retention) (gone int64, err error)
	// PruneAudits forgets the oldest lines of the audit log, up to the first that r keeps, and returns how many went. The
	// newest line always stays.
	PruneAudits(ctx context.Context, r Retention) (gone int64, err error)
}

// Store is all of it.
type Store interface {
	Writer
	Readable
	Keeper
}

// NameQuery selects by name. With Names it returns those, in that order; without, all
// names after After, in order, at most Limit (0: no limit).
type NameQuery struct {
	Names []string
	After string
	Limit int
}

// DefinitionQuery selects definitions: exactly these Refs (revision 0: the newest ACTIVE
// one of that name), or by the other fields. Active nil means both. After is the last
// one already seen.
type DefinitionQuery struct {
	Refs   []batch.DefinitionRef
	Name   string // empty: every name
	Active *bool
	After  batch.DefinitionRef
	Limit  int
}

// SucceededQuery selects jobs by the content keys that they succeeded under. Queues are patterns of the names of their
// queues (see [batch.MatchesQueue]); none: every queue.
type SucceededQuery struct {
	Keys   []string
	Queues []string
}

// JobQuery selects jobs. Exactly one of Queue, Array and Consumable is set.
type JobQuery struct {
	Queue string // UUID of a queue: its singles, arrays and multi-node jobs, newest last
	// Array lists the children of an array, or the nodes of a multi-node job, by index.
	Array batch.JobID
	// Consumable is the name of a consumable resource: the singles, arrays and multi-node jobs that need it, newest last.
	Consumable string
	// Statuses are those wanted; empty: all.
	Statuses []batch.Status
	// Name matches the whole name without regard to case, or a prefix if it ends in "*".
	Name string
	// Definition matches "name" (every revision), "name:revision" or a prefix ending in "*".
	Definition string
	// Share matches the share identifier, or a prefix if it ends in "*". That of a child or node is its job's.
	Share string
	// CreatedBefore and CreatedAfter bound CreatedAt, exclusively; 0: no bound.
	CreatedBefore, CreatedAfter batch.Time
	// Descending lists the newest first (not with Array).
	Descending bool
	// AfterIndex (with Array; start with -1) or AfterSeq (without) is the last one already seen; AfterSeq 0 starts.
	AfterSeq   int64
	AfterIndex int32
	Limit      int // 0: no limit
}
