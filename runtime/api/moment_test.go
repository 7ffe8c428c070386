package api_test

import (
	"context"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// staleNeeds is why commands may read again: what they were given is out of date, so they are given anew.
const staleNeeds = "what it needs is read again if some of it has ended meanwhile"

// severalMoments are the requests that read jobs more than once, each time as they are then, and why that is right.
var severalMoments = map[string]string{
	wire.PathSubmitJob: staleNeeds, wire.PathPlanJob: staleNeeds, wire.PathRetryJob: staleNeeds,
	"/Logs_20140328.DescribeLogStreams": "it walks over as many jobs as it takes to fill a page, and says of each what its own row says",
	"/Logs_20140328.FilterLogEvents":    "as DescribeLogStreams",
}

// TestAnswersAreOfOneMoment plays every transcript over a store that counts reads of jobs. A request that puts its answer together from
// several of them does so within Together: else a job may be SUCCEEDED in one part of the answer and run in another.
func TestAnswersAreOfOneMoment(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			w := newWorld(t, &moments{Store: memory(t)}, nil)
			inner := w.handler
			w.handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				var reads atomic.Int32
				inner.ServeHTTP(rw, r.WithContext(context.WithValue(r.Context(), readsKey{}, &reads)))
				name := r.URL.Path + r.Header.Get("X-Amz-Target")
				if n := reads.Load(); n > 1 && severalMoments[name] == "" {
					t.Errorf("%s reads jobs at %d moments", name, n)
				}
			})
			datadriven.RunTest(t, path, (&transcript{world: w, names: map[string]string{}}).run)
		})
	}
}

// readsKey is the key under which a context counts moments.
type readsKey struct{}

// moments counts the moments at which a request reads rows that change as jobs go on.
type moments struct{ store.Store }

func (s *moments) count(ctx context.Context) {
	if reads, ok := ctx.Value(readsKey{}).(*atomic.Int32); ok {
		reads.Add(1)
	}
}

func (s *moments) Together(ctx context.Context, f func(store.Reader) error) error {
	s.count(ctx)
	return s.Store.Together(ctx, f)
}

func (s *moments) Jobs(ctx context.Context, ids []batch.JobID) ([]batch.Job, error) {
	s.count(ctx)
	return s.Store.Jobs(ctx, ids)
}

func (s *moments) ListJobs(ctx context.Context, q store.JobQuery) ([]batch.Job, error) {
	s.count(ctx)
	return s.Store.ListJobs(ctx, q)
}

func (s *moments) Children(ctx context.Context, root batch.JobID) ([]batch.Job, error) {
	s.count(ctx)
	return s.Store.Children(ctx, root)
}

func (s *moments) Attempts(ctx context.Context, jobs []batch.JobID) (map[batch.JobID][]batch.Attempt, error) {
	s.count(ctx)
	return s.Store.Attempts(ctx, jobs)
}

func (s *moments) Results(ctx context.Context, attempts []batch.AttemptID) (map[batch.AttemptID][]byte, error) {
	s.count(ctx)
	return s.Store.Results(ctx, attempts)
}

func (s *moments) Counts(ctx context.Context) ([batch.StatusCount]int64, error) {
	s.count(ctx)
	return s.Store.Counts(ctx)
}

func (s *moments) QueueCounts(ctx context.Context) (map[string][batch.StatusCount]int64, error) {
	s.count(ctx)
	return s.Store.QueueCounts(ctx)
}
