package sqlstore_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
	"github.com/batchd/terraform-provider-batch/runtime/store/sqlstore"
)

// What was answered to one list of names is not the answer to another one, whatever bytes names are made of.
func TestRecentAnswersToOtherNames(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "state.db"))
	mustCommit(t, s, &batch.Delta{
		Queues: []batch.Queue{{Name: "a", UUID: "1"}, {Name: "b", UUID: "2"}},
		Definitions: []batch.Definition{
			{Name: "d", Revision: 1, Active: true}, {Name: "e", Revision: 1, Active: true},
		},
		Tags: []batch.Tags{{Resource: "job-queue/a", Values: map[string]string{"k": "v"}}, {Resource: "job-queue/b", Values: map[string]string{"k": "v"}}},
	})
	for _, between := range []string{"\x00", ",", ":", "1:", "\x001:"} {
		hostile := "a" + between + "b"
		if found, err := s.Queues(t.Context(), store.NameQuery{Names: []string{hostile}}); err != nil || len(found) != 0 {
			t.Errorf("queues called %q: %v, %v", hostile, found, err)
		}
		if tags, err := s.Tags(t.Context(), []string{"job-queue/a" + between + "job-queue/b"}); err != nil || len(tags) != 0 {
			t.Errorf("tags of one resource: %v, %v", tags, err)
		}
		refs := []batch.DefinitionRef{{Name: "d:1" + between + "e:1"}}
		if found, err := s.Definitions(t.Context(), store.DefinitionQuery{Refs: refs}); err != nil || len(found) != 0 {
			t.Errorf("definitions %v: %v, %v", refs, found, err)
		}
	}
	if found, err := s.Definitions(t.Context(), store.DefinitionQuery{Refs: []batch.DefinitionRef{{Name: "d:1"}}}); err != nil || len(found) != 0 {
		t.Errorf("the newest revision of d:1: %v, %v", found, err)
	}
	for range 2 { // from the store, then from memory
		if found, err := s.Queues(t.Context(), store.NameQuery{Names: []string{"a", "b"}}); err != nil || len(found) != 2 {
			t.Errorf("two queues: %v, %v", found, err)
		}
		if tags, err := s.Tags(t.Context(), []string{"job-queue/a", "job-queue/b"}); err != nil || len(tags) != 2 {
			t.Errorf("tags of two resources: %v, %v", tags, err)
		}
		refs := []batch.DefinitionRef{{Name: "d", Revision: 1}, {Name: "e", Revision: 1}}
		if found, err := s.Definitions(t.Context(), store.DefinitionQuery{Refs: refs}); err != nil || len(found) != 2 {
			t.Errorf("two definitions: %v, %v", found, err)
		}
		if found, err := s.Definitions(t.Context(), store.DefinitionQuery{Refs: refs[:1]}); err != nil || len(found) != 1 {
			t.Errorf("one definition: %v, %v", found, err)
		}
		long := []string{"a", strings.Repeat("x", 1<<16)}
		if found, err := s.Queues(t.Context(), store.NameQuery{Names: long}); err != nil || len(found) != 1 {
			t.Errorf("a queue beside a long name: %v, %v", found, err)
		}
	}
}

// A reader that panics, which the server of a request outlives, takes no connection with it.
func TestTogetherOutlivesPanics(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "state.db"))
	mustCommit(t, s, &batch.Delta{Queues: []batch.Queue{{Name: "a", UUID: "1"}}})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for range 10 { // more than can read at once
		func() {
			defer func() { _ = recover() }()
			_ = s.Together(ctx, func(r store.Reader) error {
				_, err := r.Queues(ctx, store.NameQuery{Names: []string{"a"}})
				panic(err)
			})
		}()
	}
	found, err := s.Queues(ctx, store.NameQuery{})
	if err != nil || len(found) != 1 {
		t.Errorf("queues %v, %v", found, err)
	}
}

// What cannot be read, because no connection can be opened, is an error that says so.
func TestTogetherWithoutADatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	s, err := sqlstore.Open(t.Context(), sqlstore.Options{Database: sqlstore.Untidy(path)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // its file is gone
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	err = s.Together(t.Context(), func(r store.Reader) error {
		_, err := r.Queues(t.Context(), store.NameQuery{})
		return err
	})
	if !errors.Is(err, store.ErrGone) {
		t.Errorf("read together: %v, want that the file is gone", err)
	}
}
