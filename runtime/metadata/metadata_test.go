package metadata

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store/storetest"
)

const anyJob = "0189c7a2-7d1f-4f5e-9d9e-3f2b6a1c0d4e"

// stored holds a child whose first attempt has failed and whose second runs.
func stored(t *testing.T) *storetest.Memory {
	t.Helper()
	s, one := storetest.NewMemory(), int32(1)
	array := batch.Job{ID: anyJob, Seq: 1, Name: "sweep", QueueID: "q", QueueName: "work", Definition: batch.DefinitionRef{Name: "price", Revision: 3}, Size: 2, Status: batch.Pending, Array: &batch.Array{Unborn: batch.Unborn{Status: batch.Runnable}}}
	array.Array.Counts[batch.Runnable], array.Array.Counts[batch.Running] = 1, 1
	child := array.Synthesise(1)
	child.Status, child.Attempt = batch.Running, 2
	child.Run = &batch.Run{Environment: "here", Host: "local", OrderedAt: 2000, StartedAt: 3000}
	err := s.Commit(t.Context(), &batch.Delta{
		Specs: []batch.Spec{{Job: anyJob, Definition: array.Definition, Container: batch.Container{Image: "busybox", Shape: batch.Shape{MilliCPU: 500, MemoryMiB: 256}}}},
		Jobs:  []batch.Job{array, child},
		Attempts: []batch.Attempt{{
			ID: batch.AttemptID{Job: child.ID, Number: 1}, Environment: "here", Host: "local", StartedAt: 500, StoppedAt: 1500, ExitCode: &one,
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func ask(h *Handler, path, host string) (int, map[string]any) {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Host = host
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var answer map[string]any
	_ = json.Unmarshal(w.Body.Bytes(), &answer) // refusals are not JSON
	return w.Code, answer
}

func TestAnAttemptAsksAboutItself(t *testing.T) {
	const base = "http://127.0.0.1:5678"
	o := Options{Store: stored(t), Place: batch.Place{Region: "us-east-1", Account: "123456789012"}, Key: []byte("a key"), Base: base}
	m := New(o)
	running := batch.AttemptID{Job: anyJob + ":1", Number: 2}
	code, c := ask(m, m.URL(running), "127.0.0.1:5678")
	labels, _ := c["Labels"].(map[string]any)
	options, _ := c["LogOptions"].(map[string]any)
	const task = "arn:aws:ecs:us-east-1:123456789012:task/here_Batch/0189c7a27d1f4f5e9d9e3f2b6a1c0d4e-1-2"
	if code != http.StatusOK || c["KnownStatus"] != "RUNNING" || c["Name"] != "default" || c["Image"] != "busybox" || c["StartedAt"] != "1970-01-01T00:00:03Z" || c["ExitCode"] != nil {
		t.Errorf("container: %d %v", code, c)
	}
	if labels["com.amazonaws.ecs.task-arn"] != task || labels["com.amazonaws.ecs.task-definition-version"] != "3" {
		t.Errorf("labels %v", labels)
	}
	if c["LogDriver"] != "awslogs" || options["awslogs-group"] != "/aws/batch/job" || options["awslogs-stream"] != "price/default/0189c7a27d1f4f5e9d9e3f2b6a1c0d4e-1-2" || options["awslogs-region"] != "us-east-1" {
		t.Errorf("log options %v", options)
	}
	code, d := ask(m, m.URL(running)+"/task", "localhost:5678")
	limits, _ := d["Limits"].(map[string]any)
	containers, _ := d["Containers"].([]any)
	if code != http.StatusOK || d["TaskARN"] != task || d["Family"] != "price" || d["Revision"] != "3" || limits["CPU"] != 0.5 || limits["Memory"] != 256.0 || len(containers) != 1 {
		t.Errorf("task: %d %v", code, d)
	}
	code, c = ask(m, m.URL(batch.AttemptID{Job: running.Job, Number: 1}), "127.0.0.1")
	if code != http.StatusOK || c["KnownStatus"] != "STOPPED" || c["ExitCode"] != 1.0 || c["FinishedAt"] != "1970-01-01T00:00:01.5Z" {
		t.Errorf("an attempt that has ended: %d %v", code, c)
	}
	if again := New(o).URL(running); again != m.URL(running) {
		t.Errorf("after a restart its URL is %s, was %s", again, m.URL(running))
	}
}

func TestMetadataOfNobody(t *testing.T) {
	m := New(Options{Store: stored(t), Key: []byte("a key"), Base: "http://127.0.0.1:1"})
	other := New(Options{Key: []byte("another key"), Base: "http://127.0.0.1:1"})
	running := batch.AttemptID{Job: anyJob + ":1", Number: 2}
	good := m.URL(running)
	for _, path := range []string{
		"/", "/v4/", "/v4/x", "/v4/-", good[:len(good)-1], good + "0", good + "/stats", strings.Replace(good, "-2-", "-1-", 1), other.URL(running),
		strings.Replace(good, "/v4/", "/v3/", 1), m.URL(batch.AttemptID{Job: anyJob + ":1", Number: 3}), m.URL(batch.AttemptID{Job: anyJob + ":0", Number: 1}),
		m.URL(batch.AttemptID{Job: "1189c7a2-7d1f-4f5e-9d9e-3f2b6a1c0d4e", Number: 1}),
	} {
		if code, answer := ask(m, path, "127.0.0.1:1"); code != http.StatusNotFound {
			t.Errorf("%s: %d %v", path, code, answer)
		}
	}
	if code, _ := ask(m, good, "evil.example:1"); code != http.StatusNotFound {
		t.Errorf("a page of another name was answered %d", code)
	}
}

// TestAnAttemptIsToldItsLogGroup asks where the output is found of a job whose definition names a group and a prefix.
func TestAnAttemptIsToldItsLogGroup(t *testing.T) {
	s := stored(t)
	err := s.Commit(t.Context(), &batch.Delta{Definitions: []batch.Definition{{
		Name: "price", Revision: 3,
		Body: []byte(`{"containerProperties":{"logConfiguration":{"logDriver":"awslogs","options":{"awslogs-group":"/my/group","awslogs-stream-prefix":"pfx"}}}}`),
	}}})
	if err != nil {
		t.Fatal(err)
	}
	m := New(Options{Store: s, Place: batch.Place{Region: "us-east-1", Account: "123456789012"}, Key: []byte("a key"), Base: "http://127.0.0.1:5678"})
	_, c := ask(m, m.URL(batch.AttemptID{Job: anyJob + ":1", Number: 2}), "127.0.0.1:5678")
	options, _ := c["LogOptions"].(map[string]any)
	if options["awslogs-group"] != "/my/group" || options["awslogs-stream"] != "pfx/default/0189c7a27d1f4f5e9d9e3f2b6a1c0d4e-1-2" {
		t.Errorf("log options %v", options)
	}
}
