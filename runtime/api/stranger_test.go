package api_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/auth"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// TestADenialIsRecordedThoughTheCallerHasGone has somebody knock and run.
func TestADenialIsRecordedThoughTheCallerHasGone(t *testing.T) {
	g := newGuarded(t)
	ctx, leave := context.WithCancelCause(t.Context())
	leave(errors.New("gone"))
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "http://127.0.0.1"+wire.PathStop, http.NoBody)
	g.handler.ServeHTTP(httptest.NewRecorder(), r)
	yes := true
	lines, err := g.store.Audits(t.Context(), store.AuditQuery{Denied: &yes})
	if err != nil || len(lines) != 1 || lines[0].Action != "batchd:Stop" {
		t.Errorf("the audit log has %+v, %v", lines, err)
	}
}

// ruined is a store that can be made to fail for good.
type ruined struct {
	store.Store
	now atomic.Bool
}

var errRuined = fmt.Errorf("%w: /home/ann/batchd.db", store.ErrCorrupt)

// Commit implements [store.Store].
func (s *ruined) Commit(ctx context.Context, d *batch.Delta) error {
	if s.now.Load() {
		return errors.New("/home/ann: no space is left")
	}
	return s.Store.Commit(ctx, d)
}

// Load implements [store.Store].
func (s *ruined) Load(ctx context.Context) (batch.Snapshot, error) {
	if s.now.Load() {
		return batch.Snapshot{}, errRuined
	}
	return s.Store.Load(ctx)
}

// TestHealthTellsStrangersNothingElse breaks the store in a way that strangers must not hear of.
func TestHealthTellsStrangersNothingElse(t *testing.T) {
	s := &ruined{Store: memory(t)}
	w := newWorld(t, s, func(o *api.Options) { o.Authenticator = auth.Anonymous{} })
	s.now.Store(true)
	if answer := w.post(wire.PathCreateSchedulingPolicy, `{"name": "p"}`); answer.StatusCode == 200 {
		t.Fatal("it was accepted")
	}
	for deadline := time.Now().Add(patience); ; <-time.After(5 * time.Millisecond) {
		answer := httptest.NewRecorder()
		w.handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "http://anything/healthz", nil))
		if said := answer.Body.String(); said == "HALTED\n" && answer.Code == http.StatusServiceUnavailable {
			return
		} else if time.Now().After(deadline) || strings.Contains(said, "/home/ann") {
			t.Fatalf("it says %d %q", answer.Code, said)
		}
	}
}

// TestAStopIsInTheAuditLog has the runtime asked to end; with a store that writes no more it ends too.
func TestAStopIsInTheAuditLog(t *testing.T) {
	s := &ruined{Store: memory(t)}
	stopped := 0
	w := newWorld(t, s, func(o *api.Options) {
		o.Authenticator = auth.Anonymous{}
		o.Stop = func() {
			stopped++
			if lines, err := s.Audits(t.Context(), store.AuditQuery{}); err != nil || len(lines) != 1 {
				t.Errorf("when it ends, the audit log has %+v, %v", lines, err)
			}
		}
	})
	stop := func() {
		t.Helper()
		if answer := w.post(wire.PathStop, ""); answer.StatusCode != 200 {
			t.Errorf("%s", answer.Status)
		}
	}
	stop()
	lines, err := s.Audits(t.Context(), store.AuditQuery{Action: "Stop"})
	if err != nil || len(lines) != 1 || lines[0].Who == "" || lines[0].Source == "" || lines[0].At == 0 || lines[0].Denied {
		t.Errorf("the audit log has %+v, %v", lines, err)
	}
	s.now.Store(true)
	stop()
	if stopped != 2 {
		t.Errorf("it was told to end %d times, want 2", stopped)
	}
}
