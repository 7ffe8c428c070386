package cli

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// paging answers a request for logs with one page after another, and counts on in the tokens.
func paging(t *testing.T, pages ...wire.LogsResponse) {
	t.Helper()
	n := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		page := pages[min(n, len(pages)-1)]
		n++
		page.NextToken = strings.Repeat("x", n)
		_ = json.NewEncoder(w).Encode(page)
	}))
	t.Cleanup(server.Close)
	t.Setenv("BATCHD_ENDPOINT", server.URL)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "example")
}

func line(text string) wire.LogEvent { return wire.LogEvent{Message: text} }

func TestAnUnfinishedLineIsShown(t *testing.T) {
	alone(t)
	prompt := line("Password: ")
	paging(t, wire.LogsResponse{Events: []wire.LogEvent{line("first")}, Unfinished: &prompt}, wire.LogsResponse{Unfinished: &prompt})
	if code, stdout, stderr := batchd(t, "logs", "j"); code != exitOK || stdout != "first\nPassword: \n" {
		t.Errorf("exit code %d, %q, %q", code, stdout, stderr)
	}
	// While it is followed, it grows until it is a line.
	ten, twenty := line("10%"), line("10%\r20%")
	pages := []wire.LogsResponse{
		{Unfinished: &ten},
		{Unfinished: &ten},
		{Unfinished: &twenty},
		{Events: []wire.LogEvent{line("10%\r20%\rdone"), line("next")}},
		{Events: []wire.LogEvent{line("last")}, Ended: true},
	}
	paging(t, pages...)
	if code, stdout, stderr := batchd(t, "logs", "-f", "j"); code != exitOK || stdout != "10%\r20%\rdone\nnext\nlast\n" {
		t.Errorf("followed: exit code %d, %q, %q", code, stdout, stderr)
	}
	paging(t, pages...)
	if _, stdout, _ := batchd(t, "logs", "-f", "-o", "json", "j"); strings.Count(stdout, "\n") != 3 {
		t.Errorf("as JSON: %s; want the three events", stdout)
	}
}

func TestLongLinesAreJoined(t *testing.T) {
	alone(t)
	part := line("abc")
	part.Continues = true
	paging(t, wire.LogsResponse{Events: []wire.LogEvent{part, part}}, wire.LogsResponse{Events: []wire.LogEvent{line("d"), line("e")}, Ended: true})
	if code, stdout, _ := batchd(t, "logs", "j"); code != exitOK || stdout != "abcabcd\ne\n" {
		t.Errorf("exit code %d, %q", code, stdout)
	}
}

func TestRawOutputIsWhatWasWritten(t *testing.T) {
	alone(t)
	events := []wire.LogEvent{{Data: []byte("M\xfcller")}, {Data: []byte("\x00\x1b[0m"), Continues: true}}
	paging(t, wire.LogsResponse{Events: events, Ended: true})
	if code, stdout, _ := batchd(t, "logs", "--raw", "j"); code != exitOK || !bytes.Equal([]byte(stdout), []byte("M\xfcller\n\x00\x1b[0m")) {
		t.Errorf("exit code %d, %q", code, stdout)
	}
	for _, other := range [][]string{{"--timestamps"}, {"-o", "json"}} {
		if code, _, stderr := batchd(t, append([]string{"logs", "--raw", "j"}, other...)...); code != exitUsage {
			t.Errorf("with %s: exit code %d, %q", other, code, stderr)
		}
	}
}

func TestMissingOutputIsSaid(t *testing.T) {
	alone(t)
	paging(t, wire.LogsResponse{Events: []wire.LogEvent{line("kept")}, Ended: true, Dropped: 12})
	if _, stdout, stderr := batchd(t, "logs", "j"); stdout != "kept\n" || !strings.Contains(stderr, "12 bytes of this output are missing") {
		t.Errorf("%q, %q", stdout, stderr)
	}
	answering(t, map[string]any{wire.PathDescribeJobs: map[string]any{"jobs": []any{map[string]any{"jobId": "j", "status": "SUCCEEDED", "attempts": []any{
		map[string]any{"container": map[string]any{"exitCode": 0}, "batchd": map[string]any{"output": map[string]any{"bytes": 5, "dropped": 12}}},
	}}}}})
	if _, stdout, _ := batchd(t, "describe", "j"); !strings.Contains(stdout, "12 of 17 bytes of its output are missing") {
		t.Errorf("describe: %q", stdout)
	}
}

// TestNumbersOfLogsCountFromOne refuses 0 as it refuses negative numbers: what is not given is the default, 0 is a mistake.
func TestNumbersOfLogsCountFromOne(t *testing.T) {
	alone(t)
	paging(t, wire.LogsResponse{Events: []wire.LogEvent{line("all")}, Ended: true})
	for _, flag := range []string{"--lines", "--attempt"} {
		for number, want := range map[string]int{"-1": exitUsage, "0": exitUsage, "1": exitOK} {
			code, stdout, stderr := batchd(t, "logs", flag, number, "j")
			if code != want || want == exitUsage && (stdout != "" || !strings.Contains(stderr, flag+" is "+number+"; give a number from 1")) {
				t.Errorf("%s %s: exit code %d, want %d; stdout %q, stderr %q", flag, number, code, want, stdout, stderr)
			}
		}
	}
}
