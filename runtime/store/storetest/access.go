package storetest

import (
	"fmt"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// Keys are listed by their age, and a revoked one is kept.
func testAccessKeys(t *testing.T, open Open) {
	s, reopen := open(t)
	old := batch.AccessKey{ID: "z", Name: "first", Role: batch.RoleAdmin, Sealed: []byte{0, 0xff, 0x7f}, CreatedAt: 1}
	one := batch.AccessKey{ID: "b", Role: batch.RoleSubmitter, Queues: []string{"dev-*", "high"}, CreatedAt: 5, CreatedBy: "z"}
	two := batch.AccessKey{ID: "a", Role: batch.RoleReader, CreatedAt: 5}
	commit(t, s, batch.Delta{Keys: []batch.AccessKey{one, two}})
	commit(t, s, batch.Delta{Keys: []batch.AccessKey{old}})
	one.RevokedAt = 9
	commit(t, s, batch.Delta{Keys: []batch.AccessKey{one}})
	all := []batch.AccessKey{old, two, one}
	twice(s, reopen, func(s store.Store) {
		same(t, "AccessKeys", must(s.AccessKeys(t.Context()))(t), all)
		same(t, "Load", must(s.Load(t.Context()))(t).Keys, all)
		key, found, err := s.AccessKey(t.Context(), "b")
		if err != nil || !found {
			t.Fatalf("AccessKey: %t, %v", found, err)
		}
		same(t, "AccessKey", key, one)
		if _, found, err := s.AccessKey(t.Context(), "B"); found || err != nil {
			t.Errorf("AccessKey of another case: %t, %v", found, err)
		}
	})
}

// A quota share is of one queue, by its name.
func testQuotaShares(t *testing.T, open Open) {
	s, reopen := open(t)
	share := func(queue, name string) batch.QuotaShare {
		return batch.QuotaShare{Queue: queue, Name: name, State: batch.Enabled, Body: []byte(`{"quotaShareName":"` + name + `"}`)}
	}
	var d batch.Delta
	for _, name := range []string{"c", "a", "d", "b"} {
		d.QuotaShares = append(d.QuotaShares, share("q", name), share("r", name+name))
	}
	commit(t, s, d)
	gone, changed := share("r", "aa"), share("r", "bb")
	gone.Deleted, changed.State = true, batch.Disabled
	commit(t, s, batch.Delta{QuotaShares: []batch.QuotaShare{gone, changed, {Queue: "none", Name: "a", Deleted: true}}})
	list := func(s store.Store, queue string, q store.NameQuery) (names string) {
		for _, share := range must(store.Within[batch.QuotaShare](t.Context(), s, queue, q))(t) {
			names += share.Name
		}
		return names
	}
	twice(s, reopen, func(s store.Store) {
		same(t, "all", list(s, "q", store.NameQuery{}), "abcd")
		same(t, "those of the other queue", list(s, "r", store.NameQuery{}), "bbccdd")
		same(t, "a page", list(s, "q", store.NameQuery{After: "a", Limit: 2}), "bc")
		same(t, "by name", list(s, "q", store.NameQuery{Names: []string{"d", "dd", "a"}}), "da")
		same(t, "no names", list(s, "q", store.NameQuery{Names: []string{}}), "")
		same(t, "no queue", list(s, "", store.NameQuery{}), "")
		same(t, "whole", must(store.Within[batch.QuotaShare](t.Context(), s, "r", store.NameQuery{Limit: 1}))(t), []batch.QuotaShare{changed})
		loaded := must(s.Load(t.Context()))(t).QuotaShares
		same(t, "Load", len(loaded), 7)
		same(t, "Load, in order", loaded[4:6], []batch.QuotaShare{changed, share("r", "cc")})
	})
}

// The audit log is read from its end, by page and by what is looked for.
func testAudits(t *testing.T, open Open) {
	s, reopen := open(t)
	const lines = 200
	var all []batch.Audit
	for i := range lines {
		a := batch.Audit{
			At: batch.Time(1000 + i), Who: fmt.Sprint("key", i%3), Denied: i%10 == 7, Action: []string{"SubmitJob", "CancelJob"}[i%2],
			Resource: fmt.Sprint("job/", i), Source: "127.0.0.1",
		}
		all = append(all, a)
		commit(t, s, batch.Delta{Audits: []batch.Audit{a}})
	}
	yes, no := true, false
	twice(s, reopen, func(s store.Store) {
		for what, c := range map[string]struct {
			q    store.AuditQuery
			keep func(batch.Audit) bool
		}{
			"all":        {store.AuditQuery{}, func(batch.Audit) bool { return true }},
			"who":        {store.AuditQuery{Who: "key1"}, func(a batch.Audit) bool { return a.Who == "key1" }},
			"action":     {store.AuditQuery{Action: "CancelJob"}, func(a batch.Audit) bool { return a.Action == "CancelJob" }},
			"denied":     {store.AuditQuery{Denied: &yes}, func(a batch.Audit) bool { return a.Denied }},
			"not denied": {store.AuditQuery{Denied: &no}, func(a batch.Audit) bool { return !a.Denied }},
			"all three": {store.AuditQuery{Who: "key2", Action: "CancelJob", Denied: &yes}, func(a batch.Audit) bool {
				return a.Who == "key2" && a.Action == "CancelJob" && a.Denied
			}},
			"nobody": {store.AuditQuery{Who: "key"}, func(batch.Audit) bool { return false }},
		} {
			var want []batch.Audit
			for i := range all {
				if a := all[lines-1-i]; c.keep(a) {
					want = append(want, a)
				}
			}
			for _, size := range []int{0, 1, 7, lines} {
				c.q.Limit = size
				same(t, fmt.Sprintf("%s, pages of %d", what, size), auditPages(t, s, c.q), want)
			}
		}
	})
}

// auditPages reads page after page; every number is smaller than the one before.
func auditPages(t *testing.T, s store.Store, q store.AuditQuery) (all []batch.Audit) {
	t.Helper()
	for {
		page := must(s.Audits(t.Context(), q))(t)
		if q.Limit > 0 && len(page) > q.Limit {
			t.Fatalf("a page has %d lines, want at most %d", len(page), q.Limit)
		}
		for _, line := range page {
			if line.Seq < 1 || q.Before > 0 && line.Seq >= q.Before {
				t.Fatalf("line %d after line %d", line.Seq, q.Before)
			}
			q.Before, all = line.Seq, append(all, line.Audit)
		}
		if len(page) == 0 || q.Before == 1 {
			return all
		}
	}
}

// Jobs are counted by queue and status: arrays by their children, nodes not at all.
func testQueueCounts(t *testing.T, open Open) {
	s, reopen := open(t)
	array, elsewhere := runnable("array", 1, 1000), runnable("elsewhere", 2, batch.DefaultMaxArraySize)
	elsewhere.QueueID = "r"
	running, failed := born(&array, 5, batch.Running), born(&array, 6, batch.Failed)
	multi := multiNode("multi", 3, 4)
	multi.Status = batch.Running
	node := multi.SynthesiseNode(1)
	commit(t, s, batch.Delta{Jobs: []batch.Job{
		array, running, failed, elsewhere, multi, node,
		{ID: "one", Seq: 4, QueueID: "q", Status: batch.Running},
		{ID: "two", Seq: 5, QueueID: "r", Status: batch.Succeeded},
	}})
	want := map[string][batch.StatusCount]int64{
		"q": {batch.Runnable: 998, batch.Running: 2, batch.Failed: 1},
		"r": {batch.Runnable: batch.DefaultMaxArraySize, batch.Succeeded: 1},
	}
	of := want[multi.QueueID]
	of[batch.Running]++
	want[multi.QueueID] = of
	twice(s, reopen, func(s store.Store) {
		same(t, "QueueCounts", must(s.QueueCounts(t.Context()))(t), want)
		var sum [batch.StatusCount]int64
		for _, counts := range want {
			for status, n := range counts {
				sum[status] += n
			}
		}
		same(t, "Counts", must(s.Counts(t.Context()))(t), sum)
	})
}
