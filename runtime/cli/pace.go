package cli

import (
	"fmt"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// pace estimates when an array ends, from the children that have run since it was first looked at. Results that were reused
// came without running and say nothing about the time that the others take.
type pace struct {
	since time.Time // of the first look
	ran   int32     // how many children had run by then
}

// left says how long the children that have not ended take at the pace of those that have run since the first look, as
// ", about 25s left". It is empty for a job that is not an array, while no child has run, and when all have ended.
func (p *pace) left(j wire.JobDetail, now time.Time) string {
	if !isArray(j) {
		return ""
	}
	ended := j.ArrayProperties.StatusSummary[wire.StatusSucceeded] + j.ArrayProperties.StatusSummary[wire.StatusFailed]
	ran, rest := ended-reusedCount(j), *j.ArrayProperties.Size-ended
	if p.since.IsZero() {
		p.since, p.ran = now, ran
	}
	if ran <= p.ran || rest <= 0 {
		return ""
	}
	each := now.Sub(p.since) / time.Duration(ran-p.ran)
	return fmt.Sprintf(", about %s left", (each * time.Duration(rest)).Round(time.Second))
}
