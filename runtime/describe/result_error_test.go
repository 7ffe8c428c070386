package describe

import (
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// TestABadResultOfBeforeIsNotShown is of rows that an earlier version wrote, which took what no client can decode.
func TestABadResultOfBeforeIsNotShown(t *testing.T) {
	for body, want := range map[string]string{
		"{\"name\":\"M\xfcller\"}":                            "not UTF-8",
		strings.Repeat("[", 9000) + strings.Repeat("]", 9000): "nested",
		`"\ud800"`: "surrogate",
	} {
		j := batch.Job{ID: "j", Status: batch.Succeeded, Result: batch.AttemptID{Job: "j", Number: 1}}
		result, problem := shownResult(j, map[batch.AttemptID][]byte{j.Result: []byte(body)})
		if result != nil || !strings.Contains(problem, want) {
			t.Errorf("%.20q is shown as %.20q, error %q; want %q", body, result, problem, want)
		}
	}
}
