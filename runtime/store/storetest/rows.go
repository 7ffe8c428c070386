package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// Every field of every row comes back, at once and after a restart.
func testEveryField(t *testing.T, open Open) {
	s, reopen := open(t)
	d := FilledDelta(t)
	commit(t, s, d)
	same(t, "rows", ReadBack(t, s, &d), d)
	before := must(s.Load(t.Context()))(t)
	s = reopen()
	same(t, "rows after a restart", ReadBack(t, s, &d), d)
	same(t, "Load after a restart", must(s.Load(t.Context()))(t), before)

	// Load gives whole rows too.
	sameFields(t, before, d, "Jobs")
	same(t, "jobs", before.Jobs, append(d.Jobs[:3:3], d.Jobs[4:]...))
	same(t, "revisions", before.Revisions, map[string]int32{
		d.Definitions[0].Name: d.Definitions[0].Revision, d.Definitions[1].Name: d.Definitions[1].Revision,
	})
	if before.LastSeq != 5 || before.LastTransition != int64(len(d.Transitions)) {
		t.Errorf("LastSeq %d, LastTransition %d", before.LastSeq, before.LastTransition)
	}
}

// sameFields compares the fields of a snapshot with those of a delta that have the same name, but for one of them.
func sameFields(t *testing.T, snapshot batch.Snapshot, d batch.Delta, but string) {
	t.Helper()
	of := reflect.ValueOf(snapshot)
	for i := range of.NumField() {
		name := of.Type().Field(i).Name
		if given := reflect.ValueOf(d).FieldByName(name); given.IsValid() && name != but {
			same(t, "Load: "+name, of.Field(i).Interface(), given.Interface())
		}
	}
}

// A row written again is replaced whole: what was set and is not any more is gone.
func testReplacesRows(t *testing.T, open Open) {
	s, reopen := open(t)
	d := FilledDelta(t)
	commit(t, s, d)
	again := batch.Delta{
		Environments: []batch.Environment{{Name: d.Environments[0].Name}},
		Queues:       []batch.Queue{{UUID: d.Queues[0].UUID, Name: d.Queues[0].Name}},
		Hosts:        []batch.Host{{ID: d.Hosts[0].ID}, d.Hosts[1]},
		Policies:     []batch.Policy{{Name: d.Policies[0].Name}},
		Consumables:  []batch.Consumable{{Name: d.Consumables[0].Name}},
		LogGroups:    []batch.LogGroup{{Name: d.LogGroups[0].Name}},
		Shares:       []batch.ShareUsage{{QueueID: d.Shares[0].QueueID, Share: d.Shares[0].Share}, d.Shares[1]},
		Histories:    []batch.History{{Definition: d.Histories[0].Definition}},
		Definitions:  []batch.Definition{{Name: d.Definitions[0].Name, Revision: d.Definitions[0].Revision}},
		Tags:         []batch.Tags{{Resource: d.Tags[0].Resource, Values: map[string]string{"only": "this"}}},
		Attempts:     []batch.Attempt{{ID: d.Attempts[0].ID}},
		Keys:         []batch.AccessKey{{ID: d.Keys[0].ID}},
		QuotaShares:  []batch.QuotaShare{{Queue: d.QuotaShares[0].Queue, Name: d.QuotaShares[0].Name}},
		Cursors:      []batch.Cursor{{Name: d.Cursors[0].Name}, d.Cursors[1]},
	}
	for _, j := range d.Jobs {
		bare := batch.Job{
			ID: j.ID, Seq: j.Seq, Name: j.Name, QueueID: j.QueueID, QueueName: j.QueueName, Definition: j.Definition,
			CreatedAt: j.CreatedAt, Size: j.Size, Token: j.Token, Share: j.Share, Needs: j.Needs, Nodes: j.Nodes,
		}
		if j.Array != nil {
			bare.Array = &batch.Array{}
		}
		again.Jobs = append(again.Jobs, bare)
	}
	commit(t, s, again)
	twice(s, reopen, func(s store.Store) {
		got := ReadBack(t, s, &again)
		got.Transitions, got.Audits = nil, nil
		same(t, "rows", got, again)
		same(t, "Succeeded", must(s.Succeeded(t.Context(), store.SucceededQuery{Keys: []string{d.Jobs[3].ContentKey}}))(t), nil)
	})
}

