package storetest

import (
	"context"
	"reflect"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// Open returns an empty store, and a function that closes it and opens its rows again.
// What it opened last is closed at the end of the test.
type Open func(t *testing.T) (s store.Store, reopen func() store.Store)

// Run runs the suite. The function of takeOver opens the rows of the store that was opened last again while that one is
// open, as a second runtime would that takes its place. Besides what package store says, it expects the laws that machines
// keep: the fields that say what was submitted (id, seq, name, queue, definition, size, token,
// share, needs, nodes, time of creation) never change, children and nodes carry the seq of their
// submission, an array is terminal exactly when all its children are, and a multi-node job only
// when all its nodes with a row are. That a job is terminal does not mean that it stays so.
func Run(t *testing.T, open, takeOver Open) {
	for name, test := range map[string]func(*testing.T, Open){
		"Empty":              testEmpty,
		"EveryField":         testEveryField,
		"ReplacesRows":       testReplacesRows,
		"Records":            testRecords,
		"BareRows":           testBareRows,
		"Gone":               testGone,
		"AllOrNothing":       testAllOrNothing,
		"Cancelled":          testCancelled,
		"Closed":             testClosed,
		"LoadsWhatIsLive":    testLoadsWhatIsLive,
		"Definitions":        testDefinitions,
		"Names":              testNames,
		"QueuePages":         testQueuePages,
		"QueueFilters":       testQueueFilters,
		"ArrayPages":         testArrayPages,
		"MillionChildren":    testMillionChildren,
		"Nodes":              testNodes,
		"Children":           testChildren,
		"RetrySingle":        testRetrySingle,
		"RetryArray":         testRetryArray,
		"RetryNodes":         testRetryNodes,
		"NeedingJobs":        testNeedingJobs,
		"Shares":             testShares,
		"History":            testHistory,
		"Points":             testPoints,
		"Succeeded":          testSucceeded,
		"SucceededInQueues":  testSucceededInQueues,
		"PointKeys":          testPointKeys,
		"Transitions":        testTransitions,
		"Prune":              testPrune,
		"PruneMany":          testPruneMany,
		"PruneAudits":        testPruneAudits,
		"AccessKeys":         testAccessKeys,
		"QuotaShares":        testQuotaShares,
		"Cursors":            testCursors,
		"Audits":             testAudits,
		"QueueCounts":        testQueueCounts,
		"ManyKeys":           testManyKeys,
		"ConcurrentReaders":  testConcurrentReaders,
		"Together":           testTogether,
		"TogetherFromMemory": testTogetherFromMemory,
		"TogetherFails":      testTogetherFails,
		"TogetherEnds":       testTogetherEnds,
		"RecentNouns":        testRecentNouns,
		"Twin":               testTwin,
		"Epochs":             testEpochs,
		"Widths":             testWidths,
	} {
		t.Run(name, func(t *testing.T) { test(t, open) })
	}
	for name, test := range map[string]func(*testing.T, Open){
		"Deposed":             testDeposed,
		"DeposedReads":        testDeposedReads,
		"DeposedWhileWriting": testDeposedWhileWriting,
	} {
		t.Run(name, func(t *testing.T) { test(t, takeOver) })
	}
}

// must returns v, and ends the test if the call that made it failed.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func commit(t *testing.T, s store.Store, delta batch.Delta) {
	t.Helper()
	if err := s.Commit(t.Context(), &delta); err != nil {
		t.Fatal(err)
	}
}

// twice runs check before and after a restart.
func twice(s store.Store, reopen func() store.Store, check func(store.Store)) {
	check(s)
	check(reopen())
}

// failer is a test, or one try of a property.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// same compares two answers; nil and empty are the same.
func same[T any](t failer, what string, got, want T) {
	t.Helper()
	got, want = clone(got), clone(want)
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%s\n%s", what, difference(got, want))
	}
}

func ids(jobs []batch.Job) []batch.JobID {
	all := make([]batch.JobID, len(jobs))
	for i := range jobs {
		all[i] = jobs[i].ID
	}
	return all
}

