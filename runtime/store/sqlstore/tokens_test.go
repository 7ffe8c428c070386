package sqlstore

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/batchd/terraform-provider-batch/internal/long"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store/sqlstore/sqlite"
)

// Every token that was ever added may be there, and of those that were not few may.
func TestTokens(t *testing.T) {
	tokens := newTokens()
	if !tokens.may("none") {
		t.Error("it is sure before it knows all")
	}
	tokens.whole.Store(true)
	n := long.Sample(100_000)
	for i := range n {
		tokens.add(fmt.Sprint("there", i))
	}
	wrong := 0
	for i := range n {
		if !tokens.may(fmt.Sprint("there", i)) {
			t.Fatalf("token %d is lost", i)
		}
		if tokens.may(fmt.Sprint("elsewhere", i)) {
			wrong++
		}
	}
	if wrong > n/1000 {
		t.Errorf("%d of %d new tokens would be looked for", wrong, n)
	}
}

// Tokens are found by a store that has just been opened, while it learns them, and afterwards.
func TestTokensAreLearnt(t *testing.T) {
	long.Only(t, "commits more tokens than one query reads")
	path := filepath.Join(t.TempDir(), "state.db")
	s, err := Open(t.Context(), Options{Database: sqlite.New(path)})
	if err != nil {
		t.Fatal(err)
	}
	var d batch.Delta
	const n = tokensPerRead + 10
	for seq := range int64(n) {
		d.Jobs = append(d.Jobs, batch.Job{ID: batch.JobID(fmt.Sprint("job", seq)), Seq: seq + 1, Token: fmt.Sprint("token", seq)})
	}
	if err := s.Commit(t.Context(), &d); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(t.Context(), Options{Database: sqlite.New(path)}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	for _, learnt := range []bool{false, true} {
		if learnt {
			if err := s.learnTokens(t.Context()); err != nil {
				t.Fatal(err)
			}
			if !s.tokens.whole.Load() {
				t.Fatal("not all tokens are learnt")
			}
		}
		for _, i := range []int{0, 1, n / 2, n - 1} {
			if id, found, err := s.JobByToken(t.Context(), fmt.Sprint("token", i)); err != nil || !found || id != batch.JobID(fmt.Sprint("job", i)) {
				t.Errorf("learnt: %t: token %d is of job %q (%t, %v)", learnt, i, id, found, err)
			}
		}
		if _, found, err := s.JobByToken(t.Context(), "another"); err != nil || found {
			t.Errorf("learnt: %t: a token that was never given is found (%v)", learnt, err)
		}
	}
}
