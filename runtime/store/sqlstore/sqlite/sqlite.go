package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"modernc.org/sqlite" // the driver named below

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

const driverName = "sqlite"

var (
	commonPragmas = []string{
		fmt.Sprintf("PRAGMA busy_timeout = %d", busyTimeout.Milliseconds()),
		"PRAGMA temp_store = MEMORY",
	}
	// makerPragmas are for a database that was just made: auto_vacuum is fixed by the first write, and is itself one later.
	makerPragmas = []string{"PRAGMA auto_vacuum = INCREMENTAL"}
	// writerPragmas make every commit durable before it returns.
	writerPragmas = append(commonPragmas[:len(commonPragmas):len(commonPragmas)],
		"PRAGMA journal_mode = WAL",
		"PRAGMA synchronous = FULL",
		"PRAGMA wal_autocheckpoint = 0",
		fmt.Sprintf("PRAGMA cache_size = -%d", writerCacheKiB),
	)
	readerPragmas = append(commonPragmas[:len(commonPragmas):len(commonPragmas)],
		"PRAGMA query_only = ON",
		"PRAGMA wal_autocheckpoint = 0",
		fmt.Sprintf("PRAGMA cache_size = -%d", readerCacheKiB),
	)
	upkeepPragmas = append(commonPragmas[:len(commonPragmas):len(commonPragmas)], "PRAGMA synchronous = FULL")
)

// functionIsResult is a function of SQL that says whether a stored result is one; a migration uses it.
const functionIsResult = "is_result"

func init() {
	sqlite.MustRegisterDeterministicScalarFunction(functionIsResult, 1, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
		body, _ := args[0].([]byte)
		return batch.CheckResult(body) == "", nil
	})
}

// Database is a database in one file, and the files that SQLite keeps beside it. It implements sqlstore.Database.
type Database struct {
	path   string
	beside []string
	size   int64  // of the file when it was opened; 0: it was made
	files  *files // those that must stay in their places; nil until Watch
}

// New returns the database in the file at path, which is made, readable by its owner only, if it does not exist; its
// directory must exist. The files named in beside, such as the lock of that directory, must stay in their places
// while it is open.
func New(path string, beside ...string) *Database { return &Database{path: path, beside: beside} }

// String returns the path of the file.
func (d *Database) String() string { return d.path }

// Open makes the file if it is not there and checks how it begins.
func (d *Database) Open(context.Context) (db *sql.DB, err error) {
	if d.path == "" {
		return nil, errNoPath
	}
	if d.path, err = filepath.Abs(d.path); err != nil {
		return nil, err
	}
	if d.size, err = prepareFile(d.path); err != nil {
		return nil, err
	}
	return sql.Open(driverName, dataSource(d.path))
}

// dataSource names the file at path, which must exist: a connection never makes one.
func dataSource(path string) string {
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: "mode=rw"}).String()
}

// Writer prepares a connection that writes.
func (d *Database) Writer(ctx context.Context, conn *sql.Conn) error {
	if d.size == 0 {
		if err := run(ctx, conn, makerPragmas); err != nil {
			return err
		}
	}
	return run(ctx, conn, writerPragmas)
}

// Reader prepares a connection that reads.
func (d *Database) Reader(ctx context.Context, conn *sql.Conn) error {
	return run(ctx, conn, readerPragmas)
}

func run(ctx context.Context, conn *sql.Conn, statements []string) error {
	for _, statement := range statements {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// Lease does nothing: whoever has the lock of the state directory is alone with the file.
func (d *Database) Lease(context.Context, *sql.Conn, bool) error { return nil }

// Verify looks for damage, unless the file is large.
func (d *Database) Verify(ctx context.Context, conn *sql.Conn) error {
	if d.size > 0 && d.size <= checkedBytes {
		return quickCheck(ctx, conn)
	}
	return nil
}

// Watch notes which files there are.
func (d *Database) Watch() (err error) {
	d.files, err = openFiles(d.path, d.beside)
	return err
}

// Check returns an error that wraps store.ErrGone if the files of the database are not in their places.
func (d *Database) Check() error {
	if d.files == nil {
		return nil
	}
	return d.files.check()
}

// Write runs a function that commits on a connection that writes, and checks the files before and after.
func (d *Database) Write(run func() error) error { return d.files.write(&d.files.log, run) }

// BeginWrite is the statement that begins a transaction that writes: it waits for the lock at once.
func (d *Database) BeginWrite() string { return "BEGIN IMMEDIATE" }

// BeginRead is the statement that begins a transaction that reads.
func (d *Database) BeginRead() string { return "BEGIN" }

// Statement returns text, which is SQL that SQLite understands.
func (d *Database) Statement(text string) string { return text }

// Key returns a parameter without its type, which SQLite takes from the value.
func (d *Database) Key(string) string { return "?" }

// ForShare is empty: while one transaction writes, no other one does.
func (d *Database) ForShare() string { return "" }

// Migrations are the statements that bring the schema from version i to i+1.
func (d *Database) Migrations() [][]string { return migrations }

// Tables names the tables that there are.
func (d *Database) Tables(ctx context.Context, conn *sql.Conn) ([]string, error) {
	return texts(ctx, conn, "SELECT name FROM sqlite_master WHERE type = 'table'")
}

// quickCheck reads the whole file and looks for damage.
func quickCheck(ctx context.Context, conn *sql.Conn) error {
	found, err := texts(ctx, conn, "PRAGMA quick_check(3)")
	if err != nil {
		return err
	}
	if len(found) == 1 && found[0] == "ok" {
		return nil
	}
	return fmt.Errorf("%w: %s", store.ErrCorrupt, strings.Join(found, "; "))
}

// texts returns the only column of a query.
func texts(ctx context.Context, conn *sql.Conn, query string) (all []string, err error) {
	rows, err := conn.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		all = append(all, text)
	}
	return all, rows.Err()
}
