package cli

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

func TestAudit(t *testing.T) {
	alone(t)
	dir := serve(t)
	_, stdout, _ := batchd(t, "key", "create", "--role", "reader", "-o", "json", "--state-dir", dir)
	var reader wire.CreateKeyResponse
	if err := json.Unmarshal([]byte(stdout), &reader); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", reader.AccessKeyID)
	t.Setenv("AWS_SECRET_ACCESS_KEY", reader.SecretAccessKey)
	t.Setenv("BATCHD_ENDPOINT", endpoint(t, dir))
	if code, _, stderr := batchd(t, "audit"); code != exitFailed || !strings.Contains(stderr, "not authorized to perform: batchd:Audit") {
		t.Errorf("as a reader: exit code %d, %q", code, stderr)
	}
	t.Setenv("BATCHD_ENDPOINT", "")

	code, stdout, stderr := batchd(t, "audit", "--state-dir", dir)
	lines := strings.Split(strings.TrimSuffix(stdout, "\n"), "\n")
	if code != exitOK || len(lines) != 4 || strings.Join(strings.Fields(lines[0]), " ") != "AT WHO ACTION RESOURCE FROM OUTCOME" {
		t.Fatalf("exit code %d, %q %q", code, stdout, stderr)
	}
	for i, words := range [][]string{
		{reader.AccessKeyID, "batchd:Audit", "127.0.0.1:", "denied"},
		{"CreateKey", reader.AccessKeyID, "127.0.0.1:", "done"},
		{"batchd", "CreateKey", "done"},
	} {
		for _, word := range words {
			if !strings.Contains(lines[i+1], word) {
				t.Errorf("line %d is %q, without %q", i+1, lines[i+1], word)
			}
		}
	}
	for args, want := range map[string][]string{
		"":                                   {"batchd:Audit", "CreateKey", "CreateKey"},
		"--limit 1":                          {"batchd:Audit"},
		"--denied":                           {"batchd:Audit"},
		"--denied=false --limit 1":           {"CreateKey"},
		"--who " + reader.AccessKeyID:        {"batchd:Audit"},
		"--action CreateKey":                 {"CreateKey", "CreateKey"},
		"--denied --action CreateKey":        {},
		"--limit " + strconv.Itoa(1_000_000): {"batchd:Audit", "CreateKey", "CreateKey"},
	} {
		code, stdout, stderr := batchd(t, strings.Fields("audit -o json --state-dir "+dir+" "+args)...)
		var found []wire.AuditLine
		if err := json.Unmarshal([]byte(stdout), &found); code != exitOK || err != nil || found == nil {
			t.Errorf("%s: exit code %d, %q %q, %v", args, code, stdout, stderr, err)
		}
		said := []string{}
		for _, line := range found {
			said = append(said, line.Action)
		}
		if strings.Join(said, " ") != strings.Join(want, " ") {
			t.Errorf("%s: %q, want %q", args, said, want)
		}
	}
	for args, says := range map[string]string{"audit --limit 0": "--limit is 0", "audit --limit -3": "--limit is -3", "audit x": "no arguments", "audit --limit many": "many"} {
		if code, _, stderr := batchd(t, strings.Fields(args)...); code != exitUsage || !strings.Contains(stderr, says) {
			t.Errorf("batchd %s: exit code %d, %q", args, code, stderr)
		}
	}
}

func TestAuditTurnsPages(t *testing.T) {
	alone(t)
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		size, token := q.URL.Query().Get("maxResults"), q.URL.Query().Get("nextToken")
		n, err := strconv.Atoi(size)
		seen, _ := strconv.Atoi(token) // the first page has none
		if token != "" {
			size += " after " + token
		}
		asked = append(asked, size)
		answer := wire.AuditResponse{Lines: make([]wire.AuditLine, n), NextToken: strconv.Itoa(seen + n)}
		if err := errors.Join(err, json.NewEncoder(w).Encode(answer)); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	t.Setenv("BATCHD_ENDPOINT", server.URL)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "example")
	code, stdout, stderr := batchd(t, "audit", "--limit", "2500", "-o", "json")
	var found []wire.AuditLine
	if err := json.Unmarshal([]byte(stdout), &found); code != exitOK || err != nil || len(found) != 2500 {
		t.Errorf("exit code %d, %d lines, %q, %v", code, len(found), stderr, err)
	}
	if want := "1000, 1000 after 1000, 500 after 2000"; strings.Join(asked, ", ") != want {
		t.Errorf("asked for %q, want %q", asked, want)
	}
}
