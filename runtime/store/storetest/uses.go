package storetest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// Jobs are found by the consumable resources they need, each job once.
func testNeedingJobs(t *testing.T, open Open) {
	s, reopen := open(t)
	var d batch.Delta
	var all []batch.JobID
	for seq := int64(1); seq <= 30; seq++ {
		j := batch.Job{ID: batch.JobID(fmt.Sprintf("job%02d", seq)), Seq: seq, QueueID: "q", Name: "single", Status: batch.Status(seq % 7)}
		switch {
		case seq%3 == 0:
			j.Needs = []batch.Need{{Resource: "licence", Quantity: seq}, {Resource: "seat", Quantity: 1}}
		case seq == 10:
			j = multiNode(j.ID, seq, 3) // whose second range needs licences
			j.Nodes.Ranges = append(j.Nodes.Ranges, batch.NodeRange{Needs: []batch.Need{{Resource: "licence", Quantity: 1}, {Resource: "seat", Quantity: 1}}})
		case seq == 20:
			j = runnable(j.ID, seq, 3)
			j.Needs = []batch.Need{{Resource: "licence", Quantity: 1}}
			d.Jobs = append(d.Jobs, born(&j, 1, batch.Running))
		}
		if len(j.Needs) > 0 || j.Nodes != nil {
			all = append(all, j.ID)
		}
		d.Jobs = append(d.Jobs, j)
	}
	commit(t, s, d)
	commit(t, s, d) // a job written again is the same job
	s = reopen()
	commit(t, s, d)
	list := func(q store.JobQuery) []batch.JobID { return ids(must(s.ListJobs(t.Context(), q))(t)) }
	same(t, "all", list(store.JobQuery{Consumable: "licence"}), all)
	same(t, "seats", len(list(store.JobQuery{Consumable: "seat"})), len(all)-1)
	same(t, "another", list(store.JobQuery{Consumable: "Licence"}), nil)
	same(t, "by status", list(store.JobQuery{Consumable: "licence", Statuses: []batch.Status{batch.Succeeded, batch.Failed}}),
		[]batch.JobID{"job06", "job12", "job27"})
	same(t, "by name", list(store.JobQuery{Consumable: "licence", Name: "JOB*"}), []batch.JobID{"job10", "job20"})
	same(t, "by definition", list(store.JobQuery{Consumable: "licence", Definition: "gang"}), []batch.JobID{"job10"})
	for _, size := range []int{1, 4, 50} {
		q := store.JobQuery{Consumable: "licence", Limit: size}
		var pages []batch.JobID
		for page := must(s.ListJobs(t.Context(), q))(t); len(page) > 0 && len(pages) <= len(all); page = must(s.ListJobs(t.Context(), q))(t) {
			pages, q.AfterSeq = append(pages, ids(page)...), page[len(page)-1].Seq
		}
		same(t, fmt.Sprint("pages of ", size), pages, all)
	}
	slices.Reverse(all)
	same(t, "descending", list(store.JobQuery{Consumable: "licence", Descending: true}), all)
	same(t, "the second page", list(store.JobQuery{Consumable: "licence", Descending: true, AfterSeq: 27, Limit: 2}), []batch.JobID{"job24", "job21"})
}

// The usage of a share is of one queue.
func testShares(t *testing.T, open Open) {
	s, reopen := open(t)
	queues := []batch.Queue{{Name: "b", UUID: "1", Health: batch.Valid}, {Name: "a", UUID: "2", Health: batch.Valid}}
	one := batch.ShareUsage{QueueID: "1", Share: "x", Usage: 5, AsOf: 6}
	two := batch.ShareUsage{QueueID: "2", Share: "x", Usage: 1 << 60, AsOf: 7}
	commit(t, s, batch.Delta{Queues: queues, Shares: []batch.ShareUsage{two, one, {QueueID: "1", Share: "a"}}})
	one.Usage = 50
	commit(t, s, batch.Delta{Shares: []batch.ShareUsage{one}})
	twice(s, func() store.Store { s = reopen(); return s }, func(s store.Store) {
		same(t, "shares", must(s.Load(t.Context()))(t).Shares, []batch.ShareUsage{{QueueID: "1", Share: "a"}, one, two})
	})
	commit(t, s, batch.Delta{Shares: []batch.ShareUsage{{QueueID: "1", Share: "a", Deleted: true}, {QueueID: "1", Share: "none", Deleted: true}}})
	twice(s, func() store.Store { s = reopen(); return s }, func(s store.Store) {
		same(t, "shares when one is forgotten", must(s.Load(t.Context()))(t).Shares, []batch.ShareUsage{one, two})
	})
	queues[0].Health = batch.Deleted
	commit(t, s, batch.Delta{Queues: queues[:1], Shares: []batch.ShareUsage{one}})
	twice(s, func() store.Store { s = reopen(); return s }, func(s store.Store) {
		same(t, "shares when a queue is gone", must(s.Load(t.Context()))(t).Shares, []batch.ShareUsage{two})
	})
}

func testHistory(t *testing.T, open Open) {
	s, reopen := open(t)
	a, b := batch.History{Definition: "a", Runs: 3, MeanMillis: 1000, DeviationMillis: 20}, batch.History{Definition: "b", Runs: 1}
	commit(t, s, batch.Delta{Histories: []batch.History{b, a}})
	a.Runs++
	commit(t, s, batch.Delta{Histories: []batch.History{a}})
	twice(s, reopen, func(s store.Store) {
		same(t, "Load", must(s.Load(t.Context()))(t).Histories, []batch.History{a, b})
		same(t, "History", must(store.Named[batch.History](t.Context(), s, store.NameQuery{Names: []string{"b", "none", "a"}}))(t), []batch.History{b, a})
		same(t, "History of nothing", must(store.Named[batch.History](t.Context(), s, store.NameQuery{Names: []string{}}))(t), nil)
	})
}
