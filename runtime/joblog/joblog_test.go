package joblog

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/internal/long"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

func attempt(name string) batch.AttemptID { return batch.AttemptID{Job: batch.JobID(name), Number: 1} }

func open(t *testing.T, dir string) *Writer {
	t.Helper()
	w, err := OpenWriter(dir, SeriesHolder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// readAll pages through a log and returns its lines.
func readAll(t *testing.T, dir string, id batch.AttemptID, at, to batch.LogPosition, limit int) []string {
	t.Helper()
	var texts []string
	for {
		lines, next, err := OpenDir(dir).read(t.Context(), id, at, to, limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range lines {
			texts = append(texts, l.Text)
		}
		if len(lines) == 0 {
			return texts
		}
		if last := lines[len(lines)-1].next; len(lines) == limit && next != last {
			t.Fatalf("next is %v but the last line ends at %v", next, last)
		}
		at = next
	}
}

func TestInterleavedAttempts(t *testing.T) {
	dir := t.TempDir()
	w := open(t, dir)
	dice := rand.New(rand.NewPCG(1, 2))
	want := map[string][]byte{}
	streams := map[string]*Stream{}
	for i := range 5 {
		name := fmt.Sprint("job", i)
		streams[name] = w.Stream(attempt(name))
	}
	for range 2000 {
		name := fmt.Sprint("job", dice.IntN(5))
		chunk := make([]byte, dice.IntN(300))
		for i := range chunk {
			chunk[i] = byte('a' + dice.IntN(26))
			if dice.IntN(20) == 0 {
				chunk[i] = '\n'
			}
		}
		streams[name].Write(chunk)
		want[name] = append(want[name], chunk...)
		if dice.IntN(30) == 0 {
			w.Flush()
		}
	}
	for name, s := range streams {
		span := s.Span()
		if span.Bytes != int64(len(want[name])) || span.Dropped != 0 {
			t.Errorf("%s: span %+v, wrote %d bytes", name, span, len(want[name]))
		}
		lines := strings.Split(strings.TrimSuffix(string(want[name]), "\n"), "\n")
		for _, limit := range []int{7, 1000, 100000} {
			if got := readAll(t, dir, attempt(name), span.From, span.To, limit); !slices.Equal(got, lines) {
				t.Errorf("%s, %d at a time: got %d lines, want %d", name, limit, len(got), len(lines))
			}
		}
		for _, n := range []int{1, 10, 100000} {
			tail, err := OpenDir(dir).tail(t.Context(), attempt(name), span.From, span.To, n)
			if err != nil {
				t.Fatal(err)
			}
			wantTail := lines[max(0, len(lines)-n):]
			if len(tail) != len(wantTail) || tail[0].Text != wantTail[0] || tail[len(tail)-1].Text != wantTail[len(wantTail)-1] {
				t.Errorf("%s: the last %d lines are wrong", name, n)
			}
		}
	}
}

func TestSegmentsRollAndMayBeDeleted(t *testing.T) {
	dir := t.TempDir()
	w := open(t, dir)
	id := attempt("flood")
	s := w.Stream(id)
	line := append(bytes.Repeat([]byte{'x'}, 16<<10-1), '\n')
	const total = 150 << 6
	for i := range total {
		s.Write(line)
		if i%256 == 0 {
			w.Flush()
		}
	}
	span := s.Span()
	if span.Bytes != total<<14 || span.To.Segment != span.From.Segment+2 {
		t.Fatalf("span %+v", span)
	}
	numbers, err := segments(dir)
	if err != nil || len(numbers) != 3 {
		t.Fatalf("segments %v, %v", numbers, err)
	}
	for _, n := range numbers {
		if info, err := os.Stat(segmentPath(dir, n)); err != nil || info.Size() > MaxSegmentBytes {
			t.Errorf("segment %d: %v, %v", n, info, err)
		}
	}
	if got := len(readAll(t, dir, id, span.From, span.To, 10000)); got != total {
		t.Errorf("read %d lines, want %d", got, total)
	}
	if freed, err := Prune(dir, time.Time{}, MaxSegmentBytes+MaxSegmentBytes/2); err != nil || freed == 0 {
		t.Fatalf("freed %d, %v", freed, err)
	}
	if got := len(readAll(t, dir, id, span.From, span.To, 10000)); got == 0 || got >= total {
		t.Errorf("read %d lines of what is left", got)
	}
	tail, err := OpenDir(dir).tail(t.Context(), id, span.From, span.To, 3)
	if err != nil || len(tail) != 3 {
		t.Errorf("tail %v, %v", tail, err)
	}
}

func TestTornEndIsSkipped(t *testing.T) {
	dir := t.TempDir()
	id := attempt("torn")
	w, err := OpenWriter(dir, SeriesHolder)
	if err != nil {
		t.Fatal(err)
	}
	s := w.Stream(id)
	s.Write([]byte("one\ntwo\n"))
	span := s.Span()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(segmentPath(dir, span.To.Segment), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write(appendHeader(nil, 500, tagOf(id), 1)); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	later := open(t, dir).Stream(id)
	later.Write([]byte("three\n"))
	end := later.Span().To
	if end.Segment == span.To.Segment {
		t.Fatal("a new writer must begin a new segment")
	}
	for _, to := range []batch.LogPosition{end, {}} {
		if got := readAll(t, dir, id, span.From, to, 100); !slices.Equal(got, []string{"one", "two", "three"}) {
			t.Errorf("to %v: %q", to, got)
		}
	}
}

func TestLiveReading(t *testing.T) {
	dir := t.TempDir()
	w := open(t, dir)
	id := attempt("live")
	s := w.Stream(id)
	at := s.From()
	read := func() (texts []string) {
		lines, next, err := OpenDir(dir).read(t.Context(), id, at, batch.LogPosition{}, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range lines {
			texts = append(texts, l.Text)
		}
		at = next
		return texts
	}
	for _, step := range []struct {
		write string
		want  []string
	}{
		{"", nil},
		{"a\nb", []string{"a"}},
		{"", nil},
		{"c\n\nd", []string{"bc", ""}},
		{strings.Repeat("z", MaxLineBytes), []string{"d" + strings.Repeat("z", MaxLineBytes-1)}},
		{"\n", []string{"z"}},
	} {
		s.Write([]byte(step.write))
		w.Flush()
		if got := read(); !slices.Equal(got, step.want) {
			t.Fatalf("after %.10q: got %.80q, want %.80q", step.write, got, step.want)
		}
	}
}

func TestFlushesBySelf(t *testing.T) {
	dir := t.TempDir()
	w := open(t, dir)
	id := attempt("prompt")
	s := w.Stream(id)
	began := time.Now()
	s.Write([]byte("hello\n"))
	for len(readAll(t, dir, id, s.From(), batch.LogPosition{}, 1)) == 0 {
		if time.Since(began) > long.Stretched(10*time.Second) {
			t.Fatal("output was never flushed")
		}
	}
	t.Logf("visible after %v", time.Since(began))
}

func TestDiskErrorsAreCounted(t *testing.T) {
	dir := t.TempDir()
	w := open(t, dir)
	id := attempt("full")
	s := w.Stream(id)
	s.Write([]byte("kept\n"))
	w.Flush()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no device that is always full:", err)
	}
	healthy := w.file
	w.file = full
	s.Write([]byte("lost\n"))
	w.Flush()
	if w.Err() == nil {
		t.Error("a full disk must be told")
	}
	w.file = healthy
	if err := full.Close(); err != nil {
		t.Fatal(err)
	}
	s.Write([]byte("again\n"))
	span := s.Span()
	if span.Bytes != 11 || span.Dropped != 5 || w.Err() != nil {
		t.Errorf("span %+v, %v", span, w.Err())
	}
	if got := readAll(t, dir, id, span.From, span.To, 100); !slices.Equal(got, []string{"kept", "again"}) {
		t.Errorf("read %q", got)
	}
}

func TestBinaryOutputComesBackWhole(t *testing.T) {
	dir := t.TempDir()
	w := open(t, dir)
	id := attempt("binary")
	s := w.Stream(id)
	blob := make([]byte, 300<<10)
	dice := rand.NewChaCha8([32]byte{1})
	_, _ = dice.Read(blob)
	s.Write(blob)
	span := s.Span()
	lines, _, err := OpenDir(dir).read(t.Context(), id, span.From, span.To, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, l := range lines {
		texts = append(texts, l.Text)
	}
	if got := strings.Join(texts, "\n"); got != strings.TrimSuffix(string(blob), "\n") {
		t.Error("the output differs from what was written")
	}
}
