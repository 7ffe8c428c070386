package sched

import (
	"fmt"
	"strings"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

func clock(at batch.Time) string { return at.Std().UTC().Format(time.RFC3339) }

func counts(a *batch.Array) string {
	var parts []string
	for _, s := range batch.Statuses() {
		if n := a.Counts[s]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s))
		}
	}
	return strings.Join(parts, ", ")
}

func list(ids []batch.JobID) string {
	texts := make([]string, 0, 3)
	for i, id := range ids {
		if i == 2 && len(ids) > 3 {
			texts = append(texts, fmt.Sprintf("%d others", len(ids)-i))
			break
		}
		texts = append(texts, string(id))
	}
	return strings.Join(texts, ", ")
}
