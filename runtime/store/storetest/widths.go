package storetest

import (
	"fmt"
	"math"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// The largest numbers that a store must hold, beside those that their types end at. A time of creation is less than the largest
// number, which stands for no bound in a query.
const (
	widestSeq   = 1<<43 - 2 // of a submission
	widestArray = 1<<20 - 1 // children
)

// Numbers come back as they went in: a value of 2^40, and the largest that each may have.
func testWidths(t *testing.T, open Open) {
	for _, seq := range []int64{1 << 31, 1 << 40, widestSeq} {
		t.Run(fmt.Sprint(seq), func(t *testing.T) { testWidth(t, open, seq) })
	}
}

func testWidth(t *testing.T, open Open, seq int64) {
	s, reopen := open(t)
	ctx := t.Context()
	array := runnable("array", seq, widestArray)
	array.CreatedAt, array.Needs = math.MaxInt64-1, []batch.Need{{Resource: "r", Quantity: math.MaxInt64}}
	array.Definition = batch.DefinitionRef{Name: "d", Revision: math.MaxInt32}
	child := born(&array, widestArray-1, batch.Running)
	child.Attempt = math.MaxInt32
	attempt := batch.Attempt{ID: child.AttemptID(), StartedAt: math.MaxInt64, StoppedAt: math.MaxInt64}
	definition := batch.Definition{Name: "d", Revision: math.MaxInt32, Active: true, CreatedAt: math.MaxInt64}
	cursor := batch.Cursor{Name: "c", Seq: math.MaxInt64, At: math.MaxInt64}
	key := batch.AccessKey{ID: "k", CreatedAt: math.MaxInt64}
	audit := batch.Audit{At: math.MaxInt64, Who: "w", Denied: true}
	spec := batch.Spec{Job: "array", Timeout: math.MaxInt32}
	commit(t, s, batch.Delta{
		Jobs: []batch.Job{array, child}, Attempts: []batch.Attempt{attempt}, Results: []batch.Result{{Attempt: attempt.ID, Body: []byte("1")}},
		Definitions: []batch.Definition{definition}, Cursors: []batch.Cursor{cursor}, Keys: []batch.AccessKey{key}, Audits: []batch.Audit{audit},
		Specs: []batch.Spec{spec}, PointKeys: []batch.PointKeys{{Job: "array", Keys: []byte("k")}},
		Points: []batch.Points{{Job: "array", From: widestArray - 1, Values: []map[string]string{{"p": "v"}}}},
	})
	twice(s, reopen, func(s store.Store) {
		snapshot := must(s.Load(ctx))(t)
		same(t, "Load", snapshot.Jobs, []batch.Job{array, child})
		same(t, "LastSeq", snapshot.LastSeq, seq)
		same(t, "Revisions", snapshot.Revisions, map[string]int32{"d": math.MaxInt32})
		same(t, "Jobs", must(s.Jobs(ctx, []batch.JobID{"array", child.ID}))(t), []batch.Job{array, child})
		same(t, "a queue", ids(must(s.ListJobs(ctx, store.JobQuery{Queue: array.QueueID, AfterSeq: seq - 1}))(t)), []batch.JobID{"array"})
		same(t, "a resource", ids(must(s.ListJobs(ctx, store.JobQuery{Consumable: "r", CreatedAfter: math.MaxInt64 - 2}))(t)), []batch.JobID{"array"})
		same(t, "the last child", must(s.Children(ctx, "array"))(t), []batch.Job{child})
		same(t, "Attempts", must(s.Attempts(ctx, []batch.JobID{child.ID}))(t), map[batch.JobID][]batch.Attempt{child.ID: {attempt}})
		same(t, "Results", must(s.Results(ctx, []batch.AttemptID{attempt.ID}))(t), map[batch.AttemptID][]byte{attempt.ID: []byte("1")})
		same(t, "Definitions", must(s.Definitions(ctx, store.DefinitionQuery{Refs: []batch.DefinitionRef{{Name: "d"}}}))(t), []batch.Definition{definition})
		same(t, "Cursors", must(s.Cursors(ctx))(t), []batch.Cursor{cursor})
		same(t, "AccessKeys", must(s.AccessKeys(ctx))(t), []batch.AccessKey{key})
		same(t, "Specs", must(s.Specs(ctx, []batch.JobID{"array"}))(t), map[batch.JobID]batch.Spec{"array": spec})
		same(t, "PointKeys", must(s.PointKeys(ctx, []batch.JobID{"array"}))(t), map[batch.JobID][]byte{"array": []byte("k")})
		same(t, "Points", must(s.Points(ctx, "array", widestArray-1, 1<<10))(t), []map[string]string{{"p": "v"}})
		same(t, "Transitions", must(s.Transitions(ctx, math.MaxInt64-1, math.MaxInt))(t), nil)
		lines := must(s.Audits(ctx, store.AuditQuery{}))(t)
		if len(lines) != 1 || lines[0].Audit != audit {
			t.Errorf("the audit log is %+v, want %+v", lines, audit)
		}
	})
}
