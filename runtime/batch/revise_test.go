package batch_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// TestAnUpdateReplacesWhatClientsSay: an update of a noun takes all that is made from its document, and nothing else. Each field of the noun has to
// be given a value here, and to be named if the document says it.
func TestAnUpdateReplacesWhatClientsSay(t *testing.T) {
	t.Run("environment", func(t *testing.T) {
		was := batch.Environment{Name: "was", UUID: "was", State: "was", Kind: "was", Revision: 3}
		got, next := was, batch.Environment{
			Name: "next", UUID: "next", Kind: "next", State: "next", Health: "next", StatusReason: "next", Revision: 9, Max: batch.Shape{MilliCPU: 1}, MinMilliCPU: 1,
			Resources: &batch.Resources{}, Offers: []batch.Offer{{}}, Refused: []batch.PoolRefusal{{}}, NeverCame: 1,
			Provisioning: batch.Provisioning{At: 1}, Spec: "next", Cluster: "next", CreatedAt: 1, Body: []byte("next"),
		}
		got.Revise(&next)
		checkRevised(t, got, was, next, "State", "Kind", "Max", "MinMilliCPU", "Resources", "Body")
	})
	t.Run("queue", func(t *testing.T) {
		was := batch.Queue{Name: "was", UUID: "was", State: "was", Type: "was", Revision: 3}
		got, next := was, batch.Queue{
			Name: "next", UUID: "next", Priority: 1, State: "next", Health: "next", StatusReason: "next", Revision: 9, Environments: []batch.EnvironmentOrder{{}},
			Type: "next", Policy: "next", Strict: true, TimeLimits: []batch.TimeLimit{{}}, CreatedAt: 1, Body: []byte("next"),
		}
		got.Revise(&next)
		checkRevised(t, got, was, next, "State", "Priority", "Environments", "Policy", "Strict", "TimeLimits", "Body")
	})
	t.Run("policy", func(t *testing.T) {
		was := batch.Policy{Name: "was", Revision: 3}
		got, next := was, batch.Policy{Name: "next", FairShare: &batch.FairShare{}, CreatedAt: 1, Deleted: true, Revision: 9, Body: []byte("next")}
		got.Revise(&next)
		checkRevised(t, got, was, next, "FairShare", "Body")
	})
	t.Run("quota share", func(t *testing.T) {
		was := batch.QuotaShare{Queue: "was", Name: "was", State: "was", Revision: 3}
		got, next := was, batch.QuotaShare{Queue: "next", Name: "next", State: "next", CreatedAt: 1, Deleted: true, Revision: 9, Body: []byte("next")}
		got.Revise(&next)
		checkRevised(t, got, was, next, "State", "Body")
	})
}

// checkRevised holds a noun after an update by next against the one before it: the fields that clients give are those of next, the revision is one
// larger, and the rest has stayed.
func checkRevised[N any](t *testing.T, got, was, next N, ofClients ...string) {
	t.Helper()
	for i := range reflect.TypeFor[N]().NumField() {
		name := reflect.TypeFor[N]().Field(i).Name
		field := func(n N) any { return reflect.ValueOf(n).Field(i).Interface() }
		if reflect.ValueOf(next).Field(i).IsZero() {
			t.Errorf("this test has no value for %s: give it one, and name the field if the document says it", name)
		}
		want := field(was)
		switch {
		case name == "Revision":
			want = reflect.ValueOf(was).Field(i).Int() + 1
		case slices.Contains(ofClients, name):
			want = field(next)
		}
		if !reflect.DeepEqual(field(got), want) {
			t.Errorf("%s is %v after the update, want %v", name, field(got), want)
		}
	}
}
