package batch

import (
	"cmp"
	"slices"
	"strings"
)

// Role is what the holder of an access key may do. Each may do what those before it may.
type Role string

// The roles, from least to most.
const (
	RoleReader    Role = "reader"    // look at everything
	RoleSubmitter Role = "submitter" // submit jobs, and cancel, terminate and retry them
	RoleOperator  Role = "operator"  // make, change and delete everything but keys
	RoleAdmin     Role = "admin"     // everything
)

// Roles lists the roles, from least to most.
func Roles() []Role { return []Role{RoleReader, RoleSubmitter, RoleOperator, RoleAdmin} }

// AccessKey is an access key. Its secret is sealed: nothing in the store opens it.
type AccessKey struct {
	ID     string // access key id
	Name   string // for people
	Role   Role
	Sealed []byte // the secret under the master key
	// Queues are patterns of the names of job queues that a submitter may submit to; a trailing "*" matches any
	// continuation; none: every queue.
	Queues    []string
	CreatedAt Time
	CreatedBy string // access key id
	RevokedAt Time   // 0 while it is valid; a revoked key is kept
}

// Record implements [Recorded].
func (k *AccessKey) Record() Record {
	return Record{Kind: "access key", Name: k.ID}
}

// CompareKeys orders access keys by CreatedAt, then ID.
func CompareKeys(a, b AccessKey) int {
	return cmp.Or(cmp.Compare(a.CreatedAt, b.CreatedAt), cmp.Compare(a.ID, b.ID))
}

// MatchesQueue reports whether one of patterns is that of the queue with that name; a trailing "*" matches any continuation.
// Without patterns every queue matches.
func MatchesQueue(patterns []string, queue string) bool {
	return len(patterns) == 0 || slices.ContainsFunc(patterns, func(pattern string) bool {
		if begin, open := strings.CutSuffix(pattern, "*"); open {
			return strings.HasPrefix(queue, begin)
		}
		return pattern == queue
	})
}

// coversPattern reports whether every queue that pattern matches is matched by one of patterns.
func coversPattern(patterns []string, pattern string) bool {
	return slices.ContainsFunc(patterns, func(wide string) bool {
		begin, open := strings.CutSuffix(wide, "*")
		return wide == pattern || open && strings.HasPrefix(pattern, begin)
	})
}

// QuotaShare is a quota share of a job queue. It is stored and described.
type QuotaShare struct {
	Queue     string // name of its job queue
	Name      string
	State     State
	CreatedAt Time
	Deleted   bool // in a delta: the row goes
	// Revision is 1 when it is made, and each update raises it. It begins at 0 in rows of earlier versions.
	Revision int64  `json:",omitempty"`
	Body     []byte // the document of clients, from which State is made: package document
}

// Revise gives q what clients say of it in next, and raises its revision. What the service says of it stays.
func (q *QuotaShare) Revise(next *QuotaShare) {
	q.State, q.Body = next.State, next.Body
	q.Revision++
}

// Record implements [Recorded].
func (q *QuotaShare) Record() Record {
	return Record{Kind: "quota share", Scope: q.Queue, Name: q.Name, Gone: q.Deleted, Body: &q.Body}
}

// MaxQuotaShares is how many quota shares a job queue may have (AWS: 20).
const MaxQuotaShares = 20

// Cursor is how far a reader of the transition log has come: everything up to Seq has been taken over.
type Cursor struct {
	Name    string
	Seq     int64
	At      Time
	Deleted bool // in a delta: the row goes
}

// Record implements [Recorded].
func (c *Cursor) Record() Record {
	return Record{Kind: "cursor", Name: c.Name, Gone: c.Deleted}
}
