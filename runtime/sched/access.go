package sched

import (
	"cmp"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// maxKeys bounds the access keys that are valid at once.
const maxKeys = 1000

// CreateKey adds an access key. Its secret was sealed by the caller.
type CreateKey struct {
	replies[Done]
	Caller
	Key batch.AccessKey
}

func (c CreateKey) apply(m *Machine, at batch.Time) (any, error) {
	k := c.Key
	switch {
	case m.keys[k.ID] != nil:
		return nil, batch.Errorf(batch.Conflict, "access key %s already exists", k.ID)
	case !slices.Contains(batch.Roles(), k.Role):
		return nil, batch.Errorf(batch.InvalidRequest, "role: given %q; %v are allowed", k.Role, batch.Roles())
	case len(k.Queues) > 0 && k.Role != batch.RoleSubmitter:
		return nil, batch.Errorf(batch.InvalidRequest, "queues: given for a key of role %s; only a submitter is bound to queues", k.Role)
	case m.validKeys("") >= maxKeys:
		return nil, batch.Errorf(batch.InvalidRequest, "there are %d access keys; at most %d are allowed: revoke one first", m.validKeys(""), maxKeys)
	}
	k.CreatedAt, k.CreatedBy, k.RevokedAt = at, c.Who, 0
	m.keys[k.ID] = &k
	m.round.delta.Keys = append(m.round.delta.Keys, k)
	m.audit(at, c, "CreateKey", k.ID)
	return c.reply(Done{})
}

// RevokeKey makes an access key invalid for ever. The last valid admin key cannot be revoked.
type RevokeKey struct {
	replies[Done]
	Caller
	ID string
}

func (c RevokeKey) apply(m *Machine, at batch.Time) (any, error) {
	k := m.keys[c.ID]
	switch {
	case k == nil:
		return nil, batch.Errorf(batch.NotFound, "access key %s does not exist", c.ID)
	case k.RevokedAt != 0:
		return c.reply(Done{})
	case k.Role == batch.RoleAdmin && m.validKeys(batch.RoleAdmin) == 1:
		return nil, batch.Errorf(batch.InvalidRequest, "access key %s is the last with role %s; create another one first", c.ID, batch.RoleAdmin)
	}
	k.RevokedAt = at
	m.round.delta.Keys = append(m.round.delta.Keys, *k)
	m.audit(at, c, "RevokeKey", c.ID)
	return c.reply(Done{})
}

// validKeys counts the keys of a role, or all of them, that are not revoked.
func (m *Machine) validKeys(role batch.Role) (n int) {
	for _, k := range m.keys {
		if k.RevokedAt == 0 && (role == "" || k.Role == role) {
			n++
		}
	}
	return n
}

// quotaName names a quota share.
type quotaName struct{ queue, name string }

// CreateQuotaShare makes a quota share of a job queue.
type CreateQuotaShare struct {
	replies[Done]
	Caller
	Share batch.QuotaShare
	Tags  map[string]string
}

func (c CreateQuotaShare) apply(m *Machine, at batch.Time) (any, error) {
	s := c.Share
	id := quotaName{s.Queue, s.Name}
	switch {
	case m.queues[s.Queue] == nil:
		return nil, batch.Errorf(batch.NotFound, "job queue %s does not exist", s.Queue)
	case m.quotas[id] != nil:
		return nil, batch.Errorf(batch.Conflict, "Object already exists: quota share %s of job queue %s", s.Name, s.Queue)
	case len(m.quotasOf(s.Queue)) >= batch.MaxQuotaShares:
		return nil, batch.Errorf(batch.InvalidRequest, "job queue %s has %d quota shares; at most %d are allowed", s.Queue, batch.MaxQuotaShares, batch.MaxQuotaShares)
	}
	s.CreatedAt, s.State, s.Deleted = at, cmp.Or(s.State, batch.Enabled), false
	m.quotas[id] = &s
	m.round.delta.QuotaShares = append(m.round.delta.QuotaShares, s)
	m.setResourceTags(quotaResource(s.Queue, s.Name), c.Tags)
	m.audit(at, c, "CreateQuotaShare", s.Queue+"/"+s.Name)
	return c.reply(Done{})
}

// UpdateQuotaShare changes a quota share; nil fields keep what is there.
type UpdateQuotaShare struct {
	replies[Done]
	Caller
	Queue, Name string
	State       *batch.State
	Patch       []byte // merged into the stored document
}

func (c UpdateQuotaShare) apply(m *Machine, at batch.Time) (any, error) {
	s := m.quotas[quotaName{c.Queue, c.Name}]
	if s == nil {
		return nil, batch.Errorf(batch.NotFound, "quota share %s of job queue %s does not exist", c.Name, c.Queue)
	}
	body, err := mergeBody(s.Body, c.Patch)
	if err != nil {
		return nil, err
	}
	s.Body = body
	override(&s.State, c.State)
	m.round.delta.QuotaShares = append(m.round.delta.QuotaShares, *s)
	m.audit(at, c, "UpdateQuotaShare", c.Queue+"/"+c.Name)
	return c.reply(Done{})
}

// DeleteQuotaShare deletes a quota share.
type DeleteQuotaShare struct {
	replies[Done]
	Caller
	Queue, Name string
}

func (c DeleteQuotaShare) apply(m *Machine, at batch.Time) (any, error) {
	if s := m.quotas[quotaName{c.Queue, c.Name}]; s != nil {
		m.dropQuotaShare(s)
		m.audit(at, c, "DeleteQuotaShare", c.Queue+"/"+c.Name)
	}
	return c.reply(Done{})
}

func (m *Machine) dropQuotaShare(s *batch.QuotaShare) {
	delete(m.quotas, quotaName{s.Queue, s.Name})
	row := *s
	row.Deleted = true
	m.round.delta.QuotaShares = append(m.round.delta.QuotaShares, row)
	m.setResourceTags(quotaResource(s.Queue, s.Name), nil)
}

// quotasOf returns the quota shares of a queue by name.
func (m *Machine) quotasOf(queue string) []*batch.QuotaShare {
	var found []*batch.QuotaShare
	for id, s := range m.quotas {
		if id.queue == queue {
			found = append(found, s)
		}
	}
	slices.SortFunc(found, func(a, b *batch.QuotaShare) int { return cmp.Compare(a.Name, b.Name) })
	return found
}

// quotaMark stands between the name of a queue and that of its quota share.
const quotaMark = "/quota-share/"

// quotaResource is the resource of a quota share: "job-queue/Q/quota-share/NAME".
func quotaResource(queue, name string) string {
	return batch.ResourceQueue + "/" + queue + quotaMark + name
}

// RecordDenial writes the audit line of a call that was denied.
type RecordDenial struct {
	replies[Done]
	Caller
	Action   string
	Resource string
}

func (c RecordDenial) apply(m *Machine, at batch.Time) (any, error) {
	m.round.delta.Audits = append(m.round.delta.Audits, batch.Audit{
		At: at, Who: c.Who, Action: c.Action, Resource: c.Resource, Source: c.Source, Denied: true,
	})
	return c.reply(Done{})
}

// MoveCursor notes how far a reader of the transition log has come. A cursor never goes back; Seq 0 makes one
// that begins with the first line.
type MoveCursor struct {
	replies[Done]
	Caller
	Name string
	Seq  int64
}

func (c MoveCursor) apply(m *Machine, at batch.Time) (any, error) {
	if before, known := m.cursors[c.Name]; !known || c.Seq > before {
		m.cursors[c.Name] = c.Seq
		m.round.delta.Cursors = append(m.round.delta.Cursors, batch.Cursor{Name: c.Name, Seq: c.Seq, At: at})
	}
	return c.reply(Done{})
}

// DropCursor forgets a reader of the transition log, which holds back no lines any more. One that is not known is not an error.
type DropCursor struct {
	replies[Done]
	Caller
	Name string
}

func (c DropCursor) apply(m *Machine, at batch.Time) (any, error) {
	if seq, known := m.cursors[c.Name]; known {
		delete(m.cursors, c.Name)
		m.round.delta.Cursors = append(m.round.delta.Cursors, batch.Cursor{Name: c.Name, Seq: seq, At: at, Deleted: true})
	}
	return c.reply(Done{})
}

func (m *Machine) loadAccess(s batch.Snapshot) {
	m.keys = make(map[string]*batch.AccessKey, len(s.Keys))
	for _, k := range s.Keys {
		m.keys[k.ID] = &k
	}
	m.quotas = make(map[quotaName]*batch.QuotaShare, len(s.QuotaShares))
	for _, q := range s.QuotaShares {
		m.quotas[quotaName{q.Queue, q.Name}] = &q
	}
	m.cursors = make(map[string]int64, len(s.Cursors))
	for _, c := range s.Cursors {
		m.cursors[c.Name] = c.Seq
	}
}

// RecordStop writes the audit line of a call that asks the runtime to end.
type RecordStop struct {
	replies[Done]
	Caller
}

func (c RecordStop) apply(m *Machine, at batch.Time) (any, error) {
	m.audit(at, c, "Stop", "")
	return c.reply(Done{})
}
