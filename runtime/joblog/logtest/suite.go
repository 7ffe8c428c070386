package logtest

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
)

// Subject is a reader and what the suite needs around it.
type Subject struct {
	Reader joblog.Reader
	// Write adds a line to the log of an attempt. Times of one attempt do not fall.
	Write func(attempt batch.AttemptID, at batch.Time, text string)
	// Log is the log of an attempt as it is now; stopped is 0 if the attempt runs.
	Log func(attempt batch.AttemptID, stopped batch.Time) joblog.Log
}

// Run tests a reader. newSubject makes one without logs, which ends with the test.
func Run(t *testing.T, newSubject func(t *testing.T) Subject) {
	for name, test := range map[string]func(*testing.T, Subject){
		"pages forward and backward":   testPages,
		"a log that grows is followed": testFollow,
		"from the tail on":             testTail,
		"a range of time":              testWindow,
		"logs are merged by time":      testMerge,
		"pages of a merge":             testMergedPages,
		"a position of nobody":         testPosition,
	} {
		t.Run(name, func(t *testing.T) { test(t, newSubject(t)) })
	}
}

// first is the attempt of most tests, and stopped when it ended.
var first = batch.AttemptID{Job: "first", Number: 1}

const stopped = batch.Time(1_000_000)

// write adds n lines, one each ten milliseconds, and returns their texts.
func (s *Subject) write(attempt batch.AttemptID, n int) (texts []string) {
	for i := range n {
		text := fmt.Sprintf("%s line %d", attempt, i)
		s.Write(attempt, batch.Time(1000+10*i), text)
		texts = append(texts, text)
	}
	return texts
}

// query asks for the log of first as it is.
func (s *Subject) query(stopped batch.Time, limit int) joblog.PageQuery {
	return joblog.PageQuery{Log: s.Log(first, stopped), Window: joblog.Always, Limit: limit, Bytes: 1 << 20}
}

func (s *Subject) page(t *testing.T, q joblog.PageQuery) (joblog.Page, []string) {
	t.Helper()
	p, err := s.Reader.Page(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, line := range p.Lines {
		texts = append(texts, line.Text)
	}
	if len(texts) > q.Limit {
		t.Errorf("a page of %d lines, at most %d were asked for", len(texts), q.Limit)
	}
	return p, texts
}

// Every line comes once, in order, whatever the size of pages, and the last page says so by having no lines and the place that it
// was asked for.
func testPages(t *testing.T, s Subject) {
	want := s.write(first, 20)
	for _, stopped := range []batch.Time{0, stopped} {
		for _, limit := range []int{1, 2, 7, 100} {
			var forward, backward []string
			q := s.query(stopped, limit)
			for {
				p, texts := s.page(t, q)
				forward = append(forward, texts...)
				if p.Empty() {
					if !q.At.IsZero() && p.End != q.At {
						t.Errorf("at the end the page goes on at %+v, not where it was asked for", p.End)
					}
					if p.Ended != (stopped != 0) {
						t.Errorf("the attempt stopped at %d, and nothing follows: %t", stopped, p.Ended)
					}
					break
				}
				q.At = p.End
			}
			q = s.query(stopped, limit)
			q.Backward = true
			for {
				p, texts := s.page(t, q)
				backward = append(texts, backward...)
				if p.Empty() {
					break
				}
				q.At = p.Start
			}
			if !slices.Equal(forward, want) || !slices.Equal(backward, want) {
				t.Errorf("by %d, stopped at %d: forward %q, backward %q", limit, stopped, forward, backward)
			}
		}
	}
	if all, err := joblog.All(t.Context(), s.Reader, s.Log(first, stopped)); err != nil || len(all) != len(want) {
		t.Errorf("All reads %d lines, %v", len(all), err)
	}
}

// Who goes on at Next sees each line once, and learns of the end.
func testFollow(t *testing.T, s Subject) {
	var got, want []string
	q := s.query(0, 4)
	if p, texts := s.page(t, q); len(texts) > 0 || p.Ended {
		t.Errorf("nothing was written, and the page is %+v", p)
	}
	follow := func(stopped batch.Time) (ended bool) {
		q.Log = s.Log(first, stopped)
		for {
			p, texts := s.page(t, q)
			got, q.At = append(got, texts...), p.Next
			if p.Empty() || p.Ended {
				return p.Ended
			}
		}
	}
	for i := range 5 {
		text := fmt.Sprint("line ", i)
		s.Write(first, batch.Time(1000+i), text)
		want = append(want, text)
		if i%2 == 0 && follow(0) {
			t.Error("the attempt runs, and the page says that nothing follows")
		}
	}
	if !follow(stopped) || !slices.Equal(got, want) {
		t.Errorf("followed %q, want %q and the end", got, want)
	}
}

// Who begins with the last lines can go on with what comes later, and back to what came before.
func testTail(t *testing.T, s Subject) {
	want := s.write(first, 10)
	q := s.query(0, 2)
	q.Backward = true
	tail, texts := s.page(t, q)
	if !slices.Equal(texts, want[8:]) {
		t.Fatalf("the tail is %q", texts)
	}
	q.At = tail.Start
	if _, texts := s.page(t, q); len(texts) == 0 || texts[len(texts)-1] != want[7] {
		t.Errorf("before the tail there is %q", texts)
	}
	s.Write(first, 2000, "later")
	for name, at := range map[string]joblog.Position{"End": tail.End, "Next": tail.Next} {
		q := s.query(0, 2)
		q.At = at
		if _, texts := s.page(t, q); !slices.Equal(texts, []string{"later"}) {
			t.Errorf("after %s of the tail there is %q", name, texts)
		}
	}
}

func testWindow(t *testing.T, s Subject) {
	want := s.write(first, 20)
	for _, backward := range []bool{false, true} {
		var got []string
		q := s.query(stopped, 2)
		q.Window, q.Backward = joblog.Window{From: 1050, To: 1100}, backward
		for {
			p, texts := s.page(t, q)
			if p.Empty() {
				break
			}
			if q.At = p.End; backward {
				q.At, texts, got = p.Start, append(texts, got...), nil
			}
			got = append(got, texts...)
		}
		if !slices.Equal(got, want[5:10]) {
			t.Errorf("backward %t: %q", backward, got)
		}
	}
}

func testPosition(t *testing.T, s Subject) {
	s.write(first, 1)
	q := s.query(0, 1)
	q.At.Token = "guessed"
	if _, err := s.Reader.Page(t.Context(), q); !errors.Is(err, joblog.ErrPosition) {
		t.Errorf("a page from there on: %v", err)
	}
}
