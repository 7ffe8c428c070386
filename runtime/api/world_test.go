package api_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/batchd/terraform-provider-batch/runtime/api"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/auth"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/compute/computetest"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/store"
	"github.com/batchd/terraform-provider-batch/runtime/store/sqlstore"
	"github.com/batchd/terraform-provider-batch/runtime/store/sqlstore/sqlite"
	"github.com/batchd/terraform-provider-batch/runtime/store/storetest"
)

const (
	keyID  = "AKIDEXAMPLE"
	secret = "wJalrXUtnFEMI"
	region = "us-east-1"
	// patience is how long a test waits for what must happen.
	patience = 30 * time.Second
)

var keys = credentials.NewStaticCredentialsProvider(keyID, secret, "")

// world is a runtime over a machine in memory: everything behind the handler is real but the driver.
type world struct {
	*testing.T
	store   *watched
	driver  *computetest.Fake
	handler http.Handler
	log     *logLines
}

// newWorld starts a runtime. change may alter what its handler is made of.
func newWorld(t *testing.T, s store.Store, change func(*api.Options)) *world {
	t.Helper()
	w := &world{T: t, store: &watched{Store: s, changed: make(chan struct{})}, driver: computetest.NewFake(computetest.FakeOptions{Behave: behave}), log: &logLines{}}
	if err := w.driver.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	logger := slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	e := engine.New(engine.Options{
		Store: w.store, Drivers: []compute.Driver{w.driver}, Logger: logger,
		Config: sched.Config{HostGrace: time.Minute}, Home: "/state",
	})
	if err := e.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	options := api.Options{
		Engine: e, Store: w.store, Logs: w.driver.Logs(), Place: batch.Place{Region: region, Account: "123456789012"},
		Authenticator: auth.NewSigV4(auth.NewKeys(auth.Key{AccessKeyID: keyID, SecretAccessKey: secret, Role: auth.RoleAdmin}), time.Now),
		Version:       "1.2.3", StateDir: "/state", PID: 7, StartedAt: time.UnixMilli(1_700_000_000_000), Logger: logger,
		Doctor: func(context.Context) []wire.Check { return []wire.Check{{Name: "docker", Status: wire.CheckOK}} },
	}
	if change != nil {
		change(&options)
	}
	w.handler = api.New(options)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := e.Stop(ctx); err != nil {
			t.Error(err)
		}
		if err := w.driver.Close(ctx); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func memory(*testing.T) store.Store { return storetest.NewMemory() }

func sqliteStore(t *testing.T) store.Store {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), sqlstore.Options{Database: sqlite.New(filepath.Join(t.TempDir(), "batchd.db"))})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// watched tells when something was committed.
type watched struct {
	store.Store
	mu      sync.Mutex
	changed chan struct{}
	fail    error // of the next reads of jobs, and of what is read together
}

func (s *watched) Commit(ctx context.Context, d *batch.Delta) error {
	err := s.Store.Commit(ctx, d)
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.changed)
	s.changed = make(chan struct{})
	return err
}

func (s *watched) Jobs(ctx context.Context, ids []batch.JobID) ([]batch.Job, error) {
	if err := s.failure(); err != nil {
		return nil, err
	}
	return s.Store.Jobs(ctx, ids)
}

func (s *watched) Together(ctx context.Context, f func(store.Reader) error) error {
	if err := s.failure(); err != nil {
		return err
	}
	return s.Store.Together(ctx, f)
}

func (s *watched) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fail
}

func (s *watched) failing(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = err
}

// await waits until what it is asked for holds of a job.
func (w *world) await(id batch.JobID, what string, holds func(batch.Job) bool) batch.Job {
	w.Helper()
	deadline := time.After(patience)
	for {
		w.store.mu.Lock()
		changed := w.store.changed
		w.store.mu.Unlock()
		jobs, err := w.store.Jobs(w.Context(), []batch.JobID{id})
		if err != nil {
			w.Fatal(err)
		}
		if len(jobs) == 1 && holds(jobs[0]) {
			return jobs[0]
		}
		select {
		case <-changed:
		case <-deadline:
			w.Fatalf("job %s is not %s: %+v", id, what, jobs)
		}
	}
}

func (w *world) awaitStatus(id batch.JobID, status batch.Status) batch.Job {
	w.Helper()
	return w.await(id, status.String(), func(j batch.Job) bool { return j.Status == status })
}

// finish ends the attempt that runs of a job, once it runs.
func (w *world) finish(id batch.JobID, code int32) {
	w.Helper()
	j := w.awaitStatus(id, batch.Running)
	if !w.driver.Finish(j.AttemptID(), code) {
		w.Fatalf("attempt %s does not run", j.AttemptID())
	}
}

// logLines is what was logged.
type logLines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logLines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// find returns the lines that hold every word.
func (l *logLines) find(words ...string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []string
	for line := range strings.Lines(l.text.String()) {
		if !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(line, word) }) {
			found = append(found, line)
		}
	}
	return found
}

// behave reads a command as a little script of words: hold, elsewhere, exit N, fail-until N, say TEXT, result JSON, env.
func behave(s compute.Start) computetest.Behaviour {
	var b computetest.Behaviour
	for i, word := range s.Container.Command {
		argument := ""
		if i+1 < len(s.Container.Command) {
			argument = s.Container.Command[i+1]
		}
		number, _ := strconv.Atoi(argument)
		switch word {
		case "hold":
			b.Manual = true
		case "elsewhere":
			b.Elsewhere = true
		case "exit":
			b.Code = int32(number)
		case "fail-until":
			if s.Attempt.Number < int32(number) {
				b.Code = 1
			}
			b.Output += fmt.Sprintf("attempt %d\n", s.Attempt.Number)
		case "say":
			b.Output += argument + "\n"
		case "result":
			b.Result = argument
		case "refuse":
			b.Refuse = argument
		case "env":
			variables := slices.Clone(s.Environment)
			slices.Sort(variables)
			b.Output += strings.Join(variables, "\n") + "\n"
		}
	}
	return b
}
