package sched

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/fair"
	"github.com/batchd/terraform-provider-batch/runtime/place/line"
)

// loaded is a machine made from rows.
func loaded(s batch.Snapshot) *Machine {
	m := Load(s, Config{})
	m.loadPolicies(s)
	m.loadConsumables(s)
	return m
}

// do gives a command that must be accepted and returns its reply.
func do(t *testing.T, m *Machine, at batch.Time, c Command) any {
	t.Helper()
	reply, err := m.Apply(at.Std(), c)
	if err != nil {
		t.Fatalf("%T is refused: %v", c, err)
	}
	return reply
}

// refused gives a command that must be refused so, and must then have changed nothing.
func refused(t *testing.T, m *Machine, c Command, kind batch.ErrorKind, want string) {
	t.Helper()
	before := state(m)
	_, err := m.Apply(epoch.Std(), c)
	wantRefusal(t, batch.Text(c), err, kind, want)
	if r := m.Take(); !r.Delta.Empty() {
		t.Errorf("%T was refused and has written %s", c, batch.Text(r.Delta))
	}
	if after := state(m); after != before {
		t.Errorf("%T was refused and has changed\n%s into\n%s", c, before, after)
	}
}

// state is what the machine says of policies, consumable resources and histories.
func state(m *Machine) string {
	var lines []string
	line := func(format string, args ...any) { lines = append(lines, sprintf(format, args...)) }
	m.dumpPolicies(line)
	m.dumpConsumables(line)
	return strings.Join(lines, "\n")
}

var fairPolicy = batch.Policy{
	Name: "fair", FairShare: &batch.FairShare{Decay: time.Hour, Weights: []batch.ShareWeight{{Identifier: "a*", Weight: 5000}}},
	Body: []byte(`{"fairsharePolicy":{"shareDecaySeconds":3600,"shareDistribution":[{"shareIdentifier":"a*","weightFactor":0.5}]},"name":"fair"}`),
}

func TestPolicyIsCreatedUpdatedAndDeleted(t *testing.T) {
	m := loaded(batch.Snapshot{})
	do(t, m, epoch, CreatePolicy{Caller: batch.Caller{Who: "me"}, Policy: fairPolicy, Tags: map[string]string{"team": "x"}})
	delta := m.Take().Delta
	if len(delta.Policies) != 1 || delta.Policies[0].CreatedAt != epoch || delta.Tags[0].Resource != "scheduling-policy/fair" || delta.Audits[0].Action != "CreateSchedulingPolicy" {
		t.Errorf("creating writes %s", batch.Text(delta))
	}
	changed := delta.Policies[0]
	changed.FairShare, changed.Body = &batch.FairShare{ReservationPercent: 50}, []byte(`{"fairsharePolicy":{"computeReservation":50},"name":"fair"}`)
	do(t, m, epoch, UpdatePolicy{Policy: changed})
	if _, err := m.Apply(epoch.Std(), UpdatePolicy{Policy: changed}); !errors.Is(err, batch.ErrStale) {
		t.Errorf("the second update of a revision: %v", err)
	}
	changed.Revision++
	do(t, m, epoch, UpdatePolicy{Policy: changed})
	changed.Revision++
	if delta = m.Take().Delta; len(delta.Policies) != 1 || !reflect.DeepEqual(delta.Policies[0], changed) {
		t.Errorf("updating twice writes %s", batch.Text(delta.Policies))
	}
	q, s := line.New[*job](), fair.New("a1", fair.NewDecay(0), epoch)
	q.Shares["a1"], s.Jobs = s, 1
	if q.Rank(epoch, m.policies["fair"].fair, func() int64 { return 0 }); s.Weight != batch.DefaultWeight {
		t.Errorf("the weight of an entry that is gone is %d", s.Weight)
	}
	if again := loaded(batch.Snapshot{Policies: delta.Policies}); state(again) != state(m) {
		t.Errorf("loaded: %s, kept: %s", state(again), state(m))
	}
	do(t, m, epoch, DeletePolicy{Name: "fair"})
	do(t, m, epoch, DeletePolicy{Name: "fair"})
	delta = m.Take().Delta
	if len(delta.Policies) != 1 || !delta.Policies[0].Deleted || len(delta.Tags) != 1 || len(delta.Audits) != 1 || len(m.policies) != 0 {
		t.Errorf("deleting writes %s", batch.Text(delta))
	}
	do(t, m, epoch, CreatePolicy{Policy: fairPolicy})
	do(t, m, epoch, DeletePolicy{Name: "fair"})
	do(t, m, epoch, CreatePolicy{Policy: fairPolicy})
	if rows := m.Take().Delta.Policies; len(rows) != 1 || rows[0].Deleted {
		t.Errorf("created, deleted and created in one round: %s", batch.Text(rows))
	}
}

func TestPolicyRefusals(t *testing.T) {
	plain := batch.Policy{Name: "plain"}
	m := loaded(batch.Snapshot{
		Policies: []batch.Policy{fairPolicy, plain},
		Queues:   []batch.Queue{{Name: "low", UUID: "1", Policy: "fair"}, {Name: "high", UUID: "2", Priority: 9, Policy: "fair"}},
	})
	share := func(f batch.FairShare) CreatePolicy {
		return CreatePolicy{Policy: batch.Policy{Name: "new", FairShare: &f}}
	}
	updated := func(name string, f *batch.FairShare) UpdatePolicy {
		return UpdatePolicy{Policy: batch.Policy{Name: name, FairShare: f}}
	}
	weight := func(name string, w int64) batch.ShareWeight { return batch.ShareWeight{Identifier: name, Weight: w} }
	refused(t, m, CreatePolicy{Policy: fairPolicy}, batch.Conflict, "Object already exists: scheduling policy fair")
	refused(t, m, share(batch.FairShare{Decay: fair.MaxDecay + time.Second}), batch.InvalidRequest, "shareDecaySeconds: given 604801")
	refused(t, m, share(batch.FairShare{Decay: -time.Second}), batch.InvalidRequest, "shareDecaySeconds: given -1")
	refused(t, m, share(batch.FairShare{ReservationPercent: 100}), batch.InvalidRequest, "computeReservation: given 100")
	refused(t, m, share(batch.FairShare{Weights: []batch.ShareWeight{weight("a", 0)}}), batch.InvalidRequest, "weightFactor of \"a\"")
	refused(t, m, share(batch.FairShare{Weights: []batch.ShareWeight{weight("ab", 1), weight("a*", 1)}}), batch.InvalidRequest, "\"a*\" and \"ab\" overlap")
	refused(t, m, updated("none", nil), batch.NotFound, "scheduling policy none does not exist")
	refused(t, m, updated("plain", &batch.FairShare{}), batch.InvalidRequest, "cannot become a fair-share policy")
	refused(t, m, updated("fair", nil), batch.InvalidRequest, "cannot become another kind")
	refused(t, m, updated("fair", &batch.FairShare{ReservationPercent: -1}), batch.InvalidRequest, "computeReservation")
	refused(t, m, DeletePolicy{Name: "fair"}, batch.InvalidRequest, "job queue high uses scheduling policy fair")
	for i := len(m.policies); i < batch.MaxPolicies; i++ {
		do(t, m, epoch, CreatePolicy{Policy: batch.Policy{Name: sprintf("p%d", i)}})
	}
	m.Take()
	refused(t, m, CreatePolicy{Policy: batch.Policy{Name: "one-more"}}, batch.InvalidRequest, "scheduling policy one-more would be one too many: there are 500")
}
