package joblog

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// TestLinesAreWhatWasWritten writes any bytes in any pieces, beside another attempt, and puts them together again of the lines
// that are read, in pages of any size, while they are written and afterwards. Read from the end they are the same.
func TestLinesAreWhatWasWritten(t *testing.T) {
	dir := t.TempDir()
	w := open(t, dir)
	d := OpenDir(dir)
	number := 0
	piece := rapid.OneOf(
		rapid.SampledFrom([]string{"\n", "", "a\n\nb", "\xff\xfe", "caf\xc3", "\xa9\r", strings.Repeat("x", MaxLineBytes-1), strings.Repeat("y", MaxLineBytes+1)}),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
	)
	rapid.Check(t, func(t *rapid.T) {
		number++
		id, other := attempt(fmt.Sprint("a", number)), attempt(fmt.Sprint("b", number))
		s, noise := w.Stream(id), w.Stream(other)
		var written, got bytes.Buffer
		var seen []Line
		at := s.From()
		read := func(to batch.LogPosition) {
			for {
				lines, next, err := d.read(t.Context(), id, at, to, rapid.IntRange(1, 3).Draw(t, "page"))
				if err != nil {
					t.Fatal(err)
				}
				seen = append(seen, lines...)
				for _, l := range lines {
					got.WriteString(l.Text)
					if !l.Open {
						got.WriteByte('\n')
					}
				}
				if at = next; len(lines) == 0 {
					return
				}
			}
		}
		// Next may be another place in which nothing of the attempt follows.
		equal := func(a, b Line) bool { return a.At == b.At && a.Text == b.Text && a.Open == b.Open }
		same := func(to batch.LogPosition) {
			n := rapid.IntRange(1, 4).Draw(t, "lines from the end")
			last, err := d.tail(t.Context(), id, s.From(), to, n)
			if want := seen[max(0, len(seen)-n):]; err != nil || !slices.EqualFunc(last, want, equal) {
				t.Fatalf("the last %d lines are %.200q, read from the end %.200q, %v", n, fmt.Sprint(want), fmt.Sprint(last), err)
			}
		}
		for _, text := range rapid.SliceOfN(piece, 0, 8).Draw(t, "pieces") {
			s.Write([]byte(text))
			noise.Write([]byte("noise\n"))
			written.WriteString(text)
			w.Flush()
			read(batch.LogPosition{})
			same(batch.LogPosition{})
			held, err := d.Unfinished(t.Context(), Log{Attempt: id}, within(at))
			if err != nil {
				t.Fatal(err)
			}
			if whole := got.String() + held.Text; whole != written.String() {
				t.Fatalf("while it runs %d bytes are seen, with %d of a line that is not finished; %d were written", got.Len(), len(held.Text), written.Len())
			}
		}
		read(s.Span().To)
		same(s.Span().To)
		if !bytes.Equal(got.Bytes(), written.Bytes()) {
			t.Fatalf("read %.100q, written %.100q", got.Bytes(), written.Bytes())
		}
	})
}

// TestALineOfALargestEventIsWhole is of what a program prints as one JSON document.
func TestALineOfALargestEventIsWhole(t *testing.T) {
	dir := t.TempDir()
	w := open(t, dir)
	s := w.Stream(attempt("json"))
	text := strings.Repeat("x", 256<<10-1)
	s.Write([]byte(text + "\n"))
	span := s.Span()
	if got := readAll(t, dir, attempt("json"), span.From, span.To, 10); len(got) != 1 || got[0] != text {
		t.Errorf("it is read as %d lines", len(got))
	}
}
