package api_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/internal/long"
	"github.com/batchd/terraform-provider-batch/runtime/api"
	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// eventLog is a log of events in memory: line n is the event with the sequence number n. Lines up to gone are not kept.
type eventLog struct {
	last, gone int64
	more       chan struct{}
	broken     error
}

func (l *eventLog) Last() (int64, <-chan struct{}) { return l.last, l.more }

func (l *eventLog) Read(_ context.Context, after int64, f wire.EventFilter) (wire.EventPage, error) {
	page := wire.EventPage{Next: after}
	if l.broken != nil && after > 0 {
		return page, l.broken
	}
	if after < l.gone {
		page.Lost, page.Next = l.gone-after, l.gone
	}
	for len(page.Events) < 2 && page.Next < l.last {
		page.Next++
		status := wire.JobStatuses()[page.Next%7]
		if len(f.Statuses) == 0 || f.Statuses[0] == status {
			page.Events = append(page.Events, wire.Event{
				ID: fmt.Sprint("e", page.Next), Resources: []string{}, Detail: wire.JobDetail{JobID: f.Job, Status: status},
				Batchd: &wire.EventExtension{Sequence: page.Next},
			})
		}
	}
	return page, nil
}

func eventServer(t *testing.T, l *eventLog) string {
	t.Helper()
	w := open(t, func(o *api.Options) { o.Events = l })
	server := httptest.NewServer(w.handler)
	t.Cleanup(server.Close)
	return server.URL
}

// fetch returns the status and what was answered.
func fetch(t *testing.T, url, lastEvent string) (int, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if lastEvent != "" {
		r.Header.Set("Last-Event-ID", lastEvent)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var text strings.Builder
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		if lines.Text() != "" {
			text.WriteString(lines.Text() + "\n")
		}
	}
	return answer.StatusCode, text.String()
}

func TestEventsAreTakenUpAgain(t *testing.T) {
	url := eventServer(t, &eventLog{last: 5, more: make(chan struct{})}) + wire.PathEvents
	for _, c := range []struct {
		query, lastEvent string
		want             []string
		not              string
	}{
		{"?after=0&follow=false", "", []string{"id: 1\n", "id: 5\n", `"id":"e3"`}, "gap"},
		{"?after=0&follow=false", "3", []string{"id: 4\n", "id: 5\n"}, `"id":"e3"`},
		{"?follow=false", "", []string{"id: 5\n"}, "data"}, // who is cut off before the first event goes on here
		{"?after=0&follow=false&status=RUNNABLE&job=abc", "", []string{`"id":"e2"`, `"jobId":"abc"`, "id: 5\n"}, `"e3"`},
	} {
		status, text := fetch(t, url+c.query, c.lastEvent)
		for _, want := range c.want {
			if status != http.StatusOK || !strings.Contains(text, want) {
				t.Errorf("%s: %d, without %q: %s", c.query, status, want, text)
			}
		}
		if strings.Contains(text, c.not) {
			t.Errorf("%s: told %q: %s", c.query, c.not, text)
		}
	}
}

func TestEventsThatAreAskedForWrongly(t *testing.T) {
	url := eventServer(t, &eventLog{last: 5, more: make(chan struct{})}) + wire.PathEvents
	for query, want := range map[string]string{
		"?after=9": "the last event so far has the number 5", "?after=-1": "after", "?after=1&after=2": "2 values",
		"?follow=maybe": "follow", "?since=1": "since", "?status=DONE": "status", "?%zz": "query",
	} {
		if status, text := fetch(t, url+query, ""); status != http.StatusBadRequest || !strings.Contains(text, want) {
			t.Errorf("%s: %d %s", query, status, text)
		}
	}
	if status, text := fetch(t, url, "x"); status != http.StatusBadRequest || !strings.Contains(text, "Last-Event-ID") {
		t.Errorf("a wrong Last-Event-ID: %d %s", status, text)
	}
}

func TestAReaderIsToldOfAGap(t *testing.T) {
	url := eventServer(t, &eventLog{last: 5, gone: 3, more: make(chan struct{})})
	c, err := client.New(client.Config{Endpoint: url})
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	var gaps []wire.EventGap
	one := int64(1)
	err = c.Events(t.Context(), client.EventsRequest{After: &one}, func(e *wire.Event) error {
		told = append(told, e.ID)
		return nil
	}, func(g wire.EventGap) { gaps = append(gaps, g) })
	if err != nil || fmt.Sprint(told) != "[e4 e5]" || fmt.Sprint(gaps) != "[{1 2}]" {
		t.Errorf("told %v, gaps %v, %v", told, gaps, err)
	}
}

// A stream that breaks off must not look like one that is complete.
func TestHalfAStreamIsNotTakenForAWholeOne(t *testing.T) {
	url := eventServer(t, &eventLog{last: 5, more: make(chan struct{}), broken: errors.New("the disk is gone")}) + wire.PathEvents
	answer, err := http.Get(url + "?after=0&follow=false") //nolint:noctx // it ends
	if err != nil {
		return // nothing was told at all
	}
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
	}
	if lines.Err() == nil {
		t.Error("the answer ended as if it were complete")
	}
}

// A caller that takes nothing keeps neither others nor the server's end waiting.
func TestASlowReaderHoldsUpNobody(t *testing.T) {
	url := eventServer(t, &eventLog{last: 1 << 40, more: make(chan struct{})}) + wire.PathEvents
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"?after=0", nil)
	if err != nil {
		t.Fatal(err)
	}
	slow, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Body.Close()
	begun := time.Now()
	if status, _ := fetch(t, url+"?follow=false", ""); status != http.StatusOK || time.Since(begun) > long.Stretched(patience/2) {
		t.Errorf("another reader was answered %d after %s", status, time.Since(begun))
	}
}

func TestWhatIsObserved(t *testing.T) {
	type seen struct {
		operation string
		status    int
	}
	all := map[seen]int{}
	w := open(t, func(o *api.Options) {
		o.Observe = func(operation string, status int, _ time.Duration) { all[seen{operation, status}]++ }
	})
	for target, method := range map[string]string{"/v1/describejobs": http.MethodPost, "/nothing/like/it": http.MethodGet, "/batchd/v1/status": http.MethodGet} {
		r := httptest.NewRequestWithContext(t.Context(), method, "http://127.0.0.1:1"+target, strings.NewReader(`{"jobs":["x"]}`))
		r.RemoteAddr = "127.0.0.1:2"
		r.Header.Set("Content-Type", "application/json")
		w.handler.ServeHTTP(httptest.NewRecorder(), r)
	}
	if all[seen{"DescribeJobs", 200}] != 1 || all[seen{"Status", 200}] != 1 || len(all) != 3 {
		t.Errorf("observed %v", all)
	}
	for s := range all {
		if s.status >= 400 && s.operation != "unknown" {
			t.Errorf("a request for nothing is counted under %s", s.operation)
		}
	}
}
