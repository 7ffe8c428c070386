package auth

import (
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// RoleAdmin may do everything.
const RoleAdmin = batch.RoleAdmin

// Allows reports whether a role may do what asks for at least least. An unknown role may do
// nothing, and what asks for an unknown role nobody may do.
func Allows(role, least batch.Role) bool {
	needed := slices.Index(batch.Roles(), least)
	return needed >= 0 && slices.Index(batch.Roles(), role) >= needed
}

// MayUse reports whether id may submit to the job queue with that name, and end jobs in it.
func (id Identity) MayUse(queue string) bool {
	return len(id.Queues) == 0 || slices.ContainsFunc(id.Queues, func(pattern string) bool { return matches(pattern, queue) })
}

// matches compares as AWS does: with regard to case, and a trailing "*" matches any
// continuation.
func matches(pattern, name string) bool {
	if begin, open := strings.CutSuffix(pattern, "*"); open {
		return strings.HasPrefix(name, begin)
	}
	return pattern == name
}
