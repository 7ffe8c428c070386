package sched

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
)

var sprintf = fmt.Sprintf

// pools is a machine with 5 licences that come back and 10 tokens that do not.
func pools() *Machine {
	return loaded(batch.Snapshot{Consumables: []batch.Consumable{
		{Name: "licence", Total: 5, Replenishable: true, CreatedAt: epoch},
		{Name: "token", Total: 10, CreatedAt: epoch},
	}})
}

func TestConsumableIsCreatedAndDeleted(t *testing.T) {
	m := loaded(batch.Snapshot{})
	create := CreateConsumable{Consumable: batch.Consumable{Name: "licence", Total: 5, Replenishable: true}, Tags: map[string]string{"a": "b"}}
	do(t, m, epoch, create)
	delta := m.Take().Delta
	if batch.Text(delta.Consumables) != batch.Text([]batch.Consumable{{Name: "licence", Total: 5, Replenishable: true, CreatedAt: epoch}}) || delta.Tags[0].Resource != "consumable-resource/licence" || delta.Audits[0].Action != "CreateConsumableResource" {
		t.Errorf("creating writes %s", batch.Text(delta))
	}
	do(t, m, epoch, DeleteConsumable{Name: "licence"})
	do(t, m, epoch, DeleteConsumable{Name: "licence"})
	delta = m.Take().Delta
	if len(delta.Consumables) != 1 || !delta.Consumables[0].Deleted || len(delta.Audits) != 1 || len(m.fleet.Stocks) != 0 {
		t.Errorf("deleting writes %s", batch.Text(delta))
	}
	do(t, m, epoch, CreateConsumable{Consumable: batch.Consumable{Name: "other"}})
	do(t, m, epoch, create)
	do(t, m, epoch, DeleteConsumable{Name: "licence"})
	do(t, m, epoch, create)
	if rows := m.Take().Delta.Consumables; len(rows) != 2 || rows[1].Deleted || rows[1].Name != "licence" {
		t.Errorf("created, deleted and created in one round: %s", batch.Text(rows))
	}
}

func TestConsumableUpdate(t *testing.T) {
	m := pools()
	m.takeNeeds([]batch.Need{{Resource: "licence", Quantity: 4}})
	for _, c := range []struct {
		operation ConsumableOperation
		quantity  int64
		token     string
		at        batch.Time
		total     int64
	}{
		{SetTotal, 8, "t1", epoch, 8},
		{AddTotal, 2, "t2", epoch + 1, 10},
		{AddTotal, 2, "t2", epoch + 2, 10}, // repeated
		{AddTotal, 2, "", epoch + 3, 12},
		{AddTotal, 2, "t2", epoch.Add(tokenMemory), 12},
		{AddTotal, 2, "t2", epoch.Add(tokenMemory) + 1, 14}, // forgotten
		{RemoveTotal, 13, "t3", epoch.Add(tokenMemory) + 2, 1},
	} {
		before := state(m)
		reply := do(t, m, c.at, UpdateConsumable{Name: "licence", Operation: c.operation, Quantity: c.quantity, Token: c.token})
		if reply != (ConsumableReply{Total: c.total}) {
			t.Errorf("%+v answers %+v", c, reply)
		}
		delta := m.Take().Delta
		if repeated := state(m) == before; repeated != delta.Empty() {
			t.Errorf("%+v writes %s", c, batch.Text(delta))
		} else if !repeated && delta.Consumables[0].Total != c.total {
			t.Errorf("%+v writes %s", c, batch.Text(delta))
		}
	}
	if _, available, missing := m.fleet.Missing([]batch.Need{{Resource: "licence", Quantity: 1}}); !missing || available != -3 {
		t.Errorf("of a total of 1 of which 4 are used, %d are available", available)
	}
	m.giveNeeds([]batch.Need{{Resource: "licence", Quantity: 4}}, true)
	if _, _, missing := m.fleet.Missing([]batch.Need{{Resource: "licence", Quantity: 1}}); missing {
		t.Error("the one that is there cannot be taken")
	}
}

