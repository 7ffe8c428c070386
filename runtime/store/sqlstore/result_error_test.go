package sqlstore_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
	"github.com/batchd/terraform-provider-batch/runtime/store/sqlstore"
)

// TestResultsOfBeforeThatAreNoneAreNotTakenUp is of rows that an earlier version wrote: it took what cannot be a result, and
// it kept why it had not taken one as a reason.
func TestResultsOfBeforeThatAreNoneAreNotTakenUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	s := open(t, path)
	const old = "the result was not taken: it is not valid JSON"
	job := func(id batch.JobID, seq int64, key, reason string) batch.Job {
		return batch.Job{ID: id, Seq: seq, Status: batch.Succeeded, Attempt: 1, ContentKey: key, Reason: reason}
	}
	result := func(id batch.JobID, body string) batch.Result {
		return batch.Result{Attempt: batch.AttemptID{Job: id, Number: 1}, Body: []byte(body)}
	}
	array := job("array", 4, "", "")
	array.Size, array.Array = 4, &batch.Array{}
	mustCommit(t, s, &batch.Delta{
		Jobs: []batch.Job{
			job("good", 1, "00a1", ""), job("latin", 2, "00a2", ""), job("none", 3, "00a3", old),
			array, job("array:0", 4, "00b1", ""), job("array:1", 4, "00b2", ""), job("array:2", 4, "00b3", old),
			job("plain", 5, "00a4", ""),
		},
		Attempts: []batch.Attempt{{ID: batch.AttemptID{Job: "none", Number: 1}, Reason: old}},
		Results:  []batch.Result{result("good", "1"), result("latin", "\"\xfc\""), result("array:0", "2"), result("array:1", `"\ud800"`)},
	})
	rows := sqlstore.Inserts(t, s)
	path = filepath.Join(t.TempDir(), "older.db")
	sqlstore.MakeSchema(t, path, 2)
	alter(t, path, rows...)

	s = open(t, path)
	keys := []string{"00a1", "00a2", "00a3", "00a4", "00b1", "00b2", "00b3"}
	found, err := s.Succeeded(t.Context(), store.SucceededQuery{Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	keys = slices.DeleteFunc(keys, func(key string) bool { _, ok := found[key]; return !ok })
	if !slices.Equal(keys, []string{"00a1", "00a4", "00b1"}) {
		t.Errorf("the keys %v are found, want those of results and of jobs that left nothing", keys)
	}
	jobs, err := s.Jobs(t.Context(), []batch.JobID{"none", "array:2"})
	if err != nil || len(jobs) != 2 {
		t.Fatal(jobs, err)
	}
	for _, j := range jobs {
		if j.Reason != "" || j.ResultError != "it is not valid JSON" {
			t.Errorf("job %s has reason %q and result error %q", j.ID, j.Reason, j.ResultError)
		}
	}
	attempts, err := s.Attempts(t.Context(), []batch.JobID{"none"})
	if err != nil || len(attempts["none"]) != 1 || attempts["none"][0].ResultError != "it is not valid JSON" {
		t.Errorf("attempts %+v, %v", attempts, err)
	}
}
