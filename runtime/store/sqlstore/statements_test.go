package sqlstore

import (
	"context"
	"database/sql"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
	"github.com/batchd/terraform-provider-batch/runtime/store/sqlstore/postgres"
	"github.com/batchd/terraform-provider-batch/runtime/store/sqlstore/postgres/postgrestest"
	"github.com/batchd/terraform-provider-batch/runtime/store/sqlstore/sqlite"
)

// allStatements are the constants of statements.go that are statements, and what the queries make of those that are not whole.
func allStatements(t *testing.T) map[string]string {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "statements.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	checked, err := (&types.Config{}).Check("statements", files, []*ast.File{file}, nil)
	if err != nil {
		t.Fatal(err)
	}
	denied := true
	audits, _ := auditStatement(store.AuditQuery{Who: "w", Action: "a", Denied: &denied})
	all := map[string]string{
		"childrenByID in order": childrenByID + " ORDER BY job",
		"listQueueJobs":         listQueueJobs + " UNION ALL " + listQueueJobs + " ORDER BY seq DESC LIMIT ?",
		"listNeedingJobs":       listNeedingJobs + " ORDER BY n.seq LIMIT ?",
		"audits":                audits,
	}
	for _, name := range checked.Scope().Names() {
		value, ok := checked.Scope().Lookup(name).(*types.Const)
		if !ok || all[name] != "" {
			continue
		}
		text := constant.StringVal(value.Val())
		first, _, _ := strings.Cut(strings.TrimSpace(text), " ")
		if slices.Contains([]string{"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"}, first) {
			all[name] = text
		}
	}
	return all
}

// databases calls f with a store in each kind of database.
func databases(t *testing.T, f func(t *testing.T, s *Store)) {
	for name, database := range map[string]func(t *testing.T) Database{
		"sqlite": func(t *testing.T) Database { return sqlite.New(filepath.Join(t.TempDir(), "state.db")) },
		"postgres": func(t *testing.T) Database {
			_, url := postgrestest.Schema(t)
			return postgres.New(url, nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Open(t.Context(), Options{Database: database(t)})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			f(t, s)
		})
	}
}

// Every statement is understood by every database.
func TestStatements(t *testing.T) {
	statements := allStatements(t)
	if len(statements) < 60 {
		t.Fatalf("%d statements were found, want at least 60", len(statements))
	}
	databases(t, func(t *testing.T, s *Store) {
		s.mu.Lock() // keeps its upkeep from the connection
		defer s.mu.Unlock()
		for name, text := range statements {
			texts := []string{text}
			if strings.Contains(text, "(VALUES %") {
				texts = []string{s.writer.withList(text, 1), s.writer.withList(text, 4)}
			}
			for _, text := range texts {
				if _, err := s.writer.statement(t.Context(), text); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
	})
}

// narrow says how many parameters of a statement may be numbers of 32 bits, and which they are. All others that are
// numbers have 64.
var narrow = map[string]struct {
	parameters int
	why        string
}{
	"putQueue":         {1, "whether it is deleted"},
	"putDefinition":    {1, "whether it is active"},
	"putJob":           {1, "its status"},
	"putChild":         {1, "its status"},
	"putAudit":         {1, "whether it was denied"},
	"listDefinitions":  {2, "whether they are active"},
	"listQueueJobs":    {2 * 4, "a status and the lengths of three prefixes"},
	"listNeedingJobs":  {4, "the bits of statuses and the lengths of three prefixes"},
	"setSchemaVersion": {1, "how many migrations there are"},
}

// PostgreSQL says what each parameter is: one that is narrower than the numbers it is given would fail years after it was
// written, with the first number that is too large.
func TestWidthsOfParameters(t *testing.T) {
	_, url := postgrestest.Schema(t)
	s, err := Open(t.Context(), Options{Database: postgres.New(url, nil)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	for name, text := range allStatements(t) {
		if strings.Contains(text, "(VALUES %") {
			text = (&session{database: s.database, lists: map[listed]string{}}).withList(text, 4)
		}
		err := conn.Raw(func(raw any) error {
			pg, ok := raw.(*stdlib.Conn)
			if !ok {
				t.Fatalf("a connection is a %T, want one of pgx", raw)
			}
			described, err := pg.Conn().Prepare(context.Background(), "", s.database.Statement(text))
			if err != nil {
				return err
			}
			found := 0
			for _, kind := range described.ParamOIDs {
				if kind == pgtype.Int4OID || kind == pgtype.Int2OID {
					found++
				}
			}
			if found != narrow[name].parameters {
				t.Errorf("%s: %d parameters have less than 64 bits, want %d (%s)", name, found, narrow[name].parameters, narrow[name].why)
			}
			return nil
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The transition log goes on beyond 2^40 lines, and its numbers up to the largest.
func TestWidthsOfTheLog(t *testing.T) {
	databases(t, func(t *testing.T, s *Store) {
		for _, first := range []int64{1 << 31, 1 << 40, math.MaxInt64 - 1} {
			line := []batch.Transition{{Seq: first, Job: "job", At: batch.Time(first)}}
			s.mu.Lock()
			err := s.write(t.Context(), func(w *session) error {
				_, err := w.exec(t.Context(), putLines, first, 1, packLines(line))
				return err
			})
			s.mu.Unlock()
			if err != nil {
				t.Fatal(err)
			}
			got, err := s.Transitions(t.Context(), first-1, 1)
			if err != nil || !slices.Equal(got, line) {
				t.Errorf("line %d is %v (%v)", first, got, err)
			}
			if snapshot, err := s.Load(t.Context()); err != nil || snapshot.LastTransition != first {
				t.Errorf("the last line is %d, want %d (%v)", snapshot.LastTransition, first, err)
			}
		}
	})
}

// Both databases have the same tables with the same columns, of kinds that hold the same values.
func TestSchemasAreTheSame(t *testing.T) {
	columns := map[string][]string{}
	databases(t, func(t *testing.T, s *Store) {
		query := `SELECT m.name, c.name, CASE WHEN c.type = 'INTEGER' THEN 'BIGINT' ELSE c.type END, c."notnull" FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'`
		if _, ok := s.database.(*postgres.Database); ok {
			query = `SELECT table_name, column_name, CASE data_type WHEN 'bytea' THEN 'BLOB' WHEN 'integer' THEN 'BIGINT' ELSE upper(data_type) END,
				CASE is_nullable WHEN 'NO' THEN 1 ELSE 0 END FROM information_schema.columns WHERE table_schema = current_schema()`
		}
		var all []string
		s.mu.Lock()
		defer s.mu.Unlock()
		err := s.writer.each(t.Context(), query, nil, func(rows *sql.Rows) error {
			var table, column, kind, notNull string
			err := rows.Scan(&table, &column, &kind, &notNull)
			all = append(all, strings.Join([]string{table, column, kind, notNull}, " "))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(all)
		columns[t.Name()] = all
	})
	want := columns[t.Name()+"/sqlite"]
	for name, got := range columns {
		if !slices.Equal(got, want) {
			t.Errorf("%s has the columns\n%s\nand SQLite\n%s", name, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}
