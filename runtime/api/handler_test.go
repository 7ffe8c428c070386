package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api"
	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/auth"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// open starts a world that lets this machine in without a signature.
func open(t *testing.T, change func(*api.Options)) *world {
	t.Helper()
	return newWorld(t, memory(t), func(o *api.Options) {
		o.Authenticator = auth.Anonymous{}
		if change != nil {
			change(o)
		}
	})
}

func (w *world) post(path, body string) *http.Response {
	w.Helper()
	r := httptest.NewRequestWithContext(w.Context(), http.MethodPost, "http://127.0.0.1"+path, strings.NewReader(body))
	r.RemoteAddr = "127.0.0.1:5"
	r.Header.Set("Content-Type", "application/json")
	answer := httptest.NewRecorder()
	w.handler.ServeHTTP(answer, r)
	return answer.Result()
}

func message(t *testing.T, answer *http.Response) string {
	t.Helper()
	var body struct{ Message string }
	if err := json.NewDecoder(answer.Body).Decode(&body); err != nil {
		t.Fatal(err)
	}
	return body.Message
}

// TestFailuresAreNamedByTheirRequest checks that what clients are not told is in the log under the id
// they were given.
func TestFailuresAreNamedByTheirRequest(t *testing.T) {
	w := open(t, func(o *api.Options) {
		o.Doctor = func(context.Context) []wire.Check { panic("no such organ") }
	})
	w.store.failing(errors.New("the disk is on fire"))
	answer := w.post(wire.PathDescribeJobs, `{"jobs": ["a"]}`)
	id := answer.Header.Get(wire.HeaderRequestID)
	text := message(t, answer)
	if answer.StatusCode != 500 || answer.Header.Get(wire.HeaderErrorType) != wire.CodeServer || !strings.Contains(text, id) || strings.Contains(text, "fire") {
		t.Errorf("%s: %s", answer.Status, text)
	}
	if id == "" || len(w.log.find("level=ERROR", id, "the disk is on fire", "/v1/describejobs")) != 1 {
		t.Errorf("the log does not tell about %q", id)
	}
	w.store.failing(fmt.Errorf("page 7: %w", store.ErrCorrupt))
	if text := message(t, w.post(wire.PathDescribeJobs, `{"jobs": ["a"]}`)); !strings.Contains(text, "corrupt") {
		t.Errorf("a corrupt store: %s", text)
	}

	r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1"+wire.PathDoctor, nil)
	r.RemoteAddr = "127.0.0.1:5"
	recorded := httptest.NewRecorder()
	w.handler.ServeHTTP(recorded, r)
	id = recorded.Header().Get(wire.HeaderRequestID)
	if recorded.Code != 500 || len(w.log.find("level=ERROR", id, "no such organ", "stack=")) != 1 {
		t.Errorf("a panic: %d %s", recorded.Code, recorded.Body)
	}
	if len(w.log.find("level=DEBUG", id, "status=500")) != 1 {
		t.Error("the request is not in the log")
	}
}

// TestStoppedEngine checks that what cannot be served now may be tried again.
func TestStoppedEngine(t *testing.T) {
	var engineStop func(context.Context) error
	w := open(t, func(o *api.Options) { engineStop = o.Engine.Stop })
	if err := engineStop(t.Context()); err != nil {
		t.Fatal(err)
	}
	answer := w.post(wire.PathCreateComputeEnvironment, `{"computeEnvironmentName": "a", "type": "MANAGED", "computeResources": {"type": "LOCAL", "maxvCpus": 1}}`)
	if answer.StatusCode != 503 || answer.Header.Get(wire.HeaderErrorType) != wire.CodeServer {
		t.Errorf("%s %s", answer.Status, message(t, answer))
	}
	if answer := w.post(wire.PathDescribeJobs, `{"jobs": ["a"]}`); answer.StatusCode != 200 {
		t.Errorf("a read: %s", answer.Status)
	}
}

