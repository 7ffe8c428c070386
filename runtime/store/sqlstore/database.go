package sqlstore

import (
	"context"
	"database/sql"
)

// Database is what one kind of SQL database has of its own; everything else of a store is the same for all. Package
// sqlite and package postgres have one each. The methods take and return types of the standard library alone, so
// that a database knows nothing of the store that uses it.
type Database interface {
	// String names the database in messages. It contains no password.
	String() string
	// Open returns the database, making it first if it is not there and can be made. It is called once, before all others.
	Open(ctx context.Context) (*sql.DB, error)
	// Writer and Reader prepare a connection that writes or that reads. What is committed on a connection that writes
	// is durable when COMMIT returns.
	Writer(ctx context.Context, conn *sql.Conn) error
	Reader(ctx context.Context, conn *sql.Conn) error
	// Lease makes sure that no other connection has the lease of the writer while conn is open. With wait it waits
	// until the lease is free or ctx ends; without, it fails at once if somebody else has it. A database that only one
	// process can use does nothing here.
	Lease(ctx context.Context, conn *sql.Conn, wait bool) error
	// Verify looks for damage once the schema is there.
	Verify(ctx context.Context, conn *sql.Conn) error
	// Watch is called once, when the store has become the writer: from then on nobody else writes to the database.
	Watch() error
	// Check returns an error that wraps store.ErrGone if the database is not in its place any more, or was written to by
	// another program. It must be quick. Write checks, runs a function that commits on a connection that writes, and checks
	// again.
	Check() error
	Write(run func() error) error
	// Explain adds to err the sentinel of package store that it means, and what to do about it.
	Explain(err error) error

	// BeginWrite and BeginRead are the statements that begin a transaction. All that is read in one that reads is of
	// one moment.
	BeginWrite() string
	BeginRead() string
	// Statement returns a statement in the words of this database. Parameters are written ?, or ?1, ?2 where one is used twice.
	Statement(text string) string
	// Key returns a parameter that is the first of a list of keys of a type, TEXT or BIGINT.
	Key(kind string) string
	// ForShare is what is appended to a query so that nobody changes the rows it finds before the transaction ends.
	ForShare() string

	// Migrations are the statements that bring the schema from version i to i+1. A migration that was released never
	// changes.
	Migrations() [][]string
	// Tables names the tables that there are.
	Tables(ctx context.Context, conn *sql.Conn) ([]string, error)
	// Tidy is called now and then when something was committed. It may run a function alone, while nobody commits.
	Tidy(ctx context.Context, db *sql.DB, alone func(func() error) error) error
}
