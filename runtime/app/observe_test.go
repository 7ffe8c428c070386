package app_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/batchd/terraform-provider-batch/internal/long"
	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/app"
	"github.com/batchd/terraform-provider-batch/runtime/events"
)

// runOne submits a job and waits until it has ended.
func runOne(t *testing.T, c *client.Client) wire.JobDetail {
	t.Helper()
	submitted, err := c.SubmitJob(t.Context(), &wire.SubmitJobRequest{JobName: "j", JobQueue: "work", JobDefinition: "task"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	job, err := c.Wait(ctx, submitted.JobID, nil)
	if err != nil {
		t.Fatal(err)
	}
	return job
}

func scrape(t *testing.T, endpoint string) string {
	t.Helper()
	answer, err := http.Get(endpoint + "/metrics") //nolint:noctx // on loopback, of this test's own server
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %v: %s", answer.Status, err, text)
	}
	return string(text)
}

func TestMetrics(t *testing.T) {
	o := options(t)
	a := start(t, o)
	c := dial(t, o.StateDir)
	furnish(t, c, "true")
	if job := runOne(t, c); job.Status != wire.StatusSucceeded {
		t.Fatalf("job = %+v", job)
	}
	text := scrape(t, a.Endpoint())
	for _, want := range []string{
		`batchd_jobs{queue="work",status="RUNNABLE"} 0`, `batchd_jobs_ended_total{queue="work",status="SUCCEEDED"} 1`,
		`batchd_job_wait_seconds_count{queue="work"} 1`, `batchd_attempts_started_total 1`,
		`batchd_attempts_ended_total{environment="here",outcome="succeeded"} 1`,
		`batchd_environment_vcpus_max{environment="here"} 4`, `batchd_environment_vcpus_used{environment="here"} 0`,
		`batchd_environment_gpus_used{environment="here"} 0`,
		`batchd_api_requests_total{code="200",operation="SubmitJob"} 1`, `batchd_api_request_duration_seconds_count{operation="SubmitJob"} 1`,
		`batchd_scheduler_working 1`, `batchd_commit_errors_total 0`, `batchd_round_duration_seconds_count`, `batchd_build_info{version="dev"} 1`,
		`process_cpu_seconds_total`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil {
		t.Error(err)
	}
	for _, p := range problems {
		if strings.HasPrefix(p.Metric, "batchd_") {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
}

// A scrape costs the same however many children wait.
func TestAScrapeOfManyChildren(t *testing.T) {
	o := options(t)
	o.MaxArraySize = 1_000_000
	a := start(t, o)
	c := dial(t, o.StateDir)
	furnish(t, c, "true")
	disabled := "DISABLED"
	if _, err := c.UpdateComputeEnvironment(t.Context(), &wire.UpdateComputeEnvironmentRequest{ComputeEnvironment: "here", State: &disabled}); err != nil {
		t.Fatal(err)
	}
	size := int32(1_000_000)
	if _, err := c.SubmitJob(t.Context(), &wire.SubmitJobRequest{JobName: "many", JobQueue: "work", JobDefinition: "task", ArrayProperties: &wire.ArrayProperties{Size: &size}}); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	text := scrape(t, a.Endpoint())
	t.Logf("scraped in %s, %d bytes", time.Since(begun), len(text))
	if !strings.Contains(text, `batchd_jobs{queue="work",status="RUNNABLE"} 1e+06`) {
		t.Error("a million children are not counted")
	}
}

func TestEventsOverTheWire(t *testing.T) {
	o := options(t)
	a := start(t, o)
	c := dial(t, o.StateDir)
	furnish(t, c, "true")
	job := runOne(t, c)
	zero := int64(0)
	var told []string
	err := c.Events(t.Context(), client.EventsRequest{After: &zero}, func(e *wire.Event) error {
		told = append(told, e.Detail.Status)
		return nil
	}, func(g wire.EventGap) { t.Errorf("gap %+v", g) })
	if err != nil || strings.Join(told, " ") != "RUNNABLE STARTING RUNNING SUCCEEDED" {
		t.Errorf("told %q of job %s, %v", told, job.JobID, err)
	}
	// Who follows does not keep the runtime from stopping.
	following := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	begun := make(chan struct{})
	go func() {
		following <- c.Events(ctx, client.EventsRequest{After: &zero, Follow: true}, func(e *wire.Event) error {
			if e.Detail.Status == wire.StatusSucceeded {
				close(begun)
			}
			return nil
		}, func(wire.EventGap) {})
	}()
	<-begun
	since := time.Now()
	stop(t, a)
	if took := time.Since(since); took > long.Stretched(4*time.Second) {
		t.Errorf("stopping took %s", took)
	}
	cancel()
	if err := <-following; err == nil {
		t.Error("following ended by itself")
	}
}

// receiver is a webhook's other end, which can be down.
type receiver struct {
	mu   sync.Mutex
	down bool
	told []string
	full chan struct{} // closed when two jobs have been told of
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil || r.down || q.Header.Get(events.HeaderSignature) != events.Sign([]byte("sixteen bytes at least"), q.Header.Get(events.HeaderTimestamp), body) {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	var all []wire.Event
	if err := json.Unmarshal(body, &all); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	for _, e := range all {
		if len(r.told) == 0 || r.told[len(r.told)-1] != e.Detail.JobID {
			r.told = append(r.told, e.Detail.JobID)
		}
	}
	if len(r.told) == 2 {
		close(r.full)
	}
}

func TestAWebhookOutlivesARestart(t *testing.T) {
	r := &receiver{down: true, full: make(chan struct{})}
	server := httptest.NewServer(r)
	defer server.Close()
	o := options(t)
	if err := os.Chmod(o.StateDir, 0o700); err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(o.StateDir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("hook.secret", "sixteen bytes at least\n")
	write("config.json", `{"events": {"sinks": [
		{"name": "hook", "type": "webhook", "url": "`+server.URL+`", "secretFile": "hook.secret", "statuses": ["SUCCEEDED"]},
		{"name": "file", "type": "jsonLines", "path": "events/all.jsonl"}]}}`)
	if err := os.Mkdir(filepath.Join(o.StateDir, "events"), 0o700); err != nil {
		t.Fatal(err)
	}
	a, err := app.New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := dial(t, o.StateDir)
	furnish(t, c, "true")
	first := runOne(t, c)
	stop(t, a)
	fresh := options(t)
	fresh.StateDir = o.StateDir
	a = start(t, fresh)
	second := runOne(t, dial(t, o.StateDir))
	r.mu.Lock()
	r.down = false
	r.mu.Unlock()
	select {
	case <-r.full:
	case <-time.After(30 * time.Second):
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if strings.Join(r.told, " ") != first.JobID+" "+second.JobID {
		t.Errorf("told of %q, want %s and %s", r.told, first.JobID, second.JobID)
	}
	text, err := os.ReadFile(filepath.Join(o.StateDir, "events", "all.jsonl"))
	if n := strings.Count(string(text), `"status":"SUCCEEDED"`); err != nil || n < 2 {
		t.Errorf("the file tells of %d successes, %v", n, err)
	}
	if text := scrape(t, a.Endpoint()); !strings.Contains(text, `batchd_event_sink_up{sink="hook"}`) {
		t.Error("the metrics lack the sink")
	}
	write("config.json", `{}`)
	stop(t, a)
	gone := options(t)
	gone.StateDir = o.StateDir
	if text := scrape(t, start(t, gone).Endpoint()); strings.Contains(text, "batchd_event_sink") {
		t.Error("sinks that are not configured any more are in the metrics")
	}
}

func TestAConfigurationThatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		`{"event": {}}`:                          `unknown field "event"`,
		`{"events": {"sinks": [{"name": "x"}]}}`: "events.sinks[0]: type",
		`{} {}`:                                  "more than one",
		`{`:                                      "unexpected EOF",
	} {
		o := options(t)
		o.ConfigFile = filepath.Join(t.TempDir(), "my.json")
		if err := os.WriteFile(o.ConfigFile, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := app.New(t.Context(), o); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "my.json") {
			t.Errorf("%s: %v", text, err)
		}
	}
	o := options(t)
	o.ConfigFile = filepath.Join(t.TempDir(), "absent.json")
	if _, err := app.New(t.Context(), o); err == nil {
		t.Error("a configuration file that was named and is not there is no error")
	}
}

// A process asks about itself, before and after the runtime was started again.
func TestAJobAsksAboutItself(t *testing.T) {
	o := options(t)
	o.Driver, o.Logs = nil, nil
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	o.HolderCommand = []string{executable, holderWord, o.StateDir}
	a, err := app.New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := dial(t, o.StateDir)
	place := filepath.Join(t.TempDir(), "place")
	furnish(t, c, "/bin/sh", "-c", `echo "$ECS_CONTAINER_METADATA_URI_V4" >`+place+`.new; mv `+place+`.new `+place+`; while [ -f `+place+` ]; do sleep 0.05; done`)
	submitted, err := c.SubmitJob(t.Context(), &wire.SubmitJobRequest{JobName: "j", JobQueue: "work", JobDefinition: "task"})
	if err != nil {
		t.Fatal(err)
	}
	deadline := time.After(30 * time.Second)
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	var url string
	for url == "" {
		text, _ := os.ReadFile(place) // not there yet
		url = strings.TrimSpace(string(text))
		select {
		case <-deadline:
			t.Fatal("the job did not start")
		case <-look.C:
		}
	}
	before := metadataAt(t, url+"/task")
	stop(t, a)
	start(t, o)
	after := metadataAt(t, url+"/task")
	if before["TaskARN"] == nil || before["TaskARN"] != after["TaskARN"] || after["KnownStatus"] != "RUNNING" {
		t.Errorf("before %v, after %v", before, after)
	}
	if err := os.Remove(place); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if job, err := dial(t, o.StateDir).Wait(ctx, submitted.JobID, nil); err != nil || job.Status != wire.StatusSucceeded {
		t.Errorf("job = %+v, %v", job, err)
	}
}

func metadataAt(t *testing.T, url string) map[string]any {
	t.Helper()
	answer, err := http.Get(url) //nolint:noctx // on loopback, of this test's own server
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var found map[string]any
	if err := json.NewDecoder(answer.Body).Decode(&found); err != nil {
		t.Fatalf("%s: %s: %v", url, answer.Status, err)
	}
	return found
}
