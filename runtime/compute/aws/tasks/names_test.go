package tasks

import (
	"regexp"
	"slices"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

func TestATaskNamesItsAttempt(t *testing.T) {
	const job = batch.JobID("8f14e45f-ceea-467f-a8f5-0c1d2e3f4a5b")
	for _, id := range []batch.AttemptID{{Job: job, Number: 1}, {Job: job.Child(999_999), Number: 10}, {Job: job.Node(3), Number: 2}} {
		text := startedBy(id)
		if !regexp.MustCompile(`^[A-Za-z0-9_/-]{1,128}$`).MatchString(text) { // what ECS allows
			t.Errorf("startedBy is %q", text)
		}
		if back, err := attemptOf(text); err != nil || back != id {
			t.Errorf("%q is read as %v, %v", text, back, err)
		}
	}
	for _, text := range []string{"", "ecs-svc/9223370", "somebody"} {
		if id, err := attemptOf(text); err == nil && id.Job != "ecs-svc" {
			t.Errorf("%q is read as %v", text, id)
		}
	}
}

func TestARefusedAttemptHasAnotherToken(t *testing.T) {
	id := batch.AttemptID{Job: "j", Number: 1}
	first := token("i", id, "host", 0)
	if len(first) > 64 || first != token("i", id, "host", 0) {
		t.Errorf("token %q", first)
	}
	others := []string{token("i", id, "host", 1), token("i", id, "other", 0), token("other", id, "host", 0), token("i", batch.AttemptID{Job: "j", Number: 2}, "host", 0)}
	if slices.Contains(others, first) {
		t.Error("two calls have one token")
	}
}

func TestATaskSaysByItsTagsWhatMustBeKnown(t *testing.T) {
	l := label{baseKey: "key", logGroup: "/aws/batch/job", logPrefix: "definition", wrapped: true, host: "host-1"}
	back, installation := labelOf(l.tags("i", map[string]string{"batchd:environment": "e", tagInstallation: "another"}))
	if back != l || installation != "i" {
		t.Errorf("read %+v of %s", back, installation)
	}
	l.logGroup = "a#b"
	if back, _ := labelOf(l.tags("i", nil)); back.logGroup != "" || back.logPrefix != "" {
		t.Errorf("a tag has a character that ECS does not allow: %+v", back)
	}
}
