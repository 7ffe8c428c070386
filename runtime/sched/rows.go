package sched

import (
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// What everything that clients create and change has in common.

// checkNew refuses to create what exists already, or is one too many. Kind is what clients call it.
func checkNew[R any](kind string, have map[string]R, name string, limit int) error {
	if _, exists := have[name]; exists {
		return batch.Errorf(batch.Conflict, "Object already exists: %s %s", kind, name)
	}
	if n := len(have); n >= limit {
		return batch.Errorf(batch.InvalidRequest, "%s %s would be one too many: there are %d, at most %d are allowed; delete one first", kind, name, n, limit)
	}
	return nil
}

// save puts row into the rows that this round changes, in the place of what is there of the same thing.
func save[R any](rows *[]R, row R, same func(R) bool) { put(rows, slices.IndexFunc(*rows, same), row) }

// put replaces the row at i, or adds one if there is no such place, and returns where the row is now.
func put[R any](rows *[]R, i int, row R) int {
	if i >= 0 && i < len(*rows) {
		(*rows)[i] = row
		return i
	}
	*rows = append(*rows, row)
	return len(*rows) - 1
}
