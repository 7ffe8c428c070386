package auth

import (
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// RoleAdmin may do everything.
const RoleAdmin = batch.RoleAdmin

// Allows reports whether a role may do what needs the role least. An unknown role may do
// nothing, and no role may do what needs an unknown one.
func Allows(role, least batch.Role) bool {
	needed := slices.Index(batch.Roles(), least)
	return needed >= 0 && slices.Index(batch.Roles(), role) >= needed
}

// MayUse reports whether id may submit to the job queue with that name, and end jobs in it.
func (id Identity) MayUse(queue string) bool {
	return batch.MatchesQueue(id.Queues, queue)
}