func TestConsumableRefusals(t *testing.T) {
	m := pools()
	queue := &queue{row: batch.Queue{Name: "q"}}
	m.jobs["b"] = &job{row: batch.Job{ID: "b", Seq: 7, Needs: []batch.Need{{Resource: "licence", Quantity: 1}}}, queue: queue}
	m.jobs["a"] = &job{row: batch.Job{ID: "a", Seq: 9, Needs: []batch.Need{{Resource: "licence", Quantity: 1}}}, queue: queue}
	m.jobs["c"] = &job{row: batch.Job{ID: "c", Seq: 3, Nodes: &batch.Nodes{Ranges: []batch.NodeRange{{}, {Needs: []batch.Need{{Resource: "token", Quantity: 1}}}}}}, queue: queue}
	update := func(o ConsumableOperation, n int64) UpdateConsumable {
		return UpdateConsumable{Name: "licence", Operation: o, Quantity: n}
	}
	refused(t, m, CreateConsumable{Consumable: batch.Consumable{Name: "token"}}, batch.Conflict, "Object already exists: consumable resource token")
	refused(t, m, CreateConsumable{Consumable: batch.Consumable{Name: "new", Total: -1}}, batch.InvalidRequest, "totalQuantity: given -1")
	refused(t, m, UpdateConsumable{Name: "none"}, batch.NotFound, "consumable resource none does not exist")
	refused(t, m, update(SetTotal, -1), batch.InvalidRequest, "quantity: given -1")
	refused(t, m, update(RemoveTotal, 6), batch.InvalidRequest, "a total of 5, so at most that can be removed")
	refused(t, m, update(AddTotal, math.MaxInt64), batch.InvalidRequest, "a total of 5, so at most 9223372036854775802 can be added")
	refused(t, m, update("TWICE", 1), batch.InvalidRequest, "operation: given \"TWICE\"")
	refused(t, m, DeleteConsumable{Name: "licence"}, batch.InvalidRequest, "job b needs consumable resource licence")
	refused(t, m, DeleteConsumable{Name: "token"}, batch.InvalidRequest, "job c needs consumable resource token")
	for i := len(m.fleet.Stocks); i < batch.MaxConsumables; i++ {
		m.fleet.Stocks[sprintf("c%d", i)] = &fleet.Stock{}
	}
	refused(t, m, CreateConsumable{Consumable: batch.Consumable{Name: "one-more"}}, batch.InvalidRequest, "consumable resource one-more would be one too many: there are 50000")
}

func TestNeedsOfASubmission(t *testing.T) {
	m := pools()
	need := func(name string, n int64) batch.Need { return batch.Need{Resource: name, Quantity: n} }
	many := make([]batch.Need, batch.MaxNeeds+1)
	for _, c := range []struct {
		name  string
		needs []batch.Need
		want  string
	}{
		{"none", nil, ""},
		{"two", []batch.Need{need("licence", 1), need("token", 2)}, ""},
		{"more than there is", []batch.Need{need("licence", 1000)}, ""},
		{"nothing of it", []batch.Need{need("licence", 0)}, "the quantity of licence is 0"},
		{"unknown", []batch.Need{need("licence", 1), need("seat", 1)}, "consumable resource seat does not exist"},
		{"twice", []batch.Need{need("licence", 1), need("licence", 1)}, "licence is given twice"},
		{"too many", many, "has 51 entries; at most 50"},
	} {
		wantRefusal(t, c.name, m.checkNeeds(c.needs), batch.InvalidRequest, c.want)
	}
}