// What is deleted is gone; a queue only from where queues are named.
func testGone(t *testing.T, open Open) {
	s, reopen := open(t)
	old := batch.Queue{Name: "q", UUID: "old", Health: batch.Valid}
	commit(t, s, batch.Delta{
		Environments: []batch.Environment{{Name: "e", Health: batch.Valid}, {Name: "f", Health: batch.Valid}},
		Queues:       []batch.Queue{old, {Name: "r", UUID: "r", Health: batch.Valid}},
		Hosts:        []batch.Host{{ID: "g"}, {ID: "h"}},
		Policies:     []batch.Policy{{Name: "p"}, {Name: "o"}},
		Consumables:  []batch.Consumable{{Name: "c"}, {Name: "d"}},
		LogGroups:    []batch.LogGroup{{Name: "g"}, {Name: "h"}},
		Shares:       []batch.ShareUsage{{QueueID: "old", Share: "s"}, {QueueID: "r", Share: "s"}, {QueueID: "none", Share: "s"}},
		Jobs:         []batch.Job{{ID: "a", Seq: 1, Name: "a", QueueID: "old", QueueName: "q"}},
		Tags:         []batch.Tags{{Resource: "job-queue/q", Values: map[string]string{"k": "v"}}},
	})
	old.Health = batch.Deleted
	commit(t, s, batch.Delta{
		Environments: []batch.Environment{{Name: "e", Health: batch.Deleted}},
		Queues:       []batch.Queue{old},
		Hosts:        []batch.Host{{ID: "g", Deleted: true}, {ID: "none", Deleted: true}},
		Policies:     []batch.Policy{{Name: "p", Deleted: true}, {Name: "none", Deleted: true}},
		Consumables:  []batch.Consumable{{Name: "c", Deleted: true}},
		LogGroups:    []batch.LogGroup{{Name: "g", Deleted: true}, {Name: "none", Deleted: true}},
		Shares:       []batch.ShareUsage{{QueueID: "old", Share: "t"}},
		Tags:         []batch.Tags{{Resource: "job-queue/q"}},
	})
	commit(t, s, batch.Delta{Shares: []batch.ShareUsage{{QueueID: "old", Share: "late"}}})
	commit(t, s, batch.Delta{Queues: []batch.Queue{{Name: "q", UUID: "new", Health: batch.Valid}}})
	twice(s, reopen, func(s store.Store) {
		snapshot := must(s.Load(t.Context()))(t)
		same(t, "hosts", snapshot.Hosts, []batch.Host{{ID: "h"}})
		same(t, "environments", snapshot.Environments, []batch.Environment{{Name: "f", Health: batch.Valid}})
		same(t, "queues", snapshot.Queues, []batch.Queue{
			{Name: "q", UUID: "new", Health: batch.Valid}, {Name: "r", UUID: "r", Health: batch.Valid},
		})
		same(t, "policies", snapshot.Policies, []batch.Policy{{Name: "o"}})
		same(t, "consumables", snapshot.Consumables, []batch.Consumable{{Name: "d"}})
		same(t, "log groups", snapshot.LogGroups, []batch.LogGroup{{Name: "h"}})
		same(t, "shares", snapshot.Shares, []batch.ShareUsage{{QueueID: "r", Share: "s"}})
		same(t, "Queues", must(s.Queues(t.Context(), store.NameQuery{Names: []string{"q"}}))(t), snapshot.Queues[:1])
		same(t, "jobs of the deleted queue", len(must(s.ListJobs(t.Context(), store.JobQuery{Queue: "old"}))(t)), 1)
		same(t, "jobs of the new queue", must(s.ListJobs(t.Context(), store.JobQuery{Queue: "new"}))(t), nil)
		same(t, "Tags", must(s.Tags(t.Context(), []string{"job-queue/q"}))(t), nil)
	})
}

// Rows with nothing set but what names them are rows too.
func testBareRows(t *testing.T, open Open) {
	s, reopen := open(t)
	array := batch.Job{ID: "array", Seq: 2, Size: 2, Array: &batch.Array{}}
	d := batch.Delta{
		Jobs:     []batch.Job{{ID: "single", Seq: 1}, array, {ID: "array:1", Seq: 2}},
		Attempts: []batch.Attempt{{ID: batch.AttemptID{Job: "single", Number: 1}}},
		Specs:    []batch.Spec{{Job: "single"}},
	}
	for i := range d.Jobs {
		commit(t, s, batch.Delta{Jobs: d.Jobs[i : i+1]})
	}
	commit(t, s, batch.Delta{Attempts: d.Attempts})
	commit(t, s, batch.Delta{Specs: d.Specs})
	twice(s, reopen, func(s store.Store) { same(t, "rows", ReadBack(t, s, &d), d) })
}

