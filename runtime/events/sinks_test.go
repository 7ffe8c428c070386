package events

import (
	"context"
	"crypto/hmac"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

const secret = "a secret of more than sixteen bytes"

func event(id string) wire.Event {
	return wire.Event{Version: "0", ID: id, Resources: []string{}, Detail: wire.JobDetail{JobID: "job <1>", Status: "SUCCEEDED"}}
}

func TestAWebhookSigns(t *testing.T) {
	var told []wire.Event
	receiver := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		want := Sign([]byte(secret), r.Header.Get(HeaderTimestamp), body)
		if r.Method != http.MethodPost || !hmac.Equal([]byte(want), []byte(r.Header.Get(HeaderSignature))) || !strings.HasPrefix(want, "v1=") {
			t.Errorf("%s signed %q, want %q", r.Method, r.Header.Get(HeaderSignature), want)
		}
		if err := json.Unmarshal(body, &told); err != nil {
			t.Error(err)
		}
		w.WriteHeader(http.StatusAccepted)
	}))
	defer receiver.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: receiver.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOOK_SECRET", secret+"\n")
	c := &SinkConfig{Name: "hook", Type: TypeWebhook, URL: receiver.URL + "/in?token=hidden", SecretEnv: "HOOK_SECRET", CAFile: ca}
	h, err := newWebhook(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.deliver(t.Context(), []wire.Event{event("a"), event("b")}); err != nil {
		t.Fatal(err)
	}
	if len(told) != 2 || told[1].ID != "b" {
		t.Errorf("told %+v", told)
	}
	receiver.Close()
	_, err = h.deliver(t.Context(), []wire.Event{event("c")})
	if err == nil || strings.Contains(err.Error(), "hidden") || strings.Contains(err.Error(), secret) {
		t.Errorf("a receiver that is gone: %v", err)
	}
}

