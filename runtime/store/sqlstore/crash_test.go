package sqlstore_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/internal/long"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store/sqlstore"
	"github.com/batchd/terraform-provider-batch/runtime/store/sqlstore/postgres"
	"github.com/batchd/terraform-provider-batch/runtime/store/sqlstore/postgres/postgrestest"
	"github.com/batchd/terraform-provider-batch/runtime/store/sqlstore/sqlite"
)

// crashPlace makes the test binary a process that commits to that database until it is killed.
const crashPlace = "SQLSTORE_CRASH_PLACE"

func TestMain(m *testing.M) {
	if place := os.Getenv(crashPlace); place != "" {
		fmt.Fprintln(os.Stderr, commitUntilKilled(place))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// at is the database at a place: a URL of PostgreSQL or the path of a file.
func at(place string) sqlstore.Database {
	if strings.HasPrefix(place, "postgres://") {
		return postgres.New(place, nil)
	}
	return sqlite.New(place)
}

// commitUntilKilled submits one array after another, each with children that end in a
// commit of their own, and says so after each commit.
func commitUntilKilled(place string) error {
	ctx := context.Background()
	s, err := sqlstore.Open(ctx, sqlstore.Options{Database: at(place)})
	if err != nil {
		return err
	}
	snapshot, err := s.Load(ctx)
	if err != nil {
		return err
	}
	l := life{lines: snapshot.LastTransition}
	for seq := snapshot.LastSeq + 1; ; seq++ {
		l.array = arrayOf(seq, 8)
		l.array.ID = batch.JobID(fmt.Sprintf("array-%d", seq))
		var d batch.Delta
		for i := range l.array.Size {
			l.end(&d, i)
		}
		l.array.Array.Counts = [batch.StatusCount]int32{batch.Succeeded: l.array.Size}
		l.array.Status = batch.Succeeded
		d.Jobs = append(d.Jobs, l.array)
		if err := s.Commit(ctx, &d); err != nil {
			return err
		}
		fmt.Println(seq)
	}
}

// A process is killed again and again while it commits. Whatever it said it had
// committed is there, and nothing is there by half.
func TestKilled(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { testKilled(t, filepath.Join(t.TempDir(), "state.db")) })
	t.Run("postgres", func(t *testing.T) {
		_, url := postgrestest.Schema(t)
		testKilled(t, url)
	})
}

func testKilled(t *testing.T, place string) {
	for kill := range long.Sample(12) {
		said := killAfter(t, place, 1+rand.IntN(60))
		s, err := sqlstore.Open(t.Context(), sqlstore.Options{Database: at(place)})
		if err != nil {
			t.Fatalf("kill %d: %v", kill, err)
		}
		checkWholeUpTo(t, s, said)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// killAfter starts the process, kills it after so many commits and returns the last it
// said it had made.
func killAfter(t *testing.T, place string, commits int) (said int64) {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0])
	command.Env = append(os.Environ(), crashPlace+"="+place)
	command.Stderr = os.Stderr
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(output); lines.Scan(); {
		if said, err = strconv.ParseInt(lines.Text(), 10, 64); err != nil {
			t.Fatal(err)
		}
		if commits--; commits == 0 {
			if err := command.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := command.Wait(); err == nil || commits > 0 {
		t.Fatalf("the process ended by itself with %d commits to go: %v", commits, err)
	}
	return said
}

func checkWholeUpTo(t *testing.T, s *sqlstore.Store, said int64) {
	t.Helper()
	snapshot, err := s.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if snapshot.LastSeq < said {
		t.Fatalf("commit %d was acknowledged and the last there is %d", said, snapshot.LastSeq)
	}
	var ids []batch.JobID
	for seq := range snapshot.LastSeq {
		array := batch.JobID(fmt.Sprintf("array-%d", seq+1))
		for i := range int32(8) {
			ids = append(ids, array.Child(i))
		}
	}
	jobs, err := s.Jobs(t.Context(), ids)
	if err != nil || len(jobs) != len(ids) {
		t.Fatalf("%d of %d jobs are there: %v", len(jobs), len(ids), err)
	}
	var attempts []batch.AttemptID
	for _, j := range jobs {
		if j.Status != batch.Succeeded || j.ContentKey == "" {
			t.Fatalf("job %s is %s", j.ID, j.Status)
		}
		attempts = append(attempts, j.AttemptID())
	}
	results, err := s.Results(t.Context(), attempts)
	if err != nil || len(results) != len(ids) {
		t.Fatalf("%d of %d results are there: %v", len(results), len(ids), err)
	}
	if want := int64(2 * len(ids)); snapshot.LastTransition != want {
		t.Fatalf("the log has %d lines, want %d", snapshot.LastTransition, want)
	}
}
