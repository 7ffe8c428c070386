package batch

// Caller says who gave a command and from where.
type Caller struct {
	Who    string // access key id, or "anonymous"
	Source string // remote address
}

// Audit is the audit line of a command of c that was accepted: the operation, and what it was done to.
func (c Caller) Audit(at Time, action, resource string) Audit {
	return Audit{At: at, Who: c.Who, Action: action, Resource: resource, Source: c.Source}
}
