package storetest

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// compare asks both stores everything.
func (s *story) compare(t *testing.T, got store.Store) {
	ctx, want := t.Context(), s.twin
	both := []store.Store{got, want}
	answers := make([]map[string]any, 2)
	var all []batch.JobID
	var attempts []batch.AttemptID
	for _, j := range s.all() {
		all = append(all, j.ID, j.ID.Child(0), j.ID.Child(3), j.ID.Node(0), j.ID.Node(3))
		for i := range j.Size {
			all = append(all, j.ID.Child(i))
		}
		if j.Nodes != nil {
			all = append(all, j.ID.Node(1), j.ID.Node(2))
		}
	}
	for _, id := range all {
		attempts = append(attempts, batch.AttemptID{Job: id, Number: 1}, batch.AttemptID{Job: id, Number: 2})
	}
	queue, array := s.queueQuery(), s.arrayQuery(all)
	needing := s.queueQuery()
	needing.Queue, needing.Consumable = "", s.one("licence", "seat")
	audits := s.auditQuery()
	for i, x := range both {
		a := map[string]any{}
		a["load"] = must(x.Load(ctx))(t)
		a["environments"] = must(x.Environments(ctx, store.NameQuery{}))(t)
		a["queues"] = must(x.Queues(ctx, store.NameQuery{Limit: 3}))(t)
		a["definitions"] = must(x.Definitions(ctx, store.DefinitionQuery{}))(t)
		a["newest definitions"] = must(x.Definitions(ctx, exactly(batch.DefinitionRef{Name: "a"}, batch.DefinitionRef{Name: "b"})))(t)
		a["jobs"] = must(x.Jobs(ctx, all))(t)
		a["queue"] = must(x.ListJobs(ctx, queue))(t)
		a["array"] = must(x.ListJobs(ctx, array))(t)
		a["needing"] = must(x.ListJobs(ctx, needing))(t)
		a["children"] = must(x.Children(ctx, array.Array))(t)
		a["policies"] = must(x.Policies(ctx, store.NameQuery{After: "a"}))(t)
		a["log groups"] = must(store.Named[batch.LogGroup](ctx, x, store.NameQuery{After: "a"}))(t)
		a["consumables"] = must(store.Named[batch.Consumable](ctx, x, store.NameQuery{Names: []string{"c", "b"}}))(t)
		a["history"] = must(store.Named[batch.History](ctx, x, store.NameQuery{Names: []string{"a", "c"}}))(t)
		a["specs"] = must(x.Specs(ctx, all))(t)
		a["points"] = must(x.Points(ctx, array.Array, max(array.AfterIndex, 0), 4))(t)
		a["attempts"] = must(x.Attempts(ctx, all))(t)
		a["results"] = must(x.Results(ctx, attempts))(t)
		a["tags"] = must(x.Tags(ctx, []string{"a", "b"}))(t)
		a["succeeded"] = must(x.Succeeded(ctx, store.SucceededQuery{Keys: []string{"00aa", "00ab", "no hex"}}))(t)
		a["counts"] = must(x.Counts(ctx))(t)
		a["transitions"] = must(x.Transitions(ctx, s.lines/2, 5))(t)
		a["first transition"] = must(x.FirstTransition(ctx))(t)
		a["cursors"] = must(x.Cursors(ctx))(t)
		a["queue counts"] = must(x.QueueCounts(ctx))(t)
		a["keys"] = must(x.AccessKeys(ctx))(t)
		key, known, err := x.AccessKey(ctx, "b")
		a["key"] = fmt.Sprint(key, known, err)
		a["quota shares"] = must(store.Within[batch.QuotaShare](ctx, x, "q", store.NameQuery{After: "a", Limit: 1}))(t)
		a["some quota shares"] = must(store.Within[batch.QuotaShare](ctx, x, "r", store.NameQuery{Names: []string{"c", "a"}}))(t)
		a["audits"] = must(x.Audits(ctx, audits))(t)
		id, found, err := x.JobByToken(ctx, "t")
		a["token"] = fmt.Sprint(id, found, err)
		answers[i] = a
	}
	for what := range answers[0] {
		same(s.T, what, &[]any{answers[0][what]}, &[]any{answers[1][what]})
	}
}

func (s *story) statuses() []batch.Status {
	return rapid.SliceOfN(rapid.SampledFrom(batch.Statuses()), 0, 3).Draw(s.T, "statuses")
}

func (s *story) queueQuery() store.JobQuery {
	return store.JobQuery{
		Queue: s.one("q", "r"), Statuses: s.statuses(), Share: s.one("", "", "red", "red*"), Name: s.one("", "", "NAME", "na*"), Definition: s.one("", "", "d", "d:1", "d*"),
		CreatedAfter: batch.Time(s.draw(0, 5, "after")), CreatedBefore: batch.Time(s.draw(0, 1, "before") * 20),
		Descending: s.draw(0, 1, "descending") == 1, AfterSeq: int64(s.draw(0, 6, "seq")), Limit: s.draw(0, 4, "limit"),
	}
}

func (s *story) auditQuery() store.AuditQuery {
	q := store.AuditQuery{Who: s.one("", "a", "b"), Action: s.one("", "1"), Before: int64(s.draw(0, 4, "before")), Limit: s.draw(0, 2, "limit")}
	if denied := s.one("", "yes", "no"); denied != "" {
		is := denied == "yes"
		q.Denied = &is
	}
	return q
}

func (s *story) arrayQuery(all []batch.JobID) store.JobQuery {
	q := store.JobQuery{Array: "none", Statuses: s.statuses(), AfterIndex: int32(s.draw(-1, 6, "index")), Limit: s.draw(0, 4, "limit")}
	if len(all) > 0 {
		q.Array = rapid.SampledFrom(all).Draw(s.T, "array").Root()
	}
	q.Name, q.Definition, q.Share = s.one("", "", "NAME", "na*"), s.one("", "", "d", "d:1", "d*"), s.one("", "", "red*")
	return q
}
