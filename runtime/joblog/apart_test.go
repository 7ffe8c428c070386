package joblog

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// TestAForeignPlaceIsRefused hands back places that no merge has made, as a client may.
func TestAForeignPlaceIsRefused(t *testing.T) {
	one := func(_ context.Context, q PageQuery) (Page, error) {
		return Page{Lines: []Line{{At: 5, Text: "line"}}, End: Position{Token: "end"}, Next: Position{Token: "end"}, Ended: true}, nil
	}
	q := MergeQuery{Logs: []Log{{Attempt: attempt("a")}}, Keep: everything, Limit: 10, Bytes: 100}
	for _, token := range []string{"", "guessed", `{"t":5,"n":null}`, `{"t":"5"}`, `{"t":5,"n":[1]}`} {
		q.Places = []Place{{Token: token}}
		if _, err := MergePages(t.Context(), one, q); !errors.Is(err, ErrPosition) {
			t.Errorf("%q: %v", token, err)
		}
	}
	q.Places = []Place{{Token: `{"t":5,"n":{"a/1":-7,"b/1":3}}`}} // it is a place, however unlikely
	if page, err := MergePages(t.Context(), one, q); err != nil || len(page.Lines) != 1 {
		t.Errorf("%+v, %v", page, err)
	}
}

// TestOnlyLogsOfTheTimeAreRead merges the logs of a thousand attempts that ran one after another, in pages of ten lines: of each page, those
// logs are read whose attempts may have written meanwhile.
func TestOnlyLogsOfTheTimeAreRead(t *testing.T) {
	const attempts, apart = 1000, 5 * time.Minute
	began := batch.Time(1_000_000_000)
	q := MergeQuery{Keep: everything, Limit: 10, Bytes: 1 << 20}
	for i := range attempts {
		q.Logs = append(q.Logs, Log{Attempt: attempt(fmt.Sprint("job", i)), Began: began, Stopped: began.Add(time.Minute)})
		began = began.Add(apart)
	}
	reads, most, lines := 0, 0, 0
	two := func(_ context.Context, q PageQuery) (Page, error) {
		reads++
		page := Page{End: Position{Token: "end"}, Next: Position{Token: "end"}, Ended: true}
		for _, at := range []batch.Time{q.Log.Began, q.Log.Stopped} {
			if q.Window.Holds(at) {
				page.Lines = append(page.Lines, Line{At: at, Text: "line"})
			}
		}
		return page, nil
	}
	for {
		page, err := MergePages(t.Context(), two, q)
		if err != nil {
			t.Fatal(err)
		}
		most, reads, lines = max(most, reads), 0, lines+len(page.Lines)
		if q.Places = page.Places; !page.More {
			break
		}
	}
	if most > 10 || lines != 2*attempts {
		t.Errorf("%d lines, and a page read %d logs", lines, most)
	}
}

// TestAClockThatIsWrong has an attempt whose lines are from long before it began: they come late, and nothing comes twice.
func TestAClockThatIsWrong(t *testing.T) {
	hour := batch.Time(time.Hour.Milliseconds())
	times := map[batch.AttemptID][]batch.Time{attempt("right"): {10 * hour, 12 * hour}, attempt("wrong"): {9 * hour, 9*hour + 1, 13 * hour}}
	q := MergeQuery{Keep: everything, Limit: 1, Bytes: 100, Logs: []Log{
		{Attempt: attempt("right"), Began: 10 * hour, Stopped: 12 * hour}, {Attempt: attempt("wrong"), Began: 11 * hour, Stopped: 13 * hour},
	}}
	whole := func(_ context.Context, q PageQuery) (Page, error) {
		page := Page{End: Position{Token: "end"}, Next: Position{Token: "end"}, Ended: true}
		for _, at := range times[q.Log.Attempt] {
			if q.Window.Holds(at) {
				page.Lines = append(page.Lines, Line{At: at})
			}
		}
		return page, nil
	}
	seen := map[batch.Time]int{}
	for {
		page, err := MergePages(t.Context(), whole, q)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range page.Lines {
			seen[line.At]++
		}
		if q.Places = page.Places; !page.More {
			break
		}
	}
	for at, n := range seen {
		if n != 1 {
			t.Errorf("the line of %d came %d times", at, n)
		}
	}
	if seen[10*hour] != 1 || seen[12*hour] != 1 || seen[13*hour] != 1 {
		t.Errorf("lines came %v", seen)
	}
}
