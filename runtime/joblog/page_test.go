package joblog

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// TestPages reads a log, among the output of others, in pages of every size in both directions.
func TestPages(t *testing.T) {
	dir := t.TempDir()
	w := open(t, dir)
	mine, other := attempt("mine"), w.Stream(attempt("other"))
	stream := w.Stream(mine)
	var want []string
	for i := range 500 {
		line := fmt.Sprintf("line %d %0*d", i, i%300, 0)
		want = append(want, line)
		stream.WriteAt([]byte(line+"\n"), batch.Time(i))
		if i%7 == 0 {
			other.Write([]byte("somebody else\n"))
		}
		if i%50 == 0 {
			w.Flush()
		}
	}
	span := stream.Span()
	ended := Log{Attempt: mine, Ref: batch.LogRef{Span: span}, Stopped: 1}
	for name, log := range map[string]Log{"ended": ended, "running": {Attempt: mine, Ref: batch.LogFrom(span.From)}} {
		for _, size := range []int{1, 3, 64, 10_000} {
			t.Run(fmt.Sprintf("%s by %d", name, size), func(t *testing.T) {
				q := PageQuery{Log: log, Window: Always, Limit: size, Bytes: 1 << 20}
				if got := pages(t, OpenDir(dir), q); !slices.Equal(got, want) {
					t.Errorf("read %d lines forward, want %d", len(got), len(want))
				}
				q.Backward = true
				if got := pages(t, OpenDir(dir), q); !slices.Equal(got, want) {
					t.Errorf("read %d lines backward, want %d", len(got), len(want))
				}
			})
		}
	}
	p, err := OpenDir(dir).Page(t.Context(), PageQuery{Log: ended, Window: Window{300, 301}, Limit: 64})
	if err != nil || len(p.Lines) != 1 || p.Lines[0].Text != want[300] {
		t.Errorf("one line among many: %+v, %v", p.Lines, err)
	}
	if _, err := OpenDir(dir).Page(t.Context(), PageQuery{Log: ended, At: Position{Token: "another reader's"}, Limit: 1}); !errors.Is(err, ErrPosition) {
		t.Errorf("a position of another reader: %v", err)
	}
}

// pages returns the lines of all pages that q and those that follow it ask for, in the order of the log.
func pages(t *testing.T, r Reader, q PageQuery) (all []string) {
	t.Helper()
	for {
		p, err := r.Page(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if p.Empty() {
			return all
		}
		var texts []string
		for _, line := range p.Lines {
			texts = append(texts, line.Text)
		}
		if q.Backward {
			all, q.At = append(texts, all...), p.Start
		} else {
			all, q.At = append(all, texts...), p.End
		}
	}
}
