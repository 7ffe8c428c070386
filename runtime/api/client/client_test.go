package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/auth"
	"github.com/batchd/terraform-provider-batch/runtime/rendezvous"
)

// service verifies signatures and answers by path; handlers may be replaced at any time.
type service struct {
	*httptest.Server
	mu       sync.Mutex
	handlers map[string]http.HandlerFunc
	ids      []string // Amz-Sdk-Invocation-Id of every request
}

func start(t *testing.T) *service {
	t.Helper()
	s := &service{handlers: map[string]http.HandlerFunc{}}
	verify := auth.NewSigV4(auth.NewKeys(auth.Key{AccessKeyID: "id", SecretAccessKey: "secret"}), time.Now)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := verify.Authenticate(r, 1<<20); err != nil {
			t.Errorf("%s: %v", r.URL, err)
		}
		s.mu.Lock()
		s.ids = append(s.ids, r.Header.Get("Amz-Sdk-Invocation-Id"))
		handler := s.handlers[r.URL.Path]
		s.mu.Unlock()
		if handler == nil {
			(&wire.Error{Code: wire.CodeUnknownOperation, Message: "no " + r.URL.Path, StatusCode: 404}).Write(w)
			return
		}
		handler(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *service) on(path string, handler http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handlers[path] = handler
}

func (s *service) client(t *testing.T, retryFor time.Duration) *client.Client {
	t.Helper()
	c, err := client.New(client.Config{
		Endpoint: s.URL, RetryFor: retryFor, Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func answer(w http.ResponseWriter, out any) {
	_ = json.NewEncoder(w).Encode(out)
}

func read[In any](t *testing.T, r *http.Request) In {
	t.Helper()
	var in In
	if err := wire.Decode(r.Body, 1<<20, &in); err != nil {
		t.Error(err)
	}
	return in
}

func TestSubmitJobAlwaysHasAToken(t *testing.T) {
	s := start(t)
	var tokens []string
	s.on(wire.PathSubmitJob, func(w http.ResponseWriter, r *http.Request) {
		tokens = append(tokens, read[wire.SubmitJobRequest](t, r).Batchd.ClientToken)
		if len(tokens) < 3 {
			(&wire.Error{Code: wire.CodeServer, StatusCode: 500}).Write(w)
			return
		}
		answer(w, wire.SubmitJobResponse{JobID: "j"})
	})
	in := &wire.SubmitJobRequest{JobName: "a", JobQueue: "q", JobDefinition: "d"}
	out, err := s.client(t, time.Minute).SubmitJob(t.Context(), in)
	if err != nil || out.JobID != "j" {
		t.Fatalf("%+v, %v", out, err)
	}
	if tokens[0] == "" || tokens[0] != tokens[2] || in.Batchd != nil {
		t.Errorf("tokens %q; the request became %+v", tokens, in)
	}
	if s.ids[0] == "" || s.ids[0] != s.ids[2] {
		t.Errorf("invocation ids %q", s.ids)
	}
	in.Batchd = &wire.SubmitJobExtension{ClientToken: "mine", Reuse: true}
	if _, err := s.client(t, time.Minute).SubmitJob(t.Context(), in); err != nil || tokens[3] != "mine" {
		t.Errorf("token %q, %v; want mine", tokens[3], err)
	}
}

func TestErrorsAreTyped(t *testing.T) {
	s := start(t)
	calls := 0
	s.on(wire.PathCreateJobQueue, func(w http.ResponseWriter, _ *http.Request) {
		calls++
		(&wire.Error{Code: wire.CodeClient, Message: "Object already exists", StatusCode: 409, RequestID: "r"}).Write(w)
	})
	_, err := s.client(t, time.Minute).CreateJobQueue(t.Context(), &wire.CreateJobQueueRequest{JobQueueName: "q"})
	var refusal *wire.Error
	if !errors.As(err, &refusal) || refusal.StatusCode != 409 || refusal.Message != "Object already exists" || refusal.RequestID != "r" {
		t.Errorf("got %v", err)
	}
	if calls != 1 {
		t.Errorf("a refusal was asked for %d times", calls)
	}
}

func TestRetriesAreBounded(t *testing.T) {
	s := start(t)
	s.on(wire.PathDescribeJobs, func(w http.ResponseWriter, _ *http.Request) {
		(&wire.Error{Code: wire.CodeTooManyRequests, Message: "Too Many Requests", StatusCode: 429}).Write(w)
	})
	_, err := s.client(t, 100*time.Millisecond).DescribeJobs(t.Context(), &wire.DescribeJobsRequest{Jobs: []string{"a"}})
	var refusal *wire.Error
	if !errors.As(err, &refusal) || refusal.StatusCode != 429 || len(s.ids) < 2 {
		t.Errorf("after %d calls: %v", len(s.ids), err)
	}
	s.Close()
	_, err = s.client(t, -1).Status(t.Context())
	if err == nil || !strings.Contains(err.Error(), "batchd serve") {
		t.Errorf("nobody there: %v", err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("enough"))
	if _, err := s.client(t, time.Hour).Status(ctx); err == nil || !strings.Contains(err.Error(), "enough") {
		t.Errorf("cancelled: %v", err)
	}
}

// TestARestartIsOutlived stops the server between two calls and starts another at the
// same address.
func TestARestartIsOutlived(t *testing.T) {
	s := start(t)
	c := s.client(t, time.Minute)
	s.on(wire.PathStatus, func(w http.ResponseWriter, _ *http.Request) { answer(w, wire.StatusResponse{PID: 1}) })
	if _, err := c.Status(t.Context()); err != nil {
		t.Fatal(err)
	}
	address := s.Listener.Addr().String()
	s.Close()
	done := make(chan error, 1)
	go func() {
		status, err := c.Status(t.Context())
		if err == nil && status.PID != 2 {
			err = fmt.Errorf("pid %d", status.PID)
		}
		done <- err
	}()
	again := http.Server{Addr: address, ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		answer(w, wire.StatusResponse{PID: 2})
	})}
	go func() { _ = again.ListenAndServe() }()
	defer func() { _ = again.Close() }()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestTags(t *testing.T) {
	s := start(t)
	arn := "arn:aws:batch:us-east-1:123456789012:job-queue/q"
	tags := map[string]string{}
	s.on(wire.PathTags+arn, func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodGet:
			answer(w, wire.ListTagsForResourceResponse{Tags: tags})
		case http.MethodPost:
			tags = read[wire.TagResourceRequest](t, r).Tags
		case http.MethodDelete:
			for _, key := range r.URL.Query()["tagKeys"] {
				delete(tags, key)
			}
		}
	})
	c := s.client(t, -1)
	if err := c.TagResource(t.Context(), arn, &wire.TagResourceRequest{Tags: map[string]string{"a b": "1", "c&": "2", "d": "3"}}); err != nil {
		t.Fatal(err)
	}
	if err := c.UntagResource(t.Context(), arn, &wire.UntagResourceRequest{TagKeys: []string{"a b", "c&"}}); err != nil {
		t.Fatal(err)
	}
	got, err := c.ListTagsForResource(t.Context(), arn)
	if err != nil || len(got.Tags) != 1 || got.Tags["d"] != "3" {
		t.Errorf("tags %v, %v", got, err)
	}
}

func TestAllResults(t *testing.T) {
	s := start(t)
	s.on(wire.PathResults, func(w http.ResponseWriter, r *http.Request) {
		next := map[string]string{"": "1", "1": "2", "2": ""}
		token := read[wire.ResultsRequest](t, r).NextToken
		answer(w, wire.ResultsResponse{Results: []wire.Result{{JobID: "j" + token}}, NextToken: next[token]})
	})
	results, err := s.client(t, -1).AllResults(t.Context(), "j")
	var ids []string
	for _, r := range results {
		ids = append(ids, r.JobID)
	}
	if err != nil || !slices.Equal(ids, []string{"j", "j1", "j2"}) {
		t.Errorf("results %v, %v", ids, err)
	}
	s.on(wire.PathListJobs, func(w http.ResponseWriter, _ *http.Request) { answer(w, wire.ListJobsResponse{NextToken: "same"}) })
	if _, err := s.client(t, -1).AllJobs(t.Context(), wire.ListJobsRequest{JobQueue: "q"}); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("a token given for ever: %v", err)
	}
}

func TestWait(t *testing.T) {
	s := start(t)
	statuses := []string{wire.StatusRunnable, wire.StatusRunning, wire.StatusSucceeded}
	looks := 0
	s.on(wire.PathDescribeJobs, func(w http.ResponseWriter, _ *http.Request) {
		answer(w, wire.DescribeJobsResponse{Jobs: []wire.JobDetail{{JobID: "j", Status: statuses[min(looks, 2)]}}})
		looks++
	})
	var seen []string
	job, err := s.client(t, -1).Wait(t.Context(), "j", func(j wire.JobDetail) { seen = append(seen, j.Status) })
	if err != nil || job.Status != wire.StatusSucceeded || !slices.Equal(seen, statuses) {
		t.Errorf("%+v after %v, %v", job, seen, err)
	}
	s.on(wire.PathDescribeJobs, func(w http.ResponseWriter, _ *http.Request) { answer(w, wire.DescribeJobsResponse{}) })
	if _, err := s.client(t, -1).Wait(t.Context(), "j", nil); !errors.Is(err, client.ErrJobNotFound) {
		t.Errorf("an unknown job: %v", err)
	}
	looks = 0
	statuses = []string{wire.StatusRunning, wire.StatusRunning, wire.StatusRunning}
	s.on(wire.PathDescribeJobs, func(w http.ResponseWriter, _ *http.Request) {
		answer(w, wire.DescribeJobsResponse{Jobs: []wire.JobDetail{{JobID: "j", Status: wire.StatusRunning}}})
	})
	ctx, cancel := context.WithCancelCause(t.Context())
	interrupt := errors.New("interrupt")
	job, err = s.client(t, -1).Wait(ctx, "j", func(wire.JobDetail) { cancel(interrupt) })
	if !errors.Is(err, interrupt) || job.Status != wire.StatusRunning {
		t.Errorf("interrupted: %+v, %v", job, err)
	}
}

func TestFollowLogs(t *testing.T) {
	s := start(t)
	pages := map[string]wire.LogsResponse{
		"":  {Events: []wire.LogEvent{{Message: "a"}, {Message: "b"}}, NextToken: "1"},
		"1": {NextToken: "2"},
		"2": {Events: []wire.LogEvent{{Message: "c"}}, NextToken: "3", Ended: true},
	}
	s.on(wire.PathLogs, func(w http.ResponseWriter, r *http.Request) {
		in := read[wire.LogsRequest](t, r)
		if err := in.Validate(); err != nil {
			t.Error(err)
		}
		answer(w, pages[in.NextToken])
	})
	var lines []string
	err := s.client(t, -1).FollowLogs(t.Context(), wire.LogsRequest{JobID: "j", Tail: true}, func(page *wire.LogsResponse) error {
		for _, e := range page.Events {
			lines = append(lines, e.Message)
		}
		return nil
	})
	if err != nil || !slices.Equal(lines, []string{"a", "b", "c"}) {
		t.Errorf("lines %v, %v", lines, err)
	}
}

func TestLease(t *testing.T) {
	s := start(t)
	gone := make(chan struct{}, 2)
	s.on(wire.PathLease, func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("\n"))
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
		<-r.Context().Done()
		gone <- struct{}{}
	})
	lease, err := s.client(t, -1).Lease(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if lease.Err() != nil {
		t.Errorf("it ended at once: %v", lease.Err())
	}
	lease.Close()
	<-gone
	second, err := s.client(t, -1).Lease(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.CloseClientConnections()
	<-second.Done()
	if second.Err() == nil {
		t.Error("a broken lease has no error")
	}
	<-gone
	s.on(wire.PathLease, nil)
	if _, err := s.client(t, -1).Lease(t.Context()); err == nil || !strings.Contains(err.Error(), "open lease") {
		t.Errorf("a refused lease: %v", err)
	}
}

func TestOpenChoosesCredentials(t *testing.T) {
	s := start(t)
	s.on(wire.PathStatus, func(w http.ResponseWriter, _ *http.Request) { answer(w, wire.StatusResponse{}) })
	t.Setenv("AWS_ACCESS_KEY_ID", "id")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	t.Setenv("AWS_CONFIG_FILE", t.TempDir()+"/none")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", t.TempDir()+"/none")
	right := &rendezvous.Credentials{AccessKeyID: "id", SecretAccessKey: "secret"}
	wrong := &rendezvous.Credentials{AccessKeyID: "other", SecretAccessKey: "other"}
	tests := []struct {
		name    string
		target  rendezvous.Target
		options client.Options
	}{
		{"bundled", rendezvous.Target{Credentials: right}, client.Options{}},
		{"given", rendezvous.Target{Credentials: wrong}, client.Options{AccessKey: "id", SecretKey: "secret"}},
		{"environment", rendezvous.Target{}, client.Options{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.target.Endpoint = s.URL
			c, err := client.Open(t.Context(), test.target, test.options)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Status(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	if _, err := client.Open(t.Context(), rendezvous.Target{Endpoint: s.URL}, client.Options{AccessKey: "id"}); err == nil {
		t.Error("half a key was accepted")
	}
	if _, err := client.New(client.Config{Endpoint: "nowhere"}); err == nil {
		t.Error("no URL was accepted")
	}
}
