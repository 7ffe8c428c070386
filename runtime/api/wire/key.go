package wire

import "strings"

// Roles of access keys, from least to most: each may do what those before it may.
const (
	RoleReader    = "reader"    // look at everything
	RoleSubmitter = "submitter" // submit jobs, and cancel, terminate and retry them
	RoleOperator  = "operator"  // make, change and delete everything but keys
	RoleAdmin     = "admin"     // everything
)

// Paths of the operations on access keys and of the audit log. PathAudit is GET, the rest POST.
const (
	PathCreateKey = "/batchd/v1/keys/create"
	PathListKeys  = "/batchd/v1/keys/list"
	PathRevokeKey = "/batchd/v1/keys/revoke"
	PathAudit     = "/batchd/v1/audit"
)

const (
	// maxKeyName is how long the name of an access key is, in bytes.
	maxKeyName = 128
	// maxKeyQueues is how many patterns a submitter is bound to.
	maxKeyQueues = 100
	// MaxKeys is how many access keys a page has at most, MaxAudits how many lines of the audit log.
	MaxKeys   = 1000
	MaxAudits = 1000
)

// CreateKeyRequest makes an access key.
type CreateKeyRequest struct {
	Name string `json:"name,omitempty"` // for people; 0..128 bytes
	Role string `json:"role"`
	// Queues are patterns of the names of job queues that a submitter may submit to; a trailing "*" matches any
	// continuation. Absent: every queue. An empty list is refused: a caller whose list came out empty means none.
	Queues []string `json:"queues,omitzero"`
}

// CreateKeyResponse holds the new key. Its secret is not shown again.
type CreateKeyResponse struct {
	AccessKeyID     string   `json:"accessKeyId"`
	SecretAccessKey string   `json:"secretAccessKey"`
	Name            string   `json:"name,omitempty"`
	Role            string   `json:"role"`
	Queues          []string `json:"queues,omitempty"`
}

// ListKeysRequest asks for access keys, oldest first.
type ListKeysRequest struct {
	Revoked    bool   `json:"revoked,omitempty"` // the revoked ones too
	NextToken  string `json:"nextToken,omitempty"`
	MaxResults *int32 `json:"maxResults,omitempty"` // 1..1000
}

// ListKeysResponse is a page of access keys.
type ListKeysResponse struct {
	Keys      []KeySummary `json:"keys"`
	NextToken string       `json:"nextToken,omitempty"`
}

// KeySummary describes an access key, without its secret.
type KeySummary struct {
	AccessKeyID string   `json:"accessKeyId"`
	Name        string   `json:"name,omitempty"`
	Role        string   `json:"role"`
	Queues      []string `json:"queues,omitempty"`
	CreatedAt   int64    `json:"createdAt"`           // ms
	CreatedBy   string   `json:"createdBy"`           // access key id
	RevokedAt   int64    `json:"revokedAt,omitempty"` // ms; absent while it is valid
}

// RevokeKeyRequest makes an access key invalid for ever.
type RevokeKeyRequest struct {
	AccessKeyID string `json:"accessKeyId"`
}

// AuditResponse is a page of the audit log, newest first.
type AuditResponse struct {
	Lines     []AuditLine `json:"lines"`
	NextToken string      `json:"nextToken,omitempty"`
}

// AuditLine says who did what, or tried to.
type AuditLine struct {
	At       int64  `json:"at"`     // ms
	Who      string `json:"who"`    // access key id, "anonymous", or "batchd" itself
	Action   string `json:"action"` // for example SubmitJob
	Resource string `json:"resource,omitempty"`
	Source   string `json:"source,omitempty"` // remote address
	Denied   bool   `json:"denied,omitempty"`
}

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *CreateKeyRequest) Validate() error {
	c := &check{}
	c.length("name", r.Name, 0, maxKeyName)
	c.printable("name", r.Name)
	c.required("role", r.Role)
	c.oneOf("role", &r.Role, RoleReader, RoleSubmitter, RoleOperator, RoleAdmin)
	c.that(len(r.Queues) == 0 || r.Role == RoleSubmitter, "queues", "patterns for role "+quoted(r.Role), "none: only a submitter is bound to queues")
	c.that(r.Queues == nil || len(r.Queues) > 0, "queues", "an empty list", "at least one pattern, or no list at all for every queue")
	c.count("queues", len(r.Queues), 0, maxKeyQueues)
	for i, pattern := range r.Queues {
		name, open := strings.CutSuffix(pattern, "*")
		c.that((open && name == "") || len(name) <= maxName && namePattern.MatchString(name), at("queues", i), quoted(pattern),
			`the name of a job queue, or the beginning of one and "*"`)
	}
	return c.err()
}

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *ListKeysRequest) Validate() error {
	c := &check{}
	integer(c, "maxResults", r.MaxResults, 1, MaxKeys)
	return c.err()
}

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *RevokeKeyRequest) Validate() error {
	c := &check{}
	c.identifier("accessKeyId", r.AccessKeyID)
	return c.err()
}
