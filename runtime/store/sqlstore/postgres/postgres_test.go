package postgres_test

import (
	"fmt"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/store"
	"github.com/batchd/terraform-provider-batch/runtime/store/sqlstore"
	"github.com/batchd/terraform-provider-batch/runtime/store/sqlstore/postgres"
	"github.com/batchd/terraform-provider-batch/runtime/store/sqlstore/postgres/postgrestest"
	"github.com/batchd/terraform-provider-batch/runtime/store/storetest"
)

func open(t *testing.T, url string) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), sqlstore.Options{Database: postgres.New(url, nil)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) (store.Store, func() store.Store) {
		_, url := postgrestest.Schema(t)
		s := open(t, url)
		return s, func() store.Store {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = open(t, url)
			return s
		}
	}, func(t *testing.T) (store.Store, func() store.Store) {
		schema, url := postgrestest.Schema(t)
		writers := 1
		return open(t, named(url, writers)), func() store.Store {
			writers++
			return takeOver(t, schema, url, writers)
		}
	})
}

// named is a URL whose connections have a name of their own.
func named(url string, writer int) string {
	return fmt.Sprintf("%s&application_name=writer%d", url, writer)
}

// takeOver opens a store as its n-th writer while the connections of the writer before it are cut, again and again, as a bad
// network does, until it has lost its lease.
func takeOver(t *testing.T, schema, url string, n int) *sqlstore.Store {
	t.Helper()
	opened, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-opened:
				return
			default:
				cut(t, schema, n-1)
			}
		}
	}()
	s := open(t, named(url, n))
	close(opened)
	<-stopped
	return s
}

// cut ends the connection of the n-th writer of a schema, if it has the lease.
func cut(t *testing.T, schema string, n int) {
	t.Helper()
	postgrestest.Run(t, `SELECT pg_terminate_backend(pid, 10000) FROM pg_locks JOIN pg_stat_activity USING (pid)
		WHERE locktype = 'advisory' AND granted AND objid::bigint = hashtext($1)::bigint & 4294967295 AND application_name = $2`,
		schema, fmt.Sprint("writer", n))
}
