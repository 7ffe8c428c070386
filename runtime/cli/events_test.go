package cli

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

func TestEvents(t *testing.T) {
	alone(t)
	dir := serve(t)
	if code, _, stderr := batchd(t, "submit", "--wait", "--state-dir", dir, "--", "true"); code != exitOK {
		t.Fatalf("submit: %d %s", code, stderr)
	}
	code, stdout, stderr := batchd(t, "events", "--state-dir", dir, "--status", "SUCCEEDED")
	if code != exitOK || strings.Count(stdout, "\n") != 1 || !strings.Contains(stdout, "\tSUCCEEDED\t") || stderr != "" {
		t.Errorf("events: %d %q %q", code, stdout, stderr)
	}
	code, stdout, _ = batchd(t, "events", "--state-dir", dir, "--status", "SUCCEEDED", "-o", "json")
	var e wire.Event
	if err := json.Unmarshal([]byte(stdout), &e); code != exitOK || err != nil || e.Detail.Status != wire.StatusSucceeded || e.Batchd.Sequence == 0 {
		t.Fatalf("events as JSON: %d %q, %v", code, stdout, err)
	}
	if code, stdout, _ = batchd(t, "events", "--state-dir", dir, "--after", strconv.FormatInt(e.Batchd.Sequence, 10)); code != exitOK || stdout != "" {
		t.Errorf("after the last one: %d %q", code, stdout)
	}
	if code, _, stderr := batchd(t, "events", "--status", "DONE"); code != exitUsage || !strings.Contains(stderr, "RUNNABLE") {
		t.Errorf("a status that there is not: %d %q", code, stderr)
	}
}

// A reason is whatever somebody wrote: it makes no line of its own, and says nothing to a terminal.
func TestAnEventIsOneLine(t *testing.T) {
	var out bytes.Buffer
	r := &root{stdout: &out}
	e := &wire.Event{Detail: wire.JobDetail{JobID: "j", Status: wire.StatusFailed, StatusReason: "no\n12\tlonger \x1b[2J wanted"}}
	if err := r.printEvent(e); err != nil {
		t.Fatal(err)
	}
	if text := out.String(); strings.Count(text, "\n") != 1 || strings.Count(text, "\t") != 5 || strings.Contains(text, "\x1b") || !strings.Contains(text, "wanted") {
		t.Errorf("printed %q", text)
	}
}
