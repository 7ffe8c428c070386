package storetest

import (
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/store"
)

func TestMemory(t *testing.T) {
	Run(t, func(*testing.T) (store.Store, func() store.Store) {
		m := NewMemory()
		return m, func() store.Store {
			m = m.Reopen()
			return m
		}
	})
	t.Run("FailNext", testFailNext)
}