func TestAWebhookThatRefuses(t *testing.T) {
	var asked int
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}))
	defer receiver.Close()
	t.Setenv("HOOK_SECRET", secret)
	h, err := newWebhook(&SinkConfig{Name: "hook", Type: TypeWebhook, URL: receiver.URL, SecretEnv: "HOOK_SECRET"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.deliver(t.Context(), []wire.Event{event("a")}); err == nil || !strings.Contains(err.Error(), "307") || asked != 1 {
		t.Errorf("a redirection was answered with %v after %d requests", err, asked)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.deliver(ended, []wire.Event{event("a")}); !errors.Is(err, context.Canceled) {
		t.Errorf("a delivery whose time is over: %v", err)
	}
}

// A receiver that repeats what it was asked for makes no token known.
func TestAnAnswerThatRepeatsTheURL(t *testing.T) {
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "Cannot POST "+r.RequestURI+": wrong signature", http.StatusNotFound)
	}))
	defer receiver.Close()
	t.Setenv("HOOK_SECRET", secret)
	h, err := newWebhook(&SinkConfig{Name: "hook", Type: TypeWebhook, URL: receiver.URL + "/in/T0P5ECRET?key=ALS05ECRET", SecretEnv: "HOOK_SECRET"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.deliver(t.Context(), []wire.Event{event("a")})
	if err == nil || strings.Contains(err.Error(), "5ECRET") || !strings.Contains(err.Error(), "404") || !strings.Contains(err.Error(), "wrong signature") {
		t.Errorf("refused with %v", err)
	}
}

func TestJSONLinesAreRotated(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.jsonl")
	l := &jsonLines{path: path, max: 700, keep: 2}
	for _, id := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		if _, err := l.deliver(t.Context(), []wire.Event{event(id)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.close(); err != nil {
		t.Fatal(err)
	}
	var all string
	for _, name := range []string{path + ".2", path + ".1", path} {
		text, err := os.ReadFile(name)
		if err != nil || len(text) > 700 {
			t.Errorf("%s: %d bytes, %v", name, len(text), err)
		}
		for line := range strings.Lines(string(text)) {
			var e wire.Event
			if err := json.Unmarshal([]byte(line), &e); err != nil || e.Detail.JobID != "job <1>" {
				t.Errorf("line %q: %v", line, err)
			}
			all += e.ID
		}
	}
	if !strings.HasSuffix("abcdefg", all) || len(all) < 3 {
		t.Errorf("the files hold %q", all)
	}
	if _, err := os.Stat(path + ".3"); err == nil {
		t.Error("more files are kept than asked for")
	}
}

// What is told after somebody has moved or removed the file is in a new one.
func TestAFileThatIsTakenAway(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.jsonl")
	l := newJSONLines(&SinkConfig{Path: path})
	told := func(id string) {
		t.Helper()
		if _, err := l.deliver(t.Context(), []wire.Event{event(id)}); err != nil {
			t.Fatal(err)
		}
		if text, err := os.ReadFile(path); err != nil || strings.Count(string(text), "\n") != 1 || !strings.Contains(string(text), `"id":"`+id+`"`) {
			t.Errorf("the file holds %q, %v", text, err)
		}
	}
	told("a")
	if err := os.Rename(path, path+".old"); err != nil {
		t.Fatal(err)
	}
	told("b")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	told("c")
	if err := l.close(); err != nil {
		t.Fatal(err)
	}
}

func TestALineThatWasCutOffIsTakenAway(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.jsonl")
	if err := os.WriteFile(path, []byte("{\"id\":\"a\"}\n{\"id\":\"b"), 0o600); err != nil {
		t.Fatal(err)
	}
	l := newJSONLines(&SinkConfig{Path: path})
	if _, err := l.deliver(t.Context(), []wire.Event{event("b")}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if err != nil || len(lines) != 2 || lines[0] != `{"id":"a"}` || !json.Valid([]byte(lines[1])) {
		t.Errorf("the file holds %q, %v", text, err)
	}
}

func TestSinksThatAreWrong(t *testing.T) {
	hook := SinkConfig{Name: "hook", Type: TypeWebhook, URL: "https://example.com/x", SecretEnv: "S"}
	file := SinkConfig{Name: "file", Type: TypeJSONLines, Path: "/x"}
	if err := CheckSinks([]SinkConfig{hook, file}); err != nil {
		t.Errorf("good sinks: %v", err)
	}
	for word, change := range map[string]func(*SinkConfig){
		"name":           func(c *SinkConfig) { c.Name = "a b" },
		"type":           func(c *SinkConfig) { c.Type = "queue" },
		"scheme":         func(c *SinkConfig) { c.URL = "http://example.com" },
		"URL":            func(c *SinkConfig) { c.URL = "https://user:pass@example.com" },
		"exactly one":    func(c *SinkConfig) { c.SecretFile = "/s" },
		"not the secret": func(c *SinkConfig) { c.SecretEnv = "sec ret" },
		"batchSize":      func(c *SinkConfig) { c.BatchSize = 1001 },
		"timeoutSeconds": func(c *SinkConfig) { c.TimeoutSeconds = 301 },
		"given 18446744": func(c *SinkConfig) { c.TimeoutSeconds = 18446744075 }, // as a duration it is a second
		"status":         func(c *SinkConfig) { c.Statuses = []string{"DONE"} },
		"path, maxMiB":   func(c *SinkConfig) { c.Path = "/x" },
	} {
		c := hook
		change(&c)
		if err := CheckSinks([]SinkConfig{c}); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%s: %v", word, err)
		}
	}
	for word, sinks := range map[string][]SinkConfig{
		"given twice; a sink":    {hook, hook},
		"two sinks cannot write": {file, {Name: "again", Type: TypeJSONLines, Path: "/./x"}},
		"path: it is required":   {{Name: "file", Type: TypeJSONLines}},
		"url, secretFile":        {{Name: "file", Type: TypeJSONLines, Path: "/x", URL: "https://example.com"}},
	} {
		if err := CheckSinks(sinks); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%s: %v", word, err)
		}
	}
	t.Setenv("SHORT", "secret")
	if _, err := NewOutbox(OutboxOptions{Sinks: []SinkConfig{{Name: "hook", Type: TypeWebhook, URL: "http://127.0.0.1:1", SecretEnv: "SHORT"}}}); err == nil || !strings.Contains(err.Error(), "16 to 4096") {
		t.Errorf("a short secret: %v", err)
	}
}
