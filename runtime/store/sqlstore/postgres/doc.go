// Package postgres is PostgreSQL as a database of sqlstore: its schema, its settings and the lease of the writer. It uses the
// driver pgx through database/sql. The store uses the schema that is first in the search path, which must be empty or a
// store's; the database must be in UTF-8. It is tried with version 15. No option of serve names a database of PostgreSQL:
// only tests open one.
//
// The lease is an advisory lock that the connection of the writer holds, so the server gives it to the next one as soon as
// that connection has ended, whether the writer closed it, died, or was cut off from the network. No clock takes part. That a
// writer does not write after that, whatever it knows, is the epoch's to see to.
package postgres