// A delta with a row that cannot be stored leaves nothing behind.
func testAllOrNothing(t *testing.T, open Open) {
	s, reopen := open(t)
	commit(t, s, batch.Delta{Jobs: []batch.Job{{ID: "kept", Seq: 9, QueueID: "q"}}})
	for name, spoil := range map[string]func(*batch.Delta){
		"a gap in the log":         func(d *batch.Delta) { d.Transitions[1].Seq++ },
		"a taken seq":              func(d *batch.Delta) { d.Jobs[3].Seq = 9 },
		"one seq for two":          func(d *batch.Delta) { d.Jobs[3].Seq = d.Jobs[2].Seq },
		"a child of another array": func(d *batch.Delta) { d.Jobs[1].Seq = 7 },
		"a child of nothing":       func(d *batch.Delta) { d.Jobs[1].ID = "nothing:1" },
		"a node of an array":       func(d *batch.Delta) { d.Jobs[5].ID, d.Jobs[5].Seq = d.Jobs[0].ID.Node(1), d.Jobs[0].Seq },
		"a child of a single":      func(d *batch.Delta) { d.Jobs[1].ID, d.Jobs[1].Seq = d.Jobs[2].ID.Child(1), d.Jobs[2].Seq },
		"a child of nodes":         func(d *batch.Delta) { d.Jobs[5].ID = d.Jobs[4].ID.Child(1) },
		"an array with nodes":      func(d *batch.Delta) { d.Jobs[4].Size = 2 },
		"a spec of nothing":        func(d *batch.Delta) { d.Specs[1].Job = "nothing" },
		"points of nothing":        func(d *batch.Delta) { d.Points[0].Job = "nothing" },
		"an attempt of nothing":    func(d *batch.Delta) { d.Attempts[1].ID.Job = "nothing" },
		"a result of nothing":      func(d *batch.Delta) { d.Results[1].Attempt.Job = "nothing:4" },
	} {
		before := must(s.Load(t.Context()))(t)
		d := FilledDelta(t)
		spoil(&d)
		if err := s.Commit(t.Context(), &d); err == nil {
			t.Errorf("%s: it was committed", name)
		}
		same(t, name+": Load", must(s.Load(t.Context()))(t), before)
		got := ReadBack(t, s, &d)
		got.Specs, got.Points, got.Results, got.Tags = nil, nil, nil, nil // made of what was asked
		same(t, name+": rows", got, batch.Delta{})
		// Nor is anything remembered of a job that was not committed.
		if err := s.Commit(t.Context(), &batch.Delta{Specs: []batch.Spec{{Job: d.Jobs[2].ID}}}); err == nil {
			t.Errorf("%s: a spec of a job that was not committed was committed", name)
		}
	}
	commit(t, s, FilledDelta(t)) // the same without the fault
	s = reopen()
	d := FilledDelta(t)
	same(t, "rows", ReadBack(t, s, &d), d)
}

// Names select in the order given; without names, pages follow each other.
func testNames(t *testing.T, open Open) {
	s, _ := open(t)
	var d batch.Delta
	for _, name := range []string{"c", "a", "d", "b"} {
		d.Environments = append(d.Environments, batch.Environment{Name: name, Health: batch.Valid})
		d.Queues = append(d.Queues, batch.Queue{Name: name, UUID: "uuid of " + name, Health: batch.Valid})
		d.Policies = append(d.Policies, batch.Policy{Name: name})
		d.Consumables = append(d.Consumables, batch.Consumable{Name: name})
		d.LogGroups = append(d.LogGroups, batch.LogGroup{Name: name})
	}
	commit(t, s, d)
	for _, c := range []struct {
		q    store.NameQuery
		want string
	}{
		{store.NameQuery{}, "abcd"},
		{store.NameQuery{Limit: 3}, "abc"},
		{store.NameQuery{After: "b"}, "cd"},
		{store.NameQuery{After: "a", Limit: 2}, "bc"},
		{store.NameQuery{Names: []string{"d", "x", "a"}}, "da"},
	} {
		var environments, queues, policies, consumables, groups string
		for _, e := range must(s.Environments(t.Context(), c.q))(t) {
			environments += e.Name
		}
		for _, q := range must(s.Queues(t.Context(), c.q))(t) {
			queues += q.Name
		}
		for _, p := range must(s.Policies(t.Context(), c.q))(t) {
			policies += p.Name
		}
		for _, r := range must(store.Named[batch.Consumable](t.Context(), s, c.q))(t) {
			consumables += r.Name
		}
		for _, g := range must(store.Named[batch.LogGroup](t.Context(), s, c.q))(t) {
			groups += g.Name
		}
		if environments != c.want || queues != c.want || policies != c.want || consumables != c.want || groups != c.want {
			t.Errorf("%+v: environments %s, queues %s, policies %s, consumables %s, log groups %s, want %s",
				c.q, environments, queues, policies, consumables, groups, c.want)
		}
	}
}

