// Package postgrestest lends tests an empty schema of a PostgreSQL server, if there is a server.
package postgrestest

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/google/uuid"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver named below
)

// Server is the environment variable that names the server.
const Server = "BATCHD_TEST_POSTGRES"

// Schema makes an empty schema and returns its name and a URL that leads to it. Without a server the test is skipped.
func Schema(t testing.TB) (name, at string) {
	t.Helper()
	address, err := url.Parse(os.Getenv(Server))
	if err != nil || address.Scheme == "" {
		t.Skip("no PostgreSQL: export " + Server + `="$(.ci/postgres-up)" starts a server for this test`)
	}
	name = "test_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	Run(t, "CREATE SCHEMA "+name)
	t.Cleanup(func() { Run(t, "DROP SCHEMA "+name+" CASCADE") })
	query := address.Query()
	query.Set("search_path", name)
	address.RawQuery = query.Encode()
	return name, address.String()
}

// Run runs a statement on the server, as the user that Server names.
func Run(t testing.TB, statement string, args ...any) {
	t.Helper()
	db, err := sql.Open("pgx", os.Getenv(Server))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(context.Background(), statement, args...); err != nil {
		t.Fatal(fmt.Errorf("%s: %w", statement, err))
	}
}
