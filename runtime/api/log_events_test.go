package api

import (
	"fmt"
	"slices"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
)

// TestLogPages reads a real log, among the output of others, in pages of every size in both directions.
func TestLogPages(t *testing.T) {
	dir := t.TempDir()
	w, err := joblog.OpenWriter(dir, joblog.SeriesHolder)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}()
	mine, other := batch.AttemptID{Job: "mine", Number: 1}, w.Stream(batch.AttemptID{Job: "other", Number: 1})
	stream := w.Stream(mine)
	var want []string
	for i := range 500 {
		line := fmt.Sprintf("line %d %0*d", i, i%300, 0)
		want = append(want, line)
		stream.Write([]byte(line + "\n"))
		if i%7 == 0 {
			other.Write([]byte("somebody else\n"))
		}
		if i%50 == 0 {
			w.Flush()
		}
	}
	span := stream.Span()
	s := &server{Options: Options{Logs: joblog.OpenDir(dir)}}
	everything := func(joblog.Line) bool { return true }
	for name, out := range map[string]output{
		"ended":   {attempt: mine, from: span.From, to: span.To, known: true, ended: true},
		"running": {attempt: mine, from: span.From, known: true},
	} {
		for _, size := range []int{1, 3, 64, 10_000} {
			t.Run(fmt.Sprintf("%s by %d", name, size), func(t *testing.T) {
				var backward, forward []string
				for at := out.to; ; {
					p, err := s.pageBackward(t.Context(), out, at, size, everything)
					if err != nil {
						t.Fatal(err)
					}
					if p.start == at {
						break
					}
					backward = append(texts(p.lines), backward...)
					at = p.start
				}
				for at := out.from; ; {
					p, err := s.pageForward(t.Context(), out, at, size, everything)
					if err != nil {
						t.Fatal(err)
					}
					if p.end == at {
						break
					}
					forward = append(forward, texts(p.lines)...)
					at = p.end
				}
				if !slices.Equal(backward, want) || !slices.Equal(forward, want) {
					t.Errorf("read %d lines backward, %d forward, want %d", len(backward), len(forward), len(want))
				}
			})
		}
	}
	p, err := s.pageForward(t.Context(), output{attempt: mine, from: span.From, to: span.To, ended: true}, span.From, 64, func(l joblog.Line) bool { return l.Text == want[300] })
	if err != nil || len(p.lines) != 1 {
		t.Errorf("one line among many: %v, %v", texts(p.lines), err)
	}
}

func texts(lines []joblog.Line) []string {
	all := make([]string, len(lines))
	for i, l := range lines {
		all[i] = l.Text
	}
	return all
}
