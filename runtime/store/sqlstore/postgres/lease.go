package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// An advisory lock has two numbers: one that is batchd's, and one of the schema.
const (
	leaseSpace = 0x62617463 // "batc"

	tryLease  = `SELECT pg_try_advisory_lock($1, hashtext(current_schema()))`
	waitLease = `SELECT pg_advisory_lock($1, hashtext(current_schema()))`
	// leaseHolder is who has it. Numbers of locks are shown without a sign.
	leaseHolder = `SELECT coalesce(nullif(application_name, ''), 'a client') || coalesce(' at ' || host(client_addr), '')
		FROM pg_locks JOIN pg_stat_activity USING (pid)
		WHERE locktype = 'advisory' AND granted AND objsubid = 2
			AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
			AND classid::bigint = $1 AND objid::bigint = hashtext(current_schema())::bigint & 4294967295`
)

// Lease takes the lease of the writer for a connection. The server keeps it until the connection ends.
func (d *Database) Lease(ctx context.Context, conn *sql.Conn, wait bool) error {
	var taken bool
	if err := conn.QueryRowContext(ctx, tryLease, leaseSpace).Scan(&taken); err != nil || taken {
		return err
	}
	var holder string
	switch err := conn.QueryRowContext(ctx, leaseHolder, leaseSpace).Scan(&holder); {
	case errors.Is(err, sql.ErrNoRows):
		holder = "somebody" // who has just given it back, perhaps
	case err != nil:
		return err
	}
	if !wait {
		return fmt.Errorf("the lease of the writer is held by %s", holder)
	}
	d.waiting(holder)
	if _, err := conn.ExecContext(ctx, waitLease, leaseSpace); err != nil {
		return fmt.Errorf("wait for the lease of the writer, held by %s: %w", holder, err)
	}
	return nil
}
