package batch_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// ofClients are the fields of a compute environment that are made from its document. Everything else is the service's.
var ofClients = []string{"State", "Kind", "Max", "MinMilliCPU", "Resources", "Body"}

// TestAnUpdateReplacesWhatClientsSay: an update of an environment takes all that is made from the document, and nothing else.
func TestAnUpdateReplacesWhatClientsSay(t *testing.T) {
	was := batch.Environment{Name: "was", UUID: "was", State: "was", Kind: "was", Revision: 3}
	next := batch.Environment{
		Name: "next", UUID: "next", Kind: "next", State: "next", Health: "next", StatusReason: "next", Revision: 9, Max: batch.Shape{MilliCPU: 1}, MinMilliCPU: 1,
		Resources: &batch.Resources{}, Offers: []batch.Offer{{}}, Refused: []batch.PoolRefusal{{}},
		Provisioning: batch.Provisioning{At: 1}, Spec: "next", Cluster: "next", CreatedAt: 1, Body: []byte("next"),
	}
	got := was
	got.Revise(&next)
	if got.Revision != 4 {
		t.Errorf("the revision after 3 is %d", got.Revision)
	}
	got.Revision = was.Revision
	for i := range reflect.TypeFor[batch.Environment]().NumField() {
		field := reflect.TypeFor[batch.Environment]().Field(i).Name
		if reflect.ValueOf(next).Field(i).IsZero() {
			t.Errorf("this test has no value for %s: give it one, and name the field in ofClients if the document says it", field)
		}
		want := was
		if slices.Contains(ofClients, field) {
			want = next
		}
		if !reflect.DeepEqual(reflect.ValueOf(got).Field(i).Interface(), reflect.ValueOf(want).Field(i).Interface()) {
			t.Errorf("%s is %v after the update, want %v", field, reflect.ValueOf(got).Field(i), reflect.ValueOf(want).Field(i))
		}
	}
}
