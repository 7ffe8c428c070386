package sqlstore

import (
	"context"
	"fmt"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

func (c *commit) audit(a *batch.Audit) error {
	return c.put(putAudit, int64(a.At), a.Who, bit(a.Denied), a.Action, a.Resource, a.Source)
}

// lines appends to the transition log, which has no gaps.
func (c *commit) lines(lines []batch.Transition) error {
	if len(lines) == 0 {
		return nil
	}
	var last int64
	if _, err := c.one(context.Background(), lastLine, nil, &last); err != nil {
		return err
	}
	for i := range lines {
		if want := last + 1 + int64(i); lines[i].Seq != want {
			return fmt.Errorf("transition of job %s: seq is %d, want %d", lines[i].Job, lines[i].Seq, want)
		}
		if lines[i].Kind > maxLineKind || lines[i].From > maxLineStatus {
			return fmt.Errorf("transition %d of job %s: kind %d and status %d, want at most %d and %d",
				lines[i].Seq, lines[i].Job, lines[i].Kind, lines[i].From, maxLineKind, maxLineStatus)
		}
	}
	for len(lines) > 0 {
		n := min(len(lines), linesPerRow)
		if err := c.put(putLines, lines[0].Seq, n, packLines(lines[:n])); err != nil {
			return err
		}
		lines = lines[n:]
	}
	return nil
}
