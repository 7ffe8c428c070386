// Package history is how long attempts have run, by job definition, and how long the next ones are expected to run.
//
// What an attempt is expected to take is its timeout; without one, the mean of the earlier runs of its definition plus their mean
// deviation; without any, ten minutes. For example, after runs of 60 s on average that are off by 5 s on average, an attempt is expected
// to run for 65 s.
//
// A [Book] is made from rows and writes a row whenever it learns, so it survives a restart.
package history

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

const (
	// prior is how long an attempt is expected to run of which nothing is known.
	prior = 10 * time.Minute
	// weight is how much of a mean one more run replaces: 1/weight, once there are as many.
	weight = 8
)

// Book is what is known of all definitions.
type Book struct{ entries map[string]*entry }

// entry is how long attempts of one definition have run.
type entry struct {
	row  batch.History
	slot int // where its row is among the rows that change, if it is there
}

// Load makes a book from its rows.
func Load(rows []batch.History) Book {
	b := Book{entries: make(map[string]*entry, len(rows))}
	for _, row := range rows {
		b.entries[row.Definition] = &entry{row: row}
	}
	return b
}

// Rows are those that make an equal book, by definition.
func (b Book) Rows() (rows []batch.History) {
	for _, name := range slices.Sorted(maps.Keys(b.entries)) {
		rows = append(rows, b.entries[name].row)
	}
	return rows
}

// Observe takes in how long an attempt ran that succeeded, and puts the row of its definition into rows, once.
func (b Book) Observe(definition string, ran time.Duration, rows *[]batch.History) {
	e := b.entries[definition]
	if e == nil {
		e = &entry{row: batch.History{Definition: definition}}
		b.entries[definition] = e
	}
	e.learn(max(ran.Milliseconds(), 0))
	if e.slot >= len(*rows) || (*rows)[e.slot].Definition != definition {
		e.slot = len(*rows)
		*rows = append(*rows, e.row)
	}
	(*rows)[e.slot] = e.row
}

// learn moves the mean and the mean deviation by one more run. The first runs weigh the same. There is one deviation less than there
// are runs, because the first has no mean to deviate from.
func (e *entry) learn(millis int64) {
	r := &e.row
	if r.Runs > 0 {
		r.DeviationMillis = blend(r.DeviationMillis, abs(millis-r.MeanMillis), min(r.Runs, weight))
	}
	r.Runs++
	r.MeanMillis = blend(r.MeanMillis, millis, min(r.Runs, weight))
}

// blend replaces 1/n of mean by value, rounded to the nearest.
func blend(mean, value, n int64) int64 { return (mean*(n-1) + value + n/2) / n }

func abs(x int64) int64 { return max(x, -x) }

// Expect is how long an attempt of that definition is expected to run; a timeout of 0 is none. It is a millisecond or more: what would
// take no time would never be in the way of anything.
func (b Book) Expect(timeout time.Duration, definition string) time.Duration {
	if timeout > 0 {
		return timeout
	}
	e := b.entries[definition]
	if e == nil || e.row.Runs == 0 {
		return prior
	}
	millis := min(max(e.row.MeanMillis+e.row.DeviationMillis, 1), int64(math.MaxInt64/time.Millisecond))
	return time.Duration(millis) * time.Millisecond
}

// Basis says in words what [Book.Expect] rests on.
func (b Book) Basis(timeout time.Duration, definition string) string {
	e := b.entries[definition]
	switch {
	case timeout > 0:
		return "its timeout"
	case e == nil || e.row.Runs == 0:
		return "no history: 10 minutes assumed"
	case e.row.Runs == 1:
		return "1 earlier run of definition " + definition
	default:
		return strconv.FormatInt(e.row.Runs, 10) + " earlier runs of definition " + definition
	}
}
