package storetest

import (
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
