package batch

// Transition is one line of the transition log: a job's change of status, or that the head of a queue is blocked.
type Transition struct {
	Seq  int64 // from 1, without gaps
	Kind TransitionKind
	Job  JobID
	From Status
	To   Status
	At   Time
}

// TransitionKind is what a line of the transition log is about.
type TransitionKind uint8

// The kinds of line.
const (
	// OfJob: the status of Job, a single job, an array as a whole, a multi-node job, a child or a node, has changed.
	OfJob TransitionKind = iota
	// OfUnborn: the status of every child of array Job that had no row at that moment has changed.
	OfUnborn
	// Blocked: Job, RUNNABLE at the head of its queue, has been blocked for a while; its statusReason says why.
	Blocked
)

// Audit is one line of the audit log: who did what.
type Audit struct {
	At       Time
	Who      string // access key id, or "anonymous"
	Denied   bool   // it was refused: the caller may not do this
	Action   string // the operation
	Resource string // what it was done to
	Source   string // remote address
}

// Tags is the tags of the resource with that ARN tail, for example "job-queue/high".
// Empty Values removes them.
type Tags struct {
	Resource string
	Values   map[string]string
}

// Delta is the rows a round changed: each row whole, as it is after the round. It is
// committed in one transaction before anything is answered or ordered.
type Delta struct {
	Environments []Environment // Health DELETED removes the row
	Queues       []Queue       // Health DELETED keeps the row, for the jobs that name it
	Hosts        []Host        // Deleted removes the row
	Policies     []Policy      // Deleted removes the row
	Consumables  []Consumable  // Deleted removes the row
	Shares       []ShareUsage  // Deleted removes the row
	Histories    []History
	Definitions  []Definition
	Specs        []Spec
	Points       []Points
	PointKeys    []PointKeys
	Jobs         []Job
	Attempts     []Attempt
	Results      []Result
	Tags         []Tags
	Keys         []AccessKey
	QuotaShares  []QuotaShare // Deleted removes the row
	Cursors      []Cursor     // Deleted removes the row
	LogGroups    []LogGroup   // Deleted removes the row
	Transitions  []Transition
	Audits       []Audit
}

// Empty reports whether d changes nothing.
func (d *Delta) Empty() bool {
	if len(d.Jobs) > 0 { // as in most rounds; the list of nouns costs about 90 allocations
		return false
	}
	for _, n := range nouns(d, &Rows{}, &Snapshot{}) {
		if n.rows > 0 {
			return false
		}
	}
	return true
}

// Snapshot is what a machine is loaded from: everything that is not ended, and what
// that needs.
type Snapshot struct {
	Environments []Environment
	Queues       []Queue // without the DELETED ones
	Hosts        []Host
	Policies     []Policy
	Consumables  []Consumable
	Shares       []ShareUsage // of the queues in Queues
	Histories    []History
	Keys         []AccessKey // in the order of CompareKeys; all others in that of their names
	QuotaShares  []QuotaShare
	Cursors      []Cursor
	LogGroups    []LogGroup
	// Revisions is the highest revision ever registered under each definition name.
	Revisions map[string]int32
	// Jobs are all singles, arrays, multi-node jobs, children and nodes that are not terminal, by Seq and index.
	Jobs []Job
	// Ended are the children and nodes with a row that are terminal, of the arrays and multi-node jobs in Jobs.
	Ended []EndedChild
	// PointKeys are those of the submissions in Jobs.
	PointKeys []PointKeys
	// LastSeq and LastTransition are the highest numbers given so far.
	LastSeq        int64
	LastTransition int64
}

// EndedChild is all a machine keeps of a child, or of a node, that ended while its array or multi-node job lives.
type EndedChild struct {
	Array  JobID // or the multi-node job
	Index  int32
	Status Status
}
