package batch

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// noun is one kind of row: where a delta has it, where it is kept, and where a machine is loaded from it.
type noun struct {
	rows int    // how many the delta has
	fold func() // puts them among those that are kept
	load func() // adds those that are kept and that a machine needs to the snapshot

	// What is stored as a record has these, too.
	kind   string                                // see [Record]
	record func(i int) Recorded                  // returns a copy of row i of the delta; nil: it is not stored as a record
	add    func(fill func(Recorded) error) error // adds a row to the snapshot
	all    func() []Recorded                     // lists copies of those that are kept, by scope and name
}

func nothing() {}

// kept is a noun whose rows are found by name. The function name returns what a row is called, and whether it is the row of
// something that goes.
func kept[K comparable, R any](d []R, r *map[K]R, name func(*R) (K, bool), load func()) noun {
	return noun{rows: len(d), fold: func() { fold(r, d, name) }, load: load}
}

// recorded is what R is, if a pointer to it is stored as a record.
type recorded[R any] interface {
	*R
	Recorded
}

// records is a noun that is stored as a record.
func records[R any, P recorded[R]](d []R, r *map[string]R, s *[]R) noun {
	return stored[R, P](d, r, s, func(record Record) string { return record.Name }, strings.Compare)
}

// scoped is records for what belongs to a job queue.
func scoped[R any, P recorded[R]](d []R, r *map[InQueue]R, s *[]R) noun {
	return stored[R, P](d, r, s, func(record Record) InQueue { return InQueue{record.Scope, record.Name} }, InQueue.compare)
}

// stored is a noun that is stored as a record, whose rows are kept under a key.
func stored[R any, P recorded[R], K comparable](d []R, r *map[K]R, s *[]R, key func(Record) K, compare func(a, b K) int) noun {
	name := func(row *R) (K, bool) {
		record := P(row).Record()
		return key(record), record.Gone
	}
	n := kept(d, r, name, func() { *s = sorted(*r, compare) })
	n.kind = P(new(R)).Record().Kind
	n.record = func(i int) Recorded {
		row := d[i]
		return P(&row)
	}
	n.add = func(fill func(Recorded) error) error {
		var row R
		err := fill(P(&row))
		*s = append(*s, row)
		return err
	}
	n.all = func() (all []Recorded) {
		for _, row := range sorted(*r, compare) {
			all = append(all, P(&row))
		}
		return all
	}
	return n
}

// InQueue names something that belongs to a job queue.
type InQueue struct{ Queue, Name string }

func (a InQueue) compare(b InQueue) int {
	return cmp.Or(strings.Compare(a.Queue, b.Queue), strings.Compare(a.Name, b.Name))
}

// fold puts rows into kept, each in the place of the one of the same name, and takes out those that go.
func fold[K comparable, R any](kept *map[K]R, rows []R, name func(*R) (K, bool)) {
	if *kept == nil {
		*kept = map[K]R{}
	}
	for i := range rows {
		k, gone := name(&rows[i])
		if (*kept)[k] = rows[i]; gone {
			delete(*kept, k)
		}
	}
}

// sorted lists rows in the order of their names.
func sorted[K comparable, R any](rows map[K]R, compare func(a, b K) int) []R {
	all := make([]R, 0, len(rows))
	for _, k := range slices.SortedFunc(maps.Keys(rows), compare) {
		all = append(all, rows[k])
	}
	return all
}
