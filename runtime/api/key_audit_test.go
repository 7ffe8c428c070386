package api_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

func TestTheAuditLogTellsWhoDidWhat(t *testing.T) {
	g := newGuarded(t)
	g.furnish("work")
	reader, key := g.key(wire.RoleReader)
	denied(t, "a reader", reader.DeleteJobQueue(t.Context(), &wire.DeleteJobQueueRequest{JobQueue: "work"}))
	stranger := g.as("NOBODY", "x")
	if _, err := stranger.Status(t.Context()); err == nil {
		t.Error("a stranger was let in")
	}
	var all []wire.AuditLine
	token := ""
	for {
		page, err := g.admin.Audit(t.Context(), client.AuditQuery{NextToken: token, MaxResults: 2})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page.Lines...)
		if token = page.NextToken; token == "" {
			break
		}
	}
	var said []string
	for _, line := range all {
		word := line.Who + " " + line.Action + " " + line.Resource
		if line.Denied {
			word += " denied"
		}
		said = append(said, word)
	}
	want := []string{
		"anonymous batchd:Status  denied", key.AccessKeyID + " batch:DeleteJobQueue  denied", keyID + " CreateKey " + key.AccessKeyID,
		keyID + " RegisterJobDefinition task:1", keyID + " CreateJobQueue work", keyID + " CreateComputeEnvironment here", " CreateKey " + keyID,
	}
	if !slices.Equal(said, want) {
		t.Errorf("the audit log says\n%s\nwant\n%s", strings.Join(said, "\n"), strings.Join(want, "\n"))
	}
}

// TestDenialsDoNotFillTheDisk has somebody try again and again.
func TestDenialsDoNotFillTheDisk(t *testing.T) {
	g := newGuarded(t)
	reader, _ := g.key(wire.RoleReader)
	for range 150 {
		denied(t, "a reader", reader.Stop(t.Context()))
	}
	yes := true
	lines, err := g.store.Audits(t.Context(), store.AuditQuery{Denied: &yes})
	if err != nil || len(lines) < 100 || len(lines) > 110 {
		t.Errorf("%d denials are in the audit log, %v", len(lines), err)
	}
	quiet, key := g.key(wire.RoleReader)
	denied(t, "another reader", quiet.Stop(t.Context()))
	if lines, err = g.store.Audits(t.Context(), store.AuditQuery{Who: key.AccessKeyID}); err != nil || len(lines) != 1 {
		t.Errorf("beside one that is noisy, %d denials of another key are in the audit log, want 1 (%v)", len(lines), err)
	}
}
