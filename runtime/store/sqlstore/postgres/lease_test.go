package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
	"github.com/batchd/terraform-provider-batch/runtime/store/sqlstore"
	"github.com/batchd/terraform-provider-batch/runtime/store/sqlstore/postgres"
	"github.com/batchd/terraform-provider-batch/runtime/store/sqlstore/postgres/postgrestest"
)

// A second runtime waits for the first one's lease, is told who has it, and becomes the writer when the first one ends.
func TestASecondRuntimeWaits(t *testing.T) {
	_, url := postgrestest.Schema(t)
	first := open(t, url+"&application_name=first")
	waits := make(chan string, 1)
	type outcome struct {
		s   *sqlstore.Store
		err error
	}
	opened := make(chan outcome, 1)
	go func() {
		s, err := sqlstore.Open(t.Context(), sqlstore.Options{Database: postgres.New(url, func(holder string) { waits <- holder })})
		opened <- outcome{s, err}
	}()
	if holder := <-waits; !strings.HasPrefix(holder, "first") {
		t.Errorf("the lease is held by %q, want the first runtime", holder)
	}
	if err := first.Commit(t.Context(), &batch.Delta{Hosts: []batch.Host{{ID: "h"}}}); err != nil {
		t.Fatalf("a commit while another runtime waits: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := <-opened
	if second.err != nil {
		t.Fatal(second.err)
	}
	t.Cleanup(func() { _ = second.s.Close() })
	if snapshot, err := second.s.Load(t.Context()); err != nil || len(snapshot.Hosts) != 1 || second.s.Epoch() <= first.Epoch() {
		t.Errorf("the second runtime is in epoch %d after %d and finds %+v (%v)", second.s.Epoch(), first.Epoch(), snapshot.Hosts, err)
	}
}

// Waiting for the lease ends with the context.
func TestWaitingEnds(t *testing.T) {
	_, url := postgrestest.Schema(t)
	open(t, url)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := sqlstore.Open(ctx, sqlstore.Options{Database: postgres.New(url, func(string) { cancel() })})
	if err == nil || !errors.Is(ctx.Err(), context.Canceled) {
		t.Errorf("it opened the store while another runtime has it: %v", err)
	}
}

// A writer and readers whose connections were cut, as by a restart of the server, go on with new ones.
func TestConnectionsAreMadeAgain(t *testing.T) {
	name, url := postgrestest.Schema(t)
	s := open(t, url+"&application_name="+name)
	for n := range int32(5) {
		if err := s.Commit(t.Context(), &batch.Delta{Queues: []batch.Queue{{Name: "q", UUID: "q", Priority: n}}}); err != nil {
			t.Fatalf("commit %d: %v", n, err)
		}
		for range 5 { // on each of its connections
			jobs, err := s.ListJobs(t.Context(), store.JobQuery{Queue: "q"})
			if err != nil || len(jobs) != 0 {
				t.Fatal(jobs, err)
			}
		}
		if queues, err := s.Queues(t.Context(), store.NameQuery{}); err != nil || len(queues) != 1 || queues[0].Priority != n {
			t.Fatalf("after commit %d: %+v, %v", n, queues, err)
		}
		postgrestest.Run(t, `SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = $1`, name)
	}
}

// A text of any bytes is looked for and stored like any other.
func TestAnyBytes(t *testing.T) {
	_, url := postgrestest.Schema(t)
	s := open(t, url)
	texts := []string{"a\x00b", "\x00", "a\xffb", "\xff", "\U0010FFFF", "\U0010FFFF00", "\ufffd", ""}
	var d batch.Delta
	for i, text := range texts {
		d.Jobs = append(d.Jobs, batch.Job{ID: batch.JobID("job" + string(rune('a'+i))), Seq: int64(i + 1), QueueID: "q", Name: text, Token: text})
	}
	if err := s.Commit(t.Context(), &d); err != nil {
		t.Fatal(err)
	}
	for i, text := range texts[:len(texts)-1] {
		if id, found, err := s.JobByToken(t.Context(), text); err != nil || !found || id != d.Jobs[i].ID {
			t.Errorf("token %q is of job %q (%t, %v), want %q", text, id, found, err, d.Jobs[i].ID)
		}
	}
	jobs, err := s.ListJobs(t.Context(), store.JobQuery{Queue: "q"})
	if err != nil || len(jobs) != len(texts) {
		t.Fatal(jobs, err)
	}
	for i, j := range jobs {
		if j.Name != texts[i] {
			t.Errorf("job %s is called %q, want %q", j.ID, j.Name, texts[i])
		}
	}
	if found, err := s.Queues(t.Context(), store.NameQuery{Names: []string{"a\x00b", "\xff"}}); err != nil || len(found) != 0 {
		t.Errorf("queues of odd names: %v, %v", found, err)
	}
}

// A password that is in the URL is in no message.
func TestPasswordsAreNotShown(t *testing.T) {
	for _, url := range []string{
		"postgres://u:hunter2@127.0.0.1:1/db?connect_timeout=1", "postgres://u:hunter2@127.0.0.1:port/db", "postgres://u:hunter2@[::1/db",
	} {
		_, err := sqlstore.Open(t.Context(), sqlstore.Options{Database: postgres.New(url, nil)})
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v", err)
		}
	}
}
