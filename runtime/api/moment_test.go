package api_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// staleNeeds is why commands may read again: what they were given is out of date, so they are given anew.
const staleNeeds = "what it needs is read again if some of it has ended meanwhile"

// severalMoments are the requests that read rows more than once, each time as they are then, and why that is right.
var severalMoments = map[string]string{
	wire.PathSubmitJob: staleNeeds, wire.PathPlanJob: staleNeeds, wire.PathRetryJob: staleNeeds,
}

// TestAnswersAreOfOneMoment plays every transcript over a store that counts reads. A request that puts its answer together from
// several of them does so within Together: else a job may be SUCCEEDED in one part of the answer and run in another.
func TestAnswersAreOfOneMoment(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			w := newWorld(t, hooked(memory(t)), nil)
			inner := w.handler
			w.handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				var moments atomic.Int32
				inner.ServeHTTP(rw, r.WithContext(withHooks(r.Context(), hooks{moment: func() { moments.Add(1) }})))
				name := r.URL.Path + r.Header.Get("X-Amz-Target")
				if n := moments.Load(); n > 1 && severalMoments[name] == "" {
					t.Errorf("%s reads at %d moments", name, n)
				}
			})
			datadriven.RunTest(t, path, (&transcript{world: w, names: map[string]string{}}).run)
		})
	}
}
