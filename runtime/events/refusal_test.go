package events

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// receiver is a webhook's, which takes requests of at most max bytes.
type receiver struct {
	max, largest int
	requests     int
	got          []string
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	r.requests++
	if err != nil || len(body) > r.max {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	}
	r.largest = max(r.largest, len(body))
	var told []wire.Event
	if json.Unmarshal(body, &told) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	for _, e := range told {
		r.got = append(r.got, e.ID)
	}
}

// hooked returns a sender to a receiver, and what it logs.
func hooked(t *testing.T, to http.Handler) (*sender, *bytes.Buffer) {
	t.Helper()
	served := httptest.NewServer(to)
	t.Cleanup(served.Close)
	t.Setenv("HOOK_SECRET", secret)
	h, err := newWebhook(&SinkConfig{Name: "hook", Type: TypeWebhook, URL: served.URL, SecretEnv: "HOOK_SECRET"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	log := &bytes.Buffer{}
	return &sender{to: h, log: slog.New(slog.NewTextHandler(log, nil))}, log
}

func eventOf(id string, bytes int) wire.Event {
	e := event(id)
	e.Detail.StatusReason = strings.Repeat("x", bytes)
	return e
}

func TestRequestsAreBoundedByBytes(t *testing.T) {
	r := &receiver{max: 10 << 20}
	c, _ := hooked(t, r)
	var told []wire.Event
	var want []string
	for i := range 50 {
		id := fmt.Sprint(i)
		told, want = append(told, eventOf(id, 100_000)), append(want, id)
	}
	told, want = append(told, eventOf("large", 2<<20)), append(want, "large")
	if !c.deliver(t.Context(), told[:50]) || r.largest > 1<<20 || r.requests > 6 {
		t.Errorf("%d requests, the largest of %d bytes", r.requests, r.largest)
	}
	if !c.deliver(t.Context(), told[50:]) || !slices.Equal(r.got, want) || c.delivered.Load() != 51 {
		t.Errorf("got %v", r.got)
	}
}

func TestWhatIsTooLargeIsLeftOut(t *testing.T) {
	r := &receiver{max: 5000}
	c, log := hooked(t, r)
	var told []wire.Event
	var want []string
	for i := range 20 {
		id, size := fmt.Sprint(i), 1000
		if i == 3 || i == 17 {
			size = 6000
		} else {
			want = append(want, id)
		}
		told = append(told, eventOf(id, size))
	}
	if !c.deliver(t.Context(), told) || !slices.Equal(r.got, want) {
		t.Errorf("got %v", r.got)
	}
	if c.lost.Load() != 2 || c.delivered.Load() != 18 || c.down.Load() || strings.Count(log.String(), "too large") != 1 {
		t.Errorf("lost %d, delivered %d, down %t: %s", c.lost.Load(), c.delivered.Load(), c.down.Load(), log)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "-1": 0, "soon": 0, "99999999999": 0,
		"Fri, 02 Jan 2026 03:05:05 GMT": time.Minute, "Fri, 02 Jan 2026 03:00:00 GMT": 0,
	} {
		if got := retryAfter(value, now); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
	asked := []time.Time{}
	c, _ := hooked(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked = append(asked, time.Now()); len(asked) == 1 {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	if !c.deliver(t.Context(), []wire.Event{event("a")}) || len(asked) != 2 || asked[1].Sub(asked[0]) < time.Second {
		t.Errorf("asked at %v", asked)
	}
}

// Fewer files are kept once fewer are asked for.
func TestFilesThatAreKeptNoMoreGo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.jsonl")
	for i, keep := range []int{5, 2} {
		l := &jsonLines{path: path, max: 1, keep: keep}
		for range 7 {
			if _, err := l.deliver(t.Context(), []wire.Event{event("a")}); err != nil {
				t.Fatal(err)
			}
		}
		if err := l.close(); err != nil {
			t.Fatal(err)
		}
		names, err := filepath.Glob(path + "*")
		if err != nil || len(names) != []int{6, 3}[i] {
			t.Errorf("of %d: %v, %v", keep, names, err)
		}
	}
}

func TestFilesThatAreNotToBeWritten(t *testing.T) {
	state := t.TempDir()
	elsewhere := t.TempDir()
	if err := os.Symlink(state, filepath.Join(elsewhere, "link")); err != nil {
		t.Skip(err)
	}
	for path, allowed := range map[string]bool{
		"batchd.db": false, "events": false, "logs/x": false, "events/x.jsonl": true, "../x.jsonl": true, "events/../lock": false,
		elsewhere + "/x": true, elsewhere + "/link/lock": false, elsewhere + "/config.json": false, elsewhere + "/secret": false,
	} {
		if !filepath.IsAbs(path) {
			path = filepath.Join(state, path)
		}
		sinks := []SinkConfig{
			{Name: "file", Type: TypeJSONLines, Path: path},
			{Name: "hook", Type: TypeWebhook, URL: "https://example.com", SecretFile: filepath.Join(elsewhere, "secret")},
		}
		if err := CheckFiles(sinks, state, filepath.Join(elsewhere, "config.json")); (err == nil) != allowed {
			t.Errorf("%s: %v", path, err)
		}
	}
	file := func(name, path string) SinkConfig { return SinkConfig{Name: name, Type: TypeJSONLines, Path: path} }
	for other, allowed := range map[string]bool{"/x/e.1": false, "/x/e.1000": false, "/x/e.01": true, "/x/e.1001": true, "/x/e.2026": true, "/x/f.1": true} {
		if err := CheckSinks([]SinkConfig{file("a", "/x/e"), file("b", other)}); (err == nil) != allowed {
			t.Errorf("%s: %v", other, err)
		}
	}
	if err := CheckSinks([]SinkConfig{file("a", filepath.Join(state, "e")), file("b", elsewhere+"/link/e")}); err == nil {
		t.Error("one file by two names was taken")
	}
}
