package registry

import (
	"cmp"
	"maps"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// quotaName names a quota share.
type quotaName struct{ queue, name string }

func (n quotaName) compare(other quotaName) int {
	return cmp.Or(cmp.Compare(n.queue, other.queue), cmp.Compare(n.name, other.name))
}

// quotaMark stands between the name of a queue and that of its quota share.
const quotaMark = "/quota-share/"

// resource is the quota share as a resource: "job-queue/Q/quota-share/NAME".
func (n quotaName) resource() string { return batch.ResourceQueue + "/" + n.queue + quotaMark + n.name }

// CreateQuotaShare makes a quota share of a job queue.
type CreateQuotaShare struct {
	batch.Caller
	Share batch.QuotaShare
	Tags  map[string]string
}

func (c CreateQuotaShare) apply(r *Registry, in Scope) error {
	s := c.Share
	id := quotaName{s.Queue, s.Name}
	switch {
	case !in.Exists(batch.ResourceQueue + "/" + s.Queue):
		return batch.Errorf(batch.NotFound, "job queue %s does not exist", s.Queue)
	case r.quotas[id] != nil:
		return batch.Errorf(batch.Conflict, "Object already exists: quota share %s of job queue %s", s.Name, s.Queue)
	case len(r.quotasOf(s.Queue)) >= batch.MaxQuotaShares:
		return batch.Errorf(batch.InvalidRequest, "job queue %s has %d quota shares; at most %d are allowed", s.Queue, batch.MaxQuotaShares, batch.MaxQuotaShares)
	}
	s.CreatedAt, s.State, s.Deleted, s.Revision = in.At, cmp.Or(s.State, batch.Enabled), false, 1
	r.quotas[id] = &s
	in.Delta.QuotaShares = append(in.Delta.QuotaShares, s)
	SetTags(in.Delta, id.resource(), c.Tags)
	in.audit(c.Caller, "CreateQuotaShare", s.Queue+"/"+s.Name)
	return nil
}

// UpdateQuotaShare changes what clients say of a quota share.
type UpdateQuotaShare struct {
	batch.Caller
	// Share is the row that was read, with what clients say of it changed: see [batch.QuotaShare.Revise]. If there is another revision of
	// it, the update is refused with [batch.ErrStale].
	Share batch.QuotaShare
}

func (c UpdateQuotaShare) apply(r *Registry, in Scope) error {
	next := &c.Share
	s := r.quotas[quotaName{next.Queue, next.Name}]
	switch {
	case s == nil:
		return batch.Errorf(batch.NotFound, "quota share %s of job queue %s does not exist", next.Name, next.Queue)
	case next.CreatedAt != s.CreatedAt || next.Revision != s.Revision:
		return batch.ErrStale
	}
	s.Revise(next)
	in.Delta.QuotaShares = append(in.Delta.QuotaShares, *s)
	in.audit(c.Caller, "UpdateQuotaShare", s.Queue+"/"+s.Name)
	return nil
}

// DeleteQuotaShare deletes a quota share. One that does not exist is not an error.
type DeleteQuotaShare struct {
	batch.Caller
	Queue, Name string
}

func (c DeleteQuotaShare) apply(r *Registry, in Scope) error {
	if id := (quotaName{c.Queue, c.Name}); r.quotas[id] != nil {
		r.dropQuotaShare(id, in.Delta)
		in.audit(c.Caller, "DeleteQuotaShare", c.Queue+"/"+c.Name)
	}
	return nil
}

// DropQuotaShares deletes the quota shares of a queue that is deleted.
func (r *Registry) DropQuotaShares(queue string, d *batch.Delta) {
	for _, id := range r.quotasOf(queue) {
		r.dropQuotaShare(id, d)
	}
}

func (r *Registry) dropQuotaShare(id quotaName, d *batch.Delta) {
	row := *r.quotas[id]
	delete(r.quotas, id)
	row.Deleted = true
	d.QuotaShares = append(d.QuotaShares, row)
	SetTags(d, id.resource(), nil)
}

// quotasOf returns the names of the quota shares of a queue, sorted.
func (r *Registry) quotasOf(queue string) []quotaName {
	of := func(id quotaName) bool { return id.queue != queue }
	return slices.DeleteFunc(slices.SortedFunc(maps.Keys(r.quotas), quotaName.compare), of)
}
