package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
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
func readVersion(ctx context.Context, t *testing.T, s store.Store) []string {
	t.Helper()
	var all []string
	for _, q := range must(s.Queues(ctx, store.NameQuery{Names: []string{"queue"}}))(t) {
		all = append(all, fmt.Sprint(q.Priority))
	}
	for _, q := range must(s.Queues(ctx, store.NameQuery{}))(t) {
		all = append(all, fmt.Sprint(q.Priority))
	}
	for _, e := range must(s.Environments(ctx, store.NameQuery{Names: []string{"environment"}}))(t) {
		all = append(all, e.StatusReason)
	}
	for _, p := range must(s.Policies(ctx, store.NameQuery{Names: []string{"policy"}}))(t) {
		all = append(all, fmt.Sprint(p.CreatedAt))
	}
	for _, d := range must(s.Definitions(ctx, store.DefinitionQuery{Refs: []batch.DefinitionRef{{Name: "definition"}}}))(t) {
		all = append(all, fmt.Sprint(d.Revision))
	}
	all = append(all, must(s.Tags(ctx, []string{"job-queue/queue"}))(t)["job-queue/queue"]["n"])
	return append(all, fmt.Sprint(len(must(s.Children(ctx, "array"))(t))))
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
	same(t, "before", readVersion(t.Context(), t, s), wholly(1))
	err := s.Together(t.Context(), func(ctx context.Context) error {
		same(t, "together", readVersion(ctx, t, s), wholly(1))
		commit(t, s, version(2))
		same(t, "together, after a commit", readVersion(ctx, t, s), wholly(1))
		same(t, "beside it", readVersion(t.Context(), t, s), wholly(2))
		same(t, "together, after others have read", readVersion(ctx, t, s), wholly(1))
		return s.Together(ctx, func(ctx context.Context) error {
			same(t, "together within", readVersion(ctx, t, s), wholly(1))
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "afterwards", readVersion(t.Context(), t, s), wholly(2))
}

// A failure of f is returned as it is, and the store goes on.
func testTogetherFails(t *testing.T, open Open) {
	s, _ := open(t)
	commit(t, s, version(1))
	refusal := errors.New("not today")
	if err := s.Together(t.Context(), func(context.Context) error { return refusal }); err != refusal { //nolint:errorlint // it is to be the same
		t.Errorf("Together returns %v, want what f returned", err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	err := s.Together(cancelled, func(ctx context.Context) error {
		cancel()
		_, err := s.Children(ctx, "array")
		return err
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Together returns %v, want that it was cancelled", err)
	}
	for range 10 { // more than can read at once
		same(t, "afterwards", readVersion(t.Context(), t, s), wholly(1))
	}
}

// Whoever reads after a commit has returned sees it, however often the same was asked before, and what is read together
// is never of two commits.
func testRecentNouns(t *testing.T, open Open) {
	s, _ := open(t)
	const rounds, readers = 40, 4
	commit(t, s, version(1))
	done := make(chan struct{})
	var wait sync.WaitGroup
	for range readers {
		wait.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				err := s.Together(t.Context(), func(ctx context.Context) error {
					said := readVersion(ctx, t, s)
					for _, n := range said[1:] {
						if n != said[0] {
							return fmt.Errorf("read together: %v", said)
						}
					}
					return nil
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for n := int32(2); n <= rounds; n++ {
		commit(t, s, version(n))
		same(t, "one's own write", readVersion(t.Context(), t, s), wholly(n))
	}
	close(done)
	wait.Wait()
}
