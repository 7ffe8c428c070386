package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// version is what one commit of these tests writes: rows of several kinds that say the same number.
func version(n int32) batch.Delta {
	array := runnable("array", 1, 1000)
	return batch.Delta{
		Queues:       []batch.Queue{{Name: "queue", UUID: "queue", Priority: n}},
		Environments: []batch.Environment{{Name: "environment", StatusReason: fmt.Sprint(n)}},
		Policies:     []batch.Policy{{Name: "policy", CreatedAt: batch.Time(n)}},
		Definitions:  []batch.Definition{{Name: "definition", Revision: n, Active: true}},
		Tags:         []batch.Tags{{Resource: "job-queue/queue", Values: map[string]string{"n": fmt.Sprint(n)}}},
		Jobs:         []batch.Job{array, born(&array, n, batch.Succeeded)},
	}
}

// readVersion reads them back and says which number each had.
func readVersion(ctx context.Context, s store.Reader) ([]string, error) {
	var all []string
	named, err1 := s.Queues(ctx, store.NameQuery{Names: []string{"queue"}})
	listed, err2 := s.Queues(ctx, store.NameQuery{})
	for _, q := range append(slices.Clone(named), listed...) {
		all = append(all, fmt.Sprint(q.Priority))
	}
	environments, err3 := s.Environments(ctx, store.NameQuery{Names: []string{"environment"}})
	for _, e := range environments {
		all = append(all, e.StatusReason)
	}
	policies, err4 := s.Policies(ctx, store.NameQuery{Names: []string{"policy"}})
	for _, p := range policies {
		all = append(all, fmt.Sprint(p.CreatedAt))
	}
	definitions, err5 := s.Definitions(ctx, store.DefinitionQuery{Refs: []batch.DefinitionRef{{Name: "definition"}}})
	for _, d := range definitions {
		all = append(all, fmt.Sprint(d.Revision))
	}
	tags, err6 := s.Tags(ctx, []string{"job-queue/queue"})
	children, err7 := s.Children(ctx, "array")
	all = append(all, tags["job-queue/queue"]["n"], fmt.Sprint(len(children)))
	return all, errors.Join(err1, err2, err3, err4, err5, err6, err7)
}

// wholly is the answer to readVersion when everything says n.
func wholly(n int32) []string {
	said := fmt.Sprint(n)
	return []string{said, said, said, said, said, said, said}
}

// What is read together does not see a commit that lands meanwhile; what is read afterwards does.
func testTogether(t *testing.T, open Open) {
	s, _ := open(t)
	commit(t, s, version(1))
	same(t, "before", must(readVersion(t.Context(), s))(t), wholly(1))
	last := int32(1)
	err := s.Together(t.Context(), func(r store.Reader) error {
		begun := last
		said, err := readVersion(t.Context(), r)
		if err != nil {
			return err
		}
		same(t, "together", said, wholly(begun))
		last++
		commit(t, s, version(last))
		if said, err = readVersion(t.Context(), r); err != nil {
			return err
		}
		same(t, "together, after a commit", said, wholly(begun))
		same(t, "beside it", must(readVersion(t.Context(), s))(t), wholly(last))
		if said, err = readVersion(t.Context(), r); err != nil {
			return err
		}
		same(t, "together, after others have read", said, wholly(begun))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "afterwards", must(readVersion(t.Context(), s))(t), wholly(last))
}

// A reader that is used after the call that it was handed to is refused: its moment is over.
func testTogetherEnds(t *testing.T, open Open) {
	s, _ := open(t)
	commit(t, s, version(1))
	var kept store.Reader
	if err := s.Together(t.Context(), func(r store.Reader) error { kept = r; return nil }); err != nil {
		t.Fatal(err)
	}
	if rows, err := kept.Children(t.Context(), "array"); err == nil {
		t.Errorf("a reader that has ended answers %v", rows)
	}
}

// What was read before may be known without looking: it is of one moment with what has to be looked for.
func testTogetherFromMemory(t *testing.T, open Open) {
	s, _ := open(t)
	commit(t, s, version(1))
	same(t, "before", must(readVersion(t.Context(), s))(t), wholly(1))
	for n := int32(1); n < 5; n++ {
		var queue, children int
		err := s.Together(t.Context(), func(r store.Reader) error {
			queues, err := r.Queues(t.Context(), store.NameQuery{Names: []string{"queue"}})
			if err != nil {
				return err
			}
			commit(t, s, version(n+1))
			rows, err := r.Children(t.Context(), "array")
			queue, children = int(queues[0].Priority), len(rows)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if queue != children {
			t.Errorf("the queue is of commit %d and the children of commit %d", queue, children)
		}
		same(t, "afterwards", must(readVersion(t.Context(), s))(t), wholly(n+1))
	}
}

// A failure of f is returned as it is, and the store goes on.
func testTogetherFails(t *testing.T, open Open) {
	s, _ := open(t)
	commit(t, s, version(1))
	refusal := errors.New("not today")
	if err := s.Together(t.Context(), func(store.Reader) error { return refusal }); err != refusal { //nolint:errorlint // it is to be the same
		t.Errorf("Together returns %v, want what f returned", err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	err := s.Together(cancelled, func(r store.Reader) error {
		cancel()
		_, err := r.Children(cancelled, "array")
		return err
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Together returns %v, want that it was cancelled", err)
	}
	for range 10 { // more than can read at once
		same(t, "afterwards", must(readVersion(t.Context(), s))(t), wholly(1))
	}
}

// Whoever reads after a commit has returned sees it, however often the same was asked before, and what is read together
// is never of two commits.
func testRecentNouns(t *testing.T, open Open) {
	s, _ := open(t)
	const rounds, readers = 40, 4
	commit(t, s, version(1))
	stop := meanwhile(readers, func() {
		err := s.Together(t.Context(), func(r store.Reader) error {
			said, err := readVersion(t.Context(), r)
			if err != nil {
				return err
			}
			for _, n := range said[1:] {
				if n != said[0] {
					return fmt.Errorf("read together: %v", said)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	for n := int32(2); n <= rounds; n++ {
		commit(t, s, version(n))
		same(t, "one's own write", must(readVersion(t.Context(), s))(t), wholly(n))
	}
	stop()
}
