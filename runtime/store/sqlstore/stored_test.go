package sqlstore_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
	"github.com/batchd/terraform-provider-batch/runtime/store/sqlstore"
	"github.com/batchd/terraform-provider-batch/runtime/store/storetest"
)

var rewrite = flag.Bool("rewrite", false, "write the stored rows of the newest schema anew; never once it is released")

// Rows that an earlier version stored are read as they were meant: a renamed field, a
// changed tag or a changed encoding fails here. Each version of the schema has files of its
// own; a version that stores rows in another way adds a migration, and files.
func TestStoredRows(t *testing.T) {
	for version := 1; version <= sqlstore.Schemas; version++ {
		t.Run(fmt.Sprint(version), func(t *testing.T) { testStoredRows(t, version) })
	}
}

func testStoredRows(t *testing.T, version int) {
	rowsFile, deltaFile := fmt.Sprintf("testdata/rows-%d.sql", version), fmt.Sprintf("testdata/rows-%d.json", version)
	if *rewrite && version == sqlstore.Schemas {
		writeStoredRows(t, rowsFile, deltaFile)
	}
	rows, err := os.ReadFile(rowsFile)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(deltaFile)
	if err != nil {
		t.Fatal(err)
	}
	var want batch.Delta
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&want); err != nil {
		t.Fatalf("%s: a field was renamed or removed: %v", deltaFile, err)
	}
	path := filepath.Join(t.TempDir(), "state.db")
	sqlstore.MakeSchema(t, path, version)
	alter(t, path, strings.Split(strings.TrimSpace(string(rows)), "\n")...)
	s := open(t, path)
	if got := storetest.ReadBack(t, s, &want); !reflect.DeepEqual(got, want) {
		text, err := json.Marshal(got)
		t.Errorf("got %s\nwant the rows of %s (%v)", text, deltaFile, err)
	}
	mustCommit(t, s, &batch.Delta{Jobs: want.Jobs}) // rows of an earlier version are written again as any
	if got := storetest.ReadBack(t, s, &want); !reflect.DeepEqual(got, want) {
		t.Error("the rows are others after they were written again")
	}
}

func writeStoredRows(t *testing.T, rowsFile, deltaFile string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "state.db")
	s := open(t, path)
	d := storetest.FilledDelta(t)
	mustCommit(t, s, &d)
	text, err := json.MarshalIndent(d, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Join(sqlstore.Inserts(t, s), "\n") + "\n"
	if err := errors.Join(os.WriteFile(rowsFile, []byte(rows), 0o600), os.WriteFile(deltaFile, text, 0o600)); err != nil {
		t.Fatal(err)
	}
}

// TestLogGroupsOfOlderDefinitions opens a store that was written before there were log groups: those that its definitions
// name are there.
func TestLogGroupsOfOlderDefinitions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	sqlstore.MakeSchema(t, path, 2)
	logs := func(options string) string {
		return `{"logConfiguration":{"logDriver":"awslogs","options":` + options + `}}`
	}
	for i, body := range []string{
		`{"containerProperties":` + logs(`{"awslogs-group":"/a"}`) + `}`,
		`{"containerProperties":` + logs(`{"awslogs-group":"/a","awslogs-stream-prefix":"p"}`) + `}`,
		`{"containerProperties":` + logs(`{"awslogs-stream-prefix":"p"}`) + `}`,
		`{"nodeProperties":{"nodeRangeProperties":[{"container":` + logs(`{"awslogs-group":"/b"}`) + `},{"container":` + logs(`{"awslogs-group":"/c"}`) + `}]}}`,
		`{"parameters":{"logConfiguration":"not an object"}}`,
		`{"containerProperties":{"logConfiguration":{"logDriver":"json-file","options":{"awslogs-group":"/d"}}}}`,
		`{"containerProperties":{"logConfiguration":{"logDriver":"awslogs"}}}`,
		`not JSON`,
	} {
		alter(t, path, fmt.Sprintf(`INSERT INTO definition (name, revision, active, data, body) VALUES ('d', %d, 1, '{}', '%s')`, i+1, body))
	}
	groups, err := store.Named[batch.LogGroup](t.Context(), open(t, path), store.NameQuery{})
	if err != nil {
		t.Fatal(err)
	}
	want := []batch.LogGroup{
		{Name: "/a", Named: true, Prefixed: true},
		{Name: batch.DefaultLogGroup, Named: true, Prefixed: true},
		{Name: "/b", Named: true},
		{Name: "/c", Named: true},
	}
	if !reflect.DeepEqual(groups, want) {
		t.Errorf("%+v, want %+v", groups, want)
	}
}