func testDefinitions(t *testing.T, open Open) {
	s, _ := open(t)
	var d batch.Delta
	for _, name := range []string{"b", "a"} {
		for revision := range int32(3) {
			d.Definitions = append(d.Definitions, batch.Definition{Name: name, Revision: revision + 1, Active: revision != 2})
		}
	}
	d.Definitions = append(d.Definitions, batch.Definition{Name: "c", Revision: 1})
	commit(t, s, d)
	yes, no := true, false
	for _, c := range []struct {
		q    store.DefinitionQuery
		want string
	}{
		{store.DefinitionQuery{}, "[a:3 a:2 a:1 b:3 b:2 b:1 c:1]"},
		{store.DefinitionQuery{Name: "b"}, "[b:3 b:2 b:1]"},
		{store.DefinitionQuery{Active: &yes}, "[a:2 a:1 b:2 b:1]"},
		{store.DefinitionQuery{Active: &no}, "[a:3 b:3 c:1]"},
		{store.DefinitionQuery{After: batch.DefinitionRef{Name: "a", Revision: 2}, Limit: 3}, "[a:1 b:3 b:2]"},
		{exactly(batch.DefinitionRef{Name: "b"}, batch.DefinitionRef{Name: "a", Revision: 3}), "[a:3 b:2]"},
		{exactly(batch.DefinitionRef{Name: "c"}, batch.DefinitionRef{Name: "a", Revision: 9}), "[]"},
		{exactly(batch.DefinitionRef{Name: "b"}, batch.DefinitionRef{Name: "b", Revision: 2}), "[b:2]"},
	} {
		refs := []batch.DefinitionRef{}
		for _, d := range must(s.Definitions(t.Context(), c.q))(t) {
			refs = append(refs, d.Ref())
		}
		if got := fmt.Sprint(refs); got != c.want {
			t.Errorf("%+v: %s, want %s", c.q, got, c.want)
		}
	}
	same(t, "revisions", must(s.Load(t.Context()))(t).Revisions, map[string]int32{"a": 3, "b": 3, "c": 1})
}

// The log is read by number, across rounds of any size.
func testTransitions(t *testing.T, open Open) {
	s, reopen := open(t)
	var all []batch.Transition
	for _, n := range []int{1, 3, 2500, 1} {
		var d batch.Delta
		for range n {
			seq := int64(len(all) + 1)
			line := batch.Transition{Seq: seq, Kind: batch.TransitionKind(seq % 3), Job: "array", From: batch.Runnable, To: batch.Running, At: batch.Time(1000 - seq)}
			if seq%7 > 0 {
				line.Job = line.Job.Child(int32(seq % 5))
			}
			d.Transitions, all = append(d.Transitions, line), append(all, line)
		}
		commit(t, s, d)
	}
	twice(s, reopen, func(s store.Store) {
		for _, after := range []int{0, 1, 2, 4, 1000, 2503, 2504, len(all)} {
			for _, n := range []int{0, 1, 5, 1500, 5000} {
				got := must(s.Transitions(t.Context(), int64(after), n))(t)
				same(t, fmt.Sprintf("after %d, at most %d", after, n), got, all[after:min(after+n, len(all))])
			}
		}
		same(t, "FirstTransition", must(s.FirstTransition(t.Context()))(t), 1)
		same(t, "past the end", must(s.Transitions(t.Context(), 1<<40, 5))(t), nil)
		same(t, "LastTransition", must(s.Load(t.Context()))(t).LastTransition, int64(len(all)))
	})
}

// Memory can be told to fail, as a disk or a lost answer would.
func testFailNext(t *testing.T) {
	lost := errors.New("lost")
	m := NewMemory()
	m.FailNext(lost, false)
	if err := m.Commit(t.Context(), &batch.Delta{Hosts: []batch.Host{{ID: "a"}}}); !errors.Is(err, lost) {
		t.Fatal(err)
	}
	m.FailNext(lost, true)
	if err := m.Commit(t.Context(), &batch.Delta{Hosts: []batch.Host{{ID: "b"}}}); !errors.Is(err, lost) {
		t.Fatal(err)
	}
	commit(t, m, batch.Delta{Hosts: []batch.Host{{ID: "c"}}})
	same(t, "hosts", must(m.Reopen().Load(t.Context()))(t).Hosts, []batch.Host{{ID: "b"}, {ID: "c"}})
}
