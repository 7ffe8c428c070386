package sched_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// In scenarios the base key of a point is the hash of its label, whatever else there is; what has no label has no key.

func labelOf(c *sched.SubmitJob, index int) string {
	if len(c.Points) > 0 {
		return c.Points[index]["point"]
	}
	return c.Parameters["point"]
}

// identify fills in the keys of a submission whose points have labels, and the results that it may take.
func (w *world) identify(c *sched.SubmitJob, g *sched.Given) {
	if labelOf(c, 0) == "" {
		return
	}
	inContainer := g.Definition != nil && g.Definition.Container.Image != ""
	if inContainer {
		g.ImageDigest = w.digest
	}
	var bases []string
	g.Reusable = map[int32]batch.Job{}
	for i := range max(len(c.Points), 1) {
		sum := sha256.Sum256([]byte(labelOf(c, i)))
		base := hex.EncodeToString(sum[:])
		bases = append(bases, base)
		id := c.ID
		if len(c.Points) > 0 {
			id = id.Child(int32(i))
		}
		w.baseKeys[id] = base
		key := batch.ContentKey(base, g.ImageDigest, inContainer)
		for _, j := range w.rows.Jobs {
			if key != "" && j.ContentKey == key && j.Status == batch.Succeeded && batch.MatchesQueue(c.Readable, j.QueueName) && c.Reuse {
				g.Reusable[int32(i)] = *j
			}
		}
	}
	g.Key = batch.KeyOfAll(bases)
	if c.Reuse {
		g.PointKeys = batch.PackPointKeys(bases)
	}
}

// explain prints why a job is not running.
func (w *world) explain(out *strings.Builder, id batch.JobID) {
	answer, err := w.m.Answer(w.now, sched.ExplainJob{ID: id})
	x, ok := answer.(sched.Explanation)
	if err != nil || !ok {
		fmt.Fprintf(out, "refused: %v\n", err)
		return
	}
	fmt.Fprintf(out, "%s %s: %s %s; %v\n", x.Status, x.Code, x.Sentence, x.Remedy, x.WaitsFor)
}

// plan prints what would become of submissions.
func (w *world) plan(out *strings.Builder, submissions []sched.Event) {
	for _, ev := range submissions {
		submit, ok := ev.(sched.SubmitJob)
		if !ok {
			continue
		}
		given := w.given(submit.Needs())
		w.identify(&submit, &given)
		submit.Given = given
		answer, err := w.m.Answer(w.now, sched.PlanJob{Submit: submit})
		p, ok := answer.(sched.Plan)
		if err != nil || !ok {
			fmt.Fprintf(out, "refused: %v\n", err)
			continue
		}
		fmt.Fprintf(out, "runs=%d reused=%d joins=%d waits=%d adopts=%s\n", p.Runs, p.Reused, p.Joins, p.Waits, p.Adopts)
	}
}
