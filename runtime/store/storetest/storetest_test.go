package storetest

import (
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/store"
)

func TestMemory(t *testing.T) {
	open := func(next func(*Memory) *Memory) Open {
		return func(*testing.T) (store.Store, func() store.Store) {
			m := NewMemory()
			return m, func() store.Store {
				m = next(m)
				return m
			}
		}
	}
	Run(t, open((*Memory).Reopen), open((*Memory).Depose))
	t.Run("FailNext", testFailNext)
}

func TestDifferenceNamesTheField(t *testing.T) {
	got, want := FilledDelta(t), FilledDelta(t)
	got.Jobs[3].Priority = 7
	want.Jobs[3].Priority = 8
	got.Tags = got.Tags[:1]
	text := difference(got, want)
	for _, place := range []string{"{batch.Delta}.Jobs[3].Priority: got 7, want 8", "{batch.Delta}.Tags[1->?]: got nothing, want {Resource:"} {
		if !strings.Contains(text, place) {
			t.Errorf("it does not say %q:\n%s", place, text)
		}
	}
}
