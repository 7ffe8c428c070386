package cli

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// scripted is a runtime that answers each path with one document and keeps the last request to each.
type scripted struct {
	answers map[string]any
	asked   map[string]map[string]any
}

// answering serves answers as the runtime that commands find.
func answering(t *testing.T, answers map[string]any) *scripted {
	t.Helper()
	s := &scripted{answers: answers, asked: map[string]map[string]any{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		asked := map[string]any{}
		if err := json.NewDecoder(q.Body).Decode(&asked); err != nil {
			t.Errorf("%s: %v", q.URL.Path, err)
		}
		s.asked[q.URL.Path] = asked
		answer, ok := s.answers[q.URL.Path]
		if !ok {
			t.Errorf("%s is asked", q.URL.Path)
			w.WriteHeader(http.StatusNotFound)
			return
		}
		if err := json.NewEncoder(w).Encode(answer); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	callAt(t, server)
	return s
}

// callAt has the commands of this test call server.
func callAt(t *testing.T, server *httptest.Server) {
	t.Helper()
	t.Setenv("BATCHD_ENDPOINT", server.URL)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "example")
}

func TestExplainSaysWhy(t *testing.T) {
	alone(t)
	s := answering(t, map[string]any{wire.PathExplainJob: map[string]any{
		"jobId": "j", "status": "RUNNABLE", "code": "HOST_BUSY", "sentence": "2 vCPUs are wanted, 1 is free.", "remedy": "Raise maxvCpus.",
		"position": 3, "expectedStart": 1767225600000, "basis": "the definition's history", "waitsFor": []string{"a", "b"},
	}})
	code, stdout, stderr := batchd(t, "explain", "j")
	if code != exitOK {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	for _, want := range []string{"Job        j\n", "Status     RUNNABLE\n", "Code       HOST_BUSY\n", "Why        2 vCPUs", "Remedy     Raise", "Position   3 in", "Basis      the def", "Waits for  a b\n"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("it says\n%s\nwithout %q", stdout, want)
		}
	}
	if s.asked[wire.PathExplainJob]["jobId"] != "j" {
		t.Errorf("asked %v", s.asked)
	}

	_, stdout, _ = batchd(t, "explain", "j", "--output", "json")
	var x wire.ExplainJobResponse
	if err := json.Unmarshal([]byte(stdout), &x); err != nil || x.Code != "HOST_BUSY" || x.ExpectedStart != 1767225600000 || len(x.WaitsFor) != 2 {
		t.Errorf("json: %v, %s", err, stdout)
	}
}

func TestPlanAsksWhatSubmitWould(t *testing.T) {
	alone(t)
	plan := map[string]any{
		"placeable": true, "runs": 2, "reused": 1, "waits": 1, "code": "HOST_BUSY", "sentence": "It waits.", "durationSeconds": 90, "joins": 1, "contentKey": "00ab",
		"reusedFrom": []any{map[string]any{"jobId": "a", "points": 2, "endedAt": 1767225600000}, map[string]any{"jobId": "b", "points": 1}}, "moreReusedFrom": 3,
		"joinsTo": []any{map[string]any{"jobId": "c", "points": 3, "running": 2}}, "moreJoinsTo": 1,
	}
	s := answering(t, map[string]any{wire.PathPlanJob: plan, wire.PathSubmitJob: map[string]any{"jobId": "j"}})
	flags := []string{
		"--queue", "q", "--definition", "d:1", "--matrix", "x=1,2,3", "--max-concurrency", "2", "--share", "team", "--priority", "0",
		"--depends-on", "a:N_TO_N", "--depends-on", "SEQUENTIAL", "--", "fit",
	}
	code, stdout, stderr := batchd(t, append([]string{"plan"}, flags...)...)
	if code != exitOK {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	for _, want := range []string{
		"Plan         would wait\n", "Jobs         2 would run (1 of them later), 1 of them once with identical jobs of other submissions, 1 would take an earlier result",
		"Reuses       2 points of job a, which ended at 2026-01-01T00:00:00Z\n", "1 point of job b\n", "and points of 3 more jobs\n",
		"Joins        3 points of job c (2 of them running)\n", "and points of 1 more job\n", "Takes        1m30s for one attempt\n", "Content key  00ab\n",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("it says\n%s\nwithout %q", stdout, want)
		}
	}
	if code, _, stderr := batchd(t, append([]string{"submit"}, flags...)...); code != exitOK {
		t.Fatalf("submit: exit code %d: %s", code, stderr)
	}
	planned, submitted := s.asked[wire.PathPlanJob], s.asked[wire.PathSubmitJob]
	for _, request := range []map[string]any{planned, submitted} {
		if extension, ok := request["batchd"].(map[string]any); ok {
			delete(extension, "clientToken")
		}
	}
	if !reflect.DeepEqual(planned, submitted) {
		t.Errorf("planned %v, submitted %v", planned, submitted)
	}
	if planned["shareIdentifier"] != "team" || planned["schedulingPriorityOverride"] != 0.0 {
		t.Errorf("planned %v, want a share and a priority of 0", planned)
	}

	if _, _, stderr := batchd(t, append([]string{"submit"}, flags...)...); stderr != "" {
		t.Errorf("submit warns: %s", stderr)
	}
	plan["placeable"], plan["remedy"] = false, "ask for less"
	if code, stdout, stderr := batchd(t, append([]string{"submit"}, flags...)...); code != exitOK || stdout != "j\n" || stderr != "batchd: the job can never run as things are (HOST_BUSY): It waits.\nbatchd: what would help: ask for less\n" {
		t.Errorf("submit of what can never run: exit code %d, %q, %q", code, stdout, stderr)
	}
	if code, stdout, _ := batchd(t, append([]string{"plan"}, flags...)...); code != exitFailed || !strings.Contains(stdout, "can never run") || strings.Contains(stdout, "would run") {
		t.Errorf("not placeable: exit code %d, %s", code, stdout)
	}
}

func TestRetryWaitsIfAsked(t *testing.T) {
	alone(t)
	answering(t, map[string]any{
		wire.PathRetryJob:     map[string]any{"jobId": "j", "retried": 3},
		wire.PathDescribeJobs: map[string]any{"jobs": []any{map[string]any{"jobId": "j", "status": "SUCCEEDED"}}},
	})
	if code, stdout, stderr := batchd(t, "retry", "j"); code != exitOK || stdout != "j  3 to run again\n" {
		t.Errorf("exit code %d, %q, %s", code, stdout, stderr)
	}
	if code, stdout, stderr := batchd(t, "retry", "--wait", "j"); code != exitOK || !strings.Contains(stdout, "SUCCEEDED") {
		t.Errorf("waiting: exit code %d, %q, %s", code, stdout, stderr)
	}
}

func TestDependencies(t *testing.T) {
	name := func(d wire.JobDependency) string {
		text := ""
		if d.JobID != nil {
			text = *d.JobID
		}
		if d.Type != nil {
			text += " " + *d.Type
		}
		return text
	}
	for text, want := range map[string]string{
		"a": "a", "a:7": "a:7", "a#1": "a#1", "a:7:AFTER_ANY": "a:7 AFTER_ANY", "a:N_TO_N": "a N_TO_N", "SEQUENTIAL": " SEQUENTIAL",
	} {
		if d, err := dependency(text); err != nil || name(d) != want {
			t.Errorf("%s: %q, %v, want %q", text, name(d), err, want)
		}
	}
	for _, text := range []string{"a:later", "a:SEQUENTIAL", "a:"} {
		if _, err := dependency(text); err == nil {
			t.Errorf("%q is understood", text)
		}
	}
}

func TestExpectedMoments(t *testing.T) {
	now := time.UnixMilli(1767225600000)
	for off, want := range map[time.Duration]string{-time.Minute: "  now", 0: "  now", 90 * time.Second: "  in 1m30s"} {
		if got := expected(now.Add(off).UnixMilli(), now); !strings.HasSuffix(got, want) {
			t.Errorf("%s off: %q, want %q", off, got, want)
		}
	}
}
