package registry

import (
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// CreateKey adds an access key. Its secret was sealed by the caller.
type CreateKey struct {
	batch.Caller
	Key batch.AccessKey
}

func (c CreateKey) apply(r *Registry, in Scope) error {
	k := c.Key
	switch {
	case r.keys[k.ID] != nil:
		return batch.Errorf(batch.Conflict, "access key %s already exists", k.ID)
	case !slices.Contains(batch.Roles(), k.Role):
		return batch.Errorf(batch.InvalidRequest, "role: given %q; %v are allowed", k.Role, batch.Roles())
	case len(k.Queues) > 0 && k.Role != batch.RoleSubmitter:
		return batch.Errorf(batch.InvalidRequest, "queues: given for a key of role %s; only a submitter is bound to queues", k.Role)
	case r.validKeys("") >= maxKeys:
		return batch.Errorf(batch.InvalidRequest, "there are %d access keys; at most %d are allowed: revoke one first", r.validKeys(""), maxKeys)
	}
	k.CreatedAt, k.CreatedBy, k.RevokedAt = in.At, c.Who, 0
	r.keys[k.ID] = &k
	in.Delta.Keys = append(in.Delta.Keys, k)
	in.audit(c.Caller, "CreateKey", k.ID)
	return nil
}

// RevokeKey makes an access key invalid for ever. The last valid admin key cannot be revoked.
type RevokeKey struct {
	batch.Caller
	ID string
}

func (c RevokeKey) apply(r *Registry, in Scope) error {
	k := r.keys[c.ID]
	switch {
	case k == nil:
		return batch.Errorf(batch.NotFound, "access key %s does not exist", c.ID)
	case k.RevokedAt != 0:
		return nil
	case k.Role == batch.RoleAdmin && r.validKeys(batch.RoleAdmin) == 1:
		return batch.Errorf(batch.InvalidRequest, "access key %s is the last with role %s; create another one first", c.ID, batch.RoleAdmin)
	}
	k.RevokedAt = in.At
	in.Delta.Keys = append(in.Delta.Keys, *k)
	in.audit(c.Caller, "RevokeKey", c.ID)
	return nil
}

// validKeys counts the keys of a role, or all of them, that are not revoked.
func (r *Registry) validKeys(role batch.Role) (n int) {
	for _, k := range r.keys {
		if k.RevokedAt == 0 && (role == "" || k.Role == role) {
			n++
		}
	}
	return n
}