func testEmpty(t *testing.T, open Open) {
	s, _ := open(t)
	ctx := t.Context()
	same(t, "Load", must(s.Load(ctx))(t), batch.Snapshot{})
	same(t, "Environments", must(s.Environments(ctx, store.NameQuery{}))(t), nil)
	same(t, "Queues", must(s.Queues(ctx, store.NameQuery{Names: []string{"none"}}))(t), nil)
	same(t, "Policies", must(s.Policies(ctx, store.NameQuery{}))(t), nil)
	same(t, "LogGroups", must(store.Named[batch.LogGroup](ctx, s, store.NameQuery{}))(t), nil)
	same(t, "Consumables", must(store.Named[batch.Consumable](ctx, s, store.NameQuery{Names: []string{"none"}}))(t), nil)
	same(t, "History", must(store.Named[batch.History](ctx, s, store.NameQuery{Names: []string{"none"}}))(t), nil)
	same(t, "Definitions", must(s.Definitions(ctx, store.DefinitionQuery{Refs: []batch.DefinitionRef{{Name: "none"}}}))(t), nil)
	none := []batch.JobID{"none", "none:0", "none#0"}
	same(t, "Jobs", must(s.Jobs(ctx, none))(t), nil)
	same(t, "ListJobs of a queue", must(s.ListJobs(ctx, store.JobQuery{Queue: "none"}))(t), nil)
	same(t, "ListJobs of an array", must(s.ListJobs(ctx, store.JobQuery{Array: "none", AfterIndex: -1}))(t), nil)
	same(t, "ListJobs of a resource", must(s.ListJobs(ctx, store.JobQuery{Consumable: "none"}))(t), nil)
	same(t, "Children", must(s.Children(ctx, "none"))(t), nil)
	same(t, "Specs", must(s.Specs(ctx, none))(t), nil)
	same(t, "Points", must(s.Points(ctx, "none", 0, 10))(t), nil)
	same(t, "Attempts", must(s.Attempts(ctx, none))(t), nil)
	same(t, "Results", must(s.Results(ctx, []batch.AttemptID{{Job: "none", Number: 1}}))(t), nil)
	same(t, "Tags", must(s.Tags(ctx, []string{"job-queue/none"}))(t), nil)
	same(t, "Succeeded", must(s.Succeeded(ctx, store.SucceededQuery{Keys: []string{"none"}}))(t), nil)
	same(t, "Counts", must(s.Counts(ctx))(t), [batch.StatusCount]int64{})
	same(t, "Transitions", must(s.Transitions(ctx, 0, 10))(t), nil)
	same(t, "FirstTransition", must(s.FirstTransition(ctx))(t), 0)
	same(t, "PruneTransitions", must(s.PruneTransitions(ctx, store.Retention{Lines: 1}))(t), 0)
	same(t, "PruneAudits", must(s.PruneAudits(ctx, store.Retention{AuditAge: time.Millisecond}))(t), 0)
	same(t, "QueueCounts", must(s.QueueCounts(ctx))(t), nil)
	same(t, "AccessKeys", must(s.AccessKeys(ctx))(t), nil)
	same(t, "QuotaShares", must(store.Within[batch.QuotaShare](ctx, s, "none", store.NameQuery{}))(t), nil)
	same(t, "Cursors", must(s.Cursors(ctx))(t), nil)
	same(t, "Audits", must(s.Audits(ctx, store.AuditQuery{}))(t), nil)
	if _, found, err := s.AccessKey(ctx, "none"); found || err != nil {
		t.Errorf("AccessKey of nobody: %t, %v", found, err)
	}
	if _, found, err := s.JobByToken(ctx, ""); found || err != nil {
		t.Errorf("JobByToken of no token: %t, %v", found, err)
	}
	for _, q := range []store.JobQuery{{}, {Queue: "q", Array: "a"}, {Queue: "q", Consumable: "c"}, {Array: "a", Consumable: "c"}} {
		if _, err := s.ListJobs(ctx, q); err == nil {
			t.Errorf("ListJobs of not exactly one of queue, array and resource must fail: %+v", q)
		}
	}
	commit(t, s, batch.Delta{})
}

func testCancelled(t *testing.T, open Open) {
	s, reopen := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Commit(ctx, &batch.Delta{Hosts: []batch.Host{{ID: "h"}}}); err == nil {
		t.Error("Commit with a cancelled context must fail")
	}
	if _, err := s.Counts(ctx); err == nil {
		t.Error("a query with a cancelled context must fail")
	}
	commit(t, s, batch.Delta{Hosts: []batch.Host{{ID: "i"}}})
	same(t, "Load", must(reopen().Load(t.Context()))(t).Hosts, []batch.Host{{ID: "i"}})
}

func testClosed(t *testing.T, open Open) {
	s, _ := open(t)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(t.Context(), &batch.Delta{Hosts: []batch.Host{{ID: "h"}}}); err == nil {
		t.Error("Commit after Close must fail")
	}
	if _, err := s.Load(t.Context()); err == nil {
		t.Error("Load after Close must fail")
	}
	if _, err := s.PruneTransitions(t.Context(), store.Retention{}); err == nil {
		t.Error("PruneTransitions after Close must fail")
	}
	if _, err := s.PruneAudits(t.Context(), store.Retention{}); err == nil {
		t.Error("PruneAudits after Close must fail")
	}
	if err := s.Close(); err != nil {
		t.Errorf("Close again: %v", err)
	}
}