// TestAbandonedRequest checks that a request whose context has ended is never answered as if it were served.
func TestAbandonedRequest(t *testing.T) {
	w := open(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "http://127.0.0.1"+wire.PathDescribeJobs, strings.NewReader(`{"jobs": ["a"]}`))
	r.RemoteAddr = "127.0.0.1:5"
	r.Header.Set("Content-Type", "application/json")
	answer := httptest.NewRecorder()
	w.handler.ServeHTTP(answer, r)
	if answer.Code != 503 || answer.Header().Get(wire.HeaderErrorType) != wire.CodeServer {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
}

func TestHealth(t *testing.T) {
	w := open(t, nil)
	answer := httptest.NewRecorder()
	w.handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "http://anything/healthz", nil))
	if answer.Code != 200 || answer.Body.String() != "ok\n" {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
}

// TestARequestMayTakeLongerThanItsWay serves a request for longer than it and its answer may be on the way.
func TestARequestMayTakeLongerThanItsWay(t *testing.T) {
	const onTheWay = 50 * time.Millisecond
	w := newWorld(t, memory(t), func(o *api.Options) {
		o.Doctor = func(ctx context.Context) []wire.Check {
			select {
			case <-ctx.Done():
				t.Errorf("the request was given up: %v", context.Cause(ctx))
			case <-time.After(4 * onTheWay):
			}
			return nil
		}
	})
	server := httptest.NewUnstartedServer(w.handler)
	server.Config.ReadTimeout, server.Config.WriteTimeout = onTheWay, onTheWay
	server.Start()
	t.Cleanup(server.Close)
	c, err := client.New(client.Config{Endpoint: server.URL, Credentials: keys, RetryFor: -1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Doctor(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestTooManyRequests fills every place with requests that last.
func TestTooManyRequests(t *testing.T) {
	release, inside := make(chan struct{}), make(chan struct{}, 2048)
	w := open(t, func(o *api.Options) {
		o.Doctor = func(context.Context) []wire.Check {
			inside <- struct{}{}
			<-release
			return nil
		}
	})
	var asked sync.WaitGroup
	refused := make(chan *http.Response, 2048)
	for range 1025 {
		asked.Go(func() {
			r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1"+wire.PathDoctor, nil)
			r.RemoteAddr = "127.0.0.1:5"
			answer := httptest.NewRecorder()
			w.handler.ServeHTTP(answer, r)
			if answer.Code != 200 {
				refused <- answer.Result()
			}
		})
	}
	answer := <-refused
	if answer.StatusCode != 429 || answer.Header.Get(wire.HeaderErrorType) != wire.CodeTooManyRequests {
		t.Errorf("%s", answer.Status)
	}
	for range 1024 {
		<-inside
	}
	close(release)
	asked.Wait()
	if answer := w.post(wire.PathDescribeJobs, `{"jobs": ["a"]}`); answer.StatusCode != 200 {
		t.Errorf("afterwards: %s", answer.Status)
	}
}

// TestOurOwnClient takes a lease and stops the runtime over a real connection.
func TestOurOwnClient(t *testing.T) {
	held, released, stopped := make(chan struct{}, 1), make(chan struct{}, 1), make(chan struct{}, 1)
	w := newWorld(t, memory(t), func(o *api.Options) {
		o.Lease = func() func() { held <- struct{}{}; return func() { released <- struct{}{} } }
		o.Stop = func() { stopped <- struct{}{} }
	})
	server := httptest.NewServer(w.handler)
	defer server.Close()
	c, err := client.New(client.Config{Endpoint: server.URL, Credentials: keys})
	if err != nil {
		t.Fatal(err)
	}
	lease, err := c.Lease(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	<-held
	lease.Close()
	select {
	case <-released:
	case <-time.After(patience):
		t.Error("the lease is still held")
	}
	if err := c.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	<-stopped
	if _, err := c.DescribeJobs(t.Context(), &wire.DescribeJobsRequest{}); err == nil || !strings.Contains(err.Error(), "jobs: given 0 entries") {
		t.Errorf("a wrong request: %v", err)
	}
}