func TestNeedsAreTakenAndGiven(t *testing.T) {
	m := pools()
	needs := []batch.Need{{Resource: "licence", Quantity: 2}, {Resource: "token", Quantity: 3}}
	use := func() string { return batch.Text(m.consumableUse([]string{"licence", "token", "none"})) }
	m.takeNeeds(needs)
	m.takeNeeds(needs)
	if use() != `{"licence":{"Total":5,"InUse":4},"token":{"Total":4,"InUse":0}}` || m.fleet.Stocks["token"].Row.Total != 4 {
		t.Errorf("two attempts use %s", use())
	}
	if rows := m.Take().Delta.Consumables; len(rows) != 1 || rows[0].Name != "token" || rows[0].Total != 4 {
		t.Errorf("two starts write %s", batch.Text(rows))
	}
	if n, available, missing := m.fleet.Missing(needs); !missing || n.Resource != "licence" || available != 1 {
		t.Errorf("missing is %+v, %d available", n, available)
	}
	m.giveNeeds(needs, true)
	if rows := m.Take().Delta.Consumables; len(rows) != 0 {
		t.Errorf("the end of an attempt that ran writes %s", batch.Text(rows))
	}
	m.giveNeeds(needs, false)
	if rows := m.Take().Delta.Consumables; len(rows) != 1 || rows[0].Total != 7 {
		t.Errorf("the end of one that did not run writes %s", batch.Text(rows))
	}
	if use() != `{"licence":{"Total":5,"InUse":0},"token":{"Total":7,"InUse":0}}` {
		t.Errorf("nothing is live and %s is used", use())
	}
	gone := []batch.Need{{Resource: "none", Quantity: 1}}
	m.takeNeeds(gone)
	m.giveNeeds(gone, false)
	if n, available, missing := m.fleet.Missing(gone); !missing || n.Resource != "none" || available != 0 {
		t.Errorf("of a resource that was deleted %d are available", available)
	}
}

// Whatever is started, ended, recalled and updated, the books are those of a machine loaded from the rows.
func TestConsumableBooksAreThoseOfTheRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := pools()
		rows := map[string]batch.Consumable{"licence": m.fleet.Stocks["licence"].Row, "token": m.fleet.Stocks["token"].Row}
		var live [][]batch.Need
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			needs := []batch.Need{{Resource: "licence", Quantity: rapid.Int64Range(1, 3).Draw(t, "licences")}, {Resource: "token", Quantity: 1}}
			switch _, _, missing := m.fleet.Missing(needs); {
			case rapid.Bool().Draw(t, "start") && !missing:
				m.takeNeeds(needs)
				live = append(live, needs)
			case rapid.Bool().Draw(t, "end") && len(live) > 0:
				m.giveNeeds(live[0], rapid.Bool().Draw(t, "ran"))
				live = live[1:]
			default:
				total := rapid.Int64Range(0, 9).Draw(t, "total")
				if _, err := m.Apply(epoch.Std(), UpdateConsumable{Name: "licence", Operation: SetTotal, Quantity: total}); err != nil {
					t.Fatal(err)
				}
			}
			if rapid.Bool().Draw(t, "commit") {
				for _, row := range m.Take().Delta.Consumables {
					rows[row.Name] = row
				}
			}
		}
		for _, row := range m.Take().Delta.Consumables {
			rows[row.Name] = row
		}
		again := loaded(batch.Snapshot{Consumables: []batch.Consumable{rows["licence"], rows["token"]}})
		held := map[string]int64{}
		for _, needs := range live {
			again.holdNeeds(needs)
			held["licence"] += needs[0].Quantity
		}
		if state(again) != state(m) {
			t.Errorf("loaded:\n%s\nkept:\n%s", state(again), state(m))
		}
		m.checkConsumables(held, t.Errorf)
	})
}

func TestConsumableLaws(t *testing.T) {
	m := pools()
	m.fleet.Stocks["licence"].Used = 1
	m.fleet.Stocks["token"].Row.Total = -1
	broken := 0
	m.checkConsumables(nil, func(string, ...any) { broken++ })
	if broken != 2 {
		t.Errorf("%d of 2 broken laws are found", broken)
	}
}
