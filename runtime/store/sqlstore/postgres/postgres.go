package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Database is a schema of a PostgreSQL database. It implements sqlstore.Database.
type Database struct {
	url     string
	name    string // for messages; no password is in it
	waiting func(holder string)
}

// New returns the database at a URL such as postgres://batchd:secret@db.example.com/batchd?sslmode=verify-full, as libpq has
// them. Waiting is called when another runtime has the lease of the writer, with what is known of it, before the lease
// is waited for; it may be nil.
func New(url string, waiting func(holder string)) *Database {
	if waiting == nil {
		waiting = func(string) {}
	}
	return &Database{url: url, name: "PostgreSQL", waiting: waiting}
}

// String returns the URL without its user and password.
func (d *Database) String() string { return d.name }

// Open checks the URL. It makes no connection yet.
func (d *Database) Open(context.Context) (*sql.DB, error) {
	config, err := pgx.ParseConfig(d.url)
	if err != nil {
		return nil, fmt.Errorf("%w; want postgres://USER:PASSWORD@HOST:PORT/DATABASE", err)
	}
	d.name = nameOf(config)
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = holder()
	}
	return sql.OpenDB(newConnector(config)), nil
}

// nameOf is where a configuration leads.
func nameOf(c *pgx.ConnConfig) string {
	if strings.HasPrefix(c.Host, "/") {
		return "postgres:" + c.Host + "/" + c.Database
	}
	return "postgres://" + net.JoinHostPort(c.Host, strconv.Itoa(int(c.Port))) + "/" + c.Database
}

// holder is what others are told of this process while it has the lease.
func holder() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	pid := fmt.Sprintf(" pid %d", os.Getpid())
	const program = "batchd on "
	return program + host[:min(len(host), maxHolder-len(program)-len(pid))] + pid
}

// setUp sets what a connection depends on, of those settings that this version of PostgreSQL has: a commit is durable when it
// returns, no query or pause is ended by a limit that was meant for others, and the server notices when the client is gone.
const setUp = `SELECT set_config(name, value, false) FROM (VALUES
		('statement_timeout', '0'), ('lock_timeout', '0'), ('idle_in_transaction_session_timeout', '0'), ('idle_session_timeout', '0'),
		('tcp_keepalives_idle', '` + keepaliveIdle + `'), ('tcp_keepalives_interval', '` + keepaliveInterval + `'), ('tcp_keepalives_count', '` + keepaliveCount + `'),
		('synchronous_commit', CASE WHEN current_setting('synchronous_commit') IN ('off', 'local') THEN 'on' ELSE current_setting('synchronous_commit') END)
	) AS wanted (key, value) JOIN pg_settings ON name = key`

// Writer prepares a connection that writes.
func (d *Database) Writer(ctx context.Context, conn *sql.Conn) error {
	if _, err := conn.ExecContext(ctx, setUp); err != nil {
		return err
	}
	var encoding string
	if err := conn.QueryRowContext(ctx, "SHOW server_encoding").Scan(&encoding); err != nil {
		return err
	}
	if encoding != "UTF8" {
		return fmt.Errorf("the database is in the encoding %s, want UTF8: make one with CREATE DATABASE name ENCODING 'UTF8' TEMPLATE template0", encoding)
	}
	return nil
}

// Reader prepares a connection that reads.
func (d *Database) Reader(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, setUp)
	return err
}

// Verify does nothing: PostgreSQL looks for damage itself.
func (d *Database) Verify(context.Context, *sql.Conn) error { return nil }

// Watch does nothing: nobody can take the files of a server away from its clients alone.
func (d *Database) Watch() error { return nil }

// Check does nothing, for the reason of Watch.
func (d *Database) Check() error { return nil }

// Write runs a function that commits.
func (d *Database) Write(run func() error) error { return run() }

// Tidy does nothing: the server has an autovacuum.
func (d *Database) Tidy(context.Context, *sql.DB, func(func() error) error) error { return nil }

// BeginWrite is the statement that begins a transaction that writes. There is one writer, so its transactions conflict with nobody's.
func (d *Database) BeginWrite() string { return "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE" }

// BeginRead is the statement that begins a transaction that reads.
func (d *Database) BeginRead() string { return "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" }

// Statement returns text with its parameters as $1, $2 and so on.
func (d *Database) Statement(text string) string {
	var out strings.Builder
	next := 1
	for {
		before, after, found := strings.Cut(text, "?")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		out.WriteByte('$')
		if after == "" || after[0] < '1' || after[0] > '9' { // else its number follows
			out.WriteString(strconv.Itoa(next))
			next++
		}
		text = after
	}
}

// Key returns a parameter with its type, which PostgreSQL does not know in a list.
func (d *Database) Key(kind string) string { return "CAST(? AS " + kind + ")" }

// ForShare keeps the next writer from its epoch until the transaction has ended.
func (d *Database) ForShare() string { return " FOR SHARE" }

// Migrations are the statements that bring the schema from version i to i+1.
func (d *Database) Migrations() [][]string { return migrations }

// Tables names the tables of the schema.
func (d *Database) Tables(ctx context.Context, conn *sql.Conn) (all []string, err error) {
	rows, err := conn.QueryContext(ctx, "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		all = append(all, name)
	}
	return all, rows.Err()
}
