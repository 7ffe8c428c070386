package awsfake

import (
	"maps"
	"slices"
)

// installationTag is the tag that says which installation made a thing.
const installationTag = "batchd:installation"

// Leftovers lists what exists in the account with the tag batchd:installation of that value, one line each; with an empty value,
// everything that anybody made. What ended by itself and is shown for a while only, such as a terminated instance, does not count.
func (w *World) Leftovers(installation string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.happen()
	var lines []string
	for _, name := range sorted(w.services) {
		if list := w.services[name].leftovers; list != nil {
			lines = append(lines, list(installation)...)
		}
	}
	return lines
}

// tags are the tags of a thing.
type tags map[string]string

// of reports whether a thing with these tags belongs to an installation.
func (t tags) of(installation string) bool {
	return installation == "" || t[installationTag] == installation
}

// sorted returns the keys of a map in order, so that what is done for each is done in the same order in each run.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
