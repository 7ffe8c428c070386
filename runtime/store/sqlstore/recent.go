package sqlstore

import (
	"strconv"
	"strings"
	"sync"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// recent are answers about nouns: environments, queues, policies, definitions and their tags. They change rarely and
// are asked for with every request. While this store is the writer it knows how long an answer holds; see [trust].
type recent struct {
	mu sync.Mutex
	// age counts up when a commit that changes nouns begins, and again when it has ended: it is odd while nobody
	// knows which of the two states a reader sees.
	age     uint64
	answers map[question]any // of age
	rows    int              // in answers
}

// question is what was asked, and answers to the same one are equal.
type question struct {
	what, keys string
	limit      int
}

// joined makes one text of what a question names, each name behind its length: callers choose the bytes of names, and
// other names make another text.
func joined(names []string) string {
	size := 0
	for _, name := range names {
		size += len(name) + len("1000:")
	}
	var text strings.Builder
	text.Grow(size)
	for _, name := range names {
		text.WriteString(strconv.Itoa(len(name)))
		text.WriteByte(':')
		text.WriteString(name)
	}
	return text.String()
}

// change runs a commit that may change nouns.
func (r *recent) change(d *batch.Delta, commit func() error) error {
	if !changesNouns(d) {
		return commit()
	}
	r.next()
	defer r.next()
	return commit()
}

func (r *recent) next() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.age++
	r.answers, r.rows = nil, 0
}

// changesNouns reports whether d changes what recent answers are about.
func changesNouns(d *batch.Delta) bool {
	for _, t := range d.Tags {
		if !isJob(t.Resource) {
			return true
		}
	}
	return len(d.Environments) > 0 || len(d.Queues) > 0 || len(d.Policies) > 0 || len(d.Definitions) > 0
}

// isJob reports whether a resource that has tags is a job, of which there are too many.
func isJob(resource string) bool { return strings.HasPrefix(resource, batch.ResourceJob+"/") }

// now is the age of the answers that a read which begins now may use and give.
func (r *recent) now() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.age
}

// get returns the answer to q if it is of that age and still holds.
func (r *recent) get(q question, age uint64) (any, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.age != age || age%2 != 0 {
		return nil, false
	}
	answer, ok := r.answers[q]
	return answer, ok
}

// put remembers an answer of so many rows that a read which began at that age has found.
func (r *recent) put(q question, age uint64, answer any, rows int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.age != age || age%2 != 0 || rows > maxRecentRows/2 || len(q.keys) > maxRecentKey {
		return
	}
	if r.rows+rows+1 > maxRecentRows || r.answers == nil {
		r.answers, r.rows = map[question]any{}, 0
	}
	r.answers[q] = answer
	r.rows += rows + 1 // no row is an answer too
}

// recall answers q from memory, or by read, which returns the answer and how many rows it has.
func recall[T any](s reader, q question, read func() (T, int, error)) (T, error) {
	memory, trust := &s.store.recent, &s.store.trust
	age := s.age()
	if answer, ok := memory.get(q, age); ok && trust.holds() {
		return answer.(T), nil //nolint:forcetypeassert // the type goes with what is asked
	}
	answer, rows, err := read()
	if err == nil && trust.holds() {
		memory.put(q, age, answer, rows)
	}
	return answer, err
}
