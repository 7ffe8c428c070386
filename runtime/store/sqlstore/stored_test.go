package sqlstore_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store/sqlstore"
	"github.com/batchd/terraform-provider-batch/runtime/store/storetest"
)

var rewrite = flag.Bool("rewrite", false, "write the stored rows of this version anew; never once it is released")

// Rows that an earlier version stored are read as they were meant: a renamed field, a
// changed tag or a changed encoding fails here. A version that stores rows in another way
// adds files of its own, and a migration.
func TestStoredRows(t *testing.T) {
	const rowsFile, deltaFile = "testdata/rows-1.sql", "testdata/rows-1.json"
	if *rewrite {
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
	path := written(t, 0)
	alter(t, path, strings.Split(strings.TrimSpace(string(rows)), "\n")...)
	if got := storetest.ReadBack(t, open(t, path), &want); !reflect.DeepEqual(got, want) {
		text, err := json.Marshal(got)
		t.Errorf("got %s\nwant the rows of %s (%v)", text, deltaFile, err)
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
