package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/internal/long"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

const (
	crashArray = 10_000
	crashes    = 20
)

// TestKilledInTheMiddleOfAnArray kills the runtime with SIGKILL at random moments while an array of 10,000 children
// runs and single jobs are submitted. Every job that was acknowledged ends, no child runs twice unless its
// attempts say so, and the table of results is complete.
func TestKilledInTheMiddleOfAnArray(t *testing.T) {
	long.Only(t, "kills a runtime twenty times")
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	dice := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	ledger := filepath.Join(t.TempDir(), "ran")
	state := filepath.Join(dir, "state")
	s := start(t, mkdir(t, state))
	defer func() { s.stop() }()
	s.setUp(t.Context(), 4, fmt.Sprintf(`#!/bin/sh
echo "$AWS_BATCH_JOB_ID $AWS_BATCH_JOB_ATTEMPT" >>%s
echo "{\"index\": ${AWS_BATCH_JOB_ARRAY_INDEX:--1}}" >"$BATCH_RESULT_FILE"
`, ledger))
	size := int32(crashArray)
	array, err := s.client.SubmitJob(t.Context(), &wire.SubmitJobRequest{
		JobName: "array", JobQueue: "q", JobDefinition: "d", ArrayProperties: &wire.ArrayProperties{Size: &size},
	})
	s.must(err)
	acknowledged := []string{array.JobID}
	for i := range crashes {
		acknowledged = append(acknowledged, s.submitUntil(t, time.Duration(50+dice.IntN(400))*time.Millisecond, i)...)
		s.kill()
		s = start(t, state)
	}
	for _, id := range acknowledged {
		j, err := s.client.Wait(t.Context(), id, nil)
		s.must(err)
		if j.Status != wire.StatusSucceeded {
			t.Errorf("job %s is %s: %s", id, j.Status, j.StatusReason)
		}
	}
	s.checkResults(t, array.JobID, ledger)
	t.Logf("%d jobs acknowledged, %d crashes", len(acknowledged), crashes)
}

// submitUntil submits single jobs for a while, and returns those that were acknowledged.
func (s *service) submitUntil(t *testing.T, during time.Duration, round int) []string {
	t.Helper()
	var ids []string
	ctx, cancel := context.WithTimeout(t.Context(), during)
	defer cancel()
	for i := 0; ctx.Err() == nil; i++ {
		answer, err := s.client.SubmitJob(ctx, &wire.SubmitJobRequest{JobName: fmt.Sprintf("single-%d-%d", round, i), JobQueue: "q", JobDefinition: "d"})
		if err == nil {
			ids = append(ids, answer.JobID)
		}
		if i >= 20 {
			<-ctx.Done()
		}
	}
	return ids
}

// checkResults holds the table of results, and what the jobs wrote themselves, against each other.
func (s *service) checkResults(t *testing.T, array, ledger string) {
	t.Helper()
	results, err := s.client.AllResults(t.Context(), array)
	s.must(err)
	if len(results) != crashArray {
		t.Fatalf("%d results of %d", len(results), crashArray)
	}
	text, err := os.ReadFile(ledger)
	s.must(err)
	ran := map[string]int32{} // runs by job
	for line := range strings.Lines(string(text)) {
		id, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		ran[id]++
	}
	again := 0
	for i, r := range results {
		if want := fmt.Sprintf(`{"index": %d}`, i); strings.TrimSpace(string(r.Result)) != want && strings.TrimSpace(string(r.Result)) != strings.ReplaceAll(want, " ", "") {
			t.Errorf("child %d left %q", i, r.Result)
		}
		if n := ran[r.JobID]; n < 1 || n > r.Attempts {
			t.Errorf("child %d ran %d times in %d attempts", i, n, r.Attempts)
		}
		if r.Attempts > 1 {
			again++
		}
	}
	t.Logf("%d children ran more than once", again)
}

func mkdir(t *testing.T, dir string) string {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}
