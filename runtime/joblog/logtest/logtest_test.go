package logtest_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
	"github.com/batchd/terraform-provider-batch/runtime/joblog/logtest"
)

func TestRemote(t *testing.T) { logtest.Run(t, remote) }

func TestSegments(t *testing.T) { logtest.Run(t, segments) }

// TestReadersOfSeveralKinds has every other attempt in segments, and the rest in a service.
func TestReadersOfSeveralKinds(t *testing.T) {
	logtest.Run(t, func(t *testing.T) logtest.Subject {
		here, there := segments(t), remote(t)
		of := func(id batch.AttemptID) logtest.Subject {
			if id.Number%2 == 0 {
				return here
			}
			return there
		}
		return logtest.Subject{
			Reader: joblog.Readers{batch.LogSegments: here.Reader, logtest.Kind: there.Reader},
			Write:  func(id batch.AttemptID, at batch.Time, text string) { of(id).Write(id, at, text) },
			Log:    func(id batch.AttemptID, stopped batch.Time) joblog.Log { return of(id).Log(id, stopped) },
		}
	})
}

func remote(*testing.T) logtest.Subject {
	r := logtest.NewRemote()
	return logtest.Subject{Reader: r, Write: r.Write, Log: func(id batch.AttemptID, stopped batch.Time) joblog.Log {
		return joblog.Log{Attempt: id, Ref: logtest.Ref(id), Stopped: stopped}
	}}
}

// segments is a directory of them.
func segments(t *testing.T) logtest.Subject {
	dir := t.TempDir()
	w, err := joblog.OpenWriter(dir, joblog.SeriesHolder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	streams := map[batch.AttemptID]*joblog.Stream{}
	of := func(id batch.AttemptID) *joblog.Stream {
		if streams[id] == nil {
			streams[id] = w.Stream(id)
		}
		return streams[id]
	}
	return logtest.Subject{
		Reader: joblog.OpenDir(dir),
		Write: func(id batch.AttemptID, at batch.Time, text string) {
			of(id).WriteAt([]byte(text+"\n"), at)
			w.Flush()
		},
		Log: func(id batch.AttemptID, stopped batch.Time) joblog.Log {
			span := batch.LogSpan{From: of(id).From()}
			if stopped != 0 {
				span = of(id).Span()
			}
			return joblog.Log{Attempt: id, Ref: batch.LogRef{Span: span}, Stopped: stopped}
		},
	}
}

// TestALateLineIsFollowed has a line appear after one with a later time was read: who follows sees it, once.
func TestALateLineIsFollowed(t *testing.T) {
	id := batch.AttemptID{Job: "j", Number: 1}
	r := logtest.NewRemote()
	log := joblog.Log{Attempt: id, Ref: logtest.Ref(id)}
	r.Write(id, 10, "first")
	r.WriteLate(id, 20, "late")
	r.Write(id, 30, "third")
	var got []string
	q := joblog.PageQuery{Log: log, Window: joblog.Always, Limit: 10}
	follow := func() (ended bool) {
		for {
			p, err := r.Page(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range p.Lines {
				got = append(got, line.Text)
			}
			if q.At = p.Next; p.Empty() || p.Ended {
				return p.Ended
			}
		}
	}
	follow()
	q.Log.Stopped = 40
	if follow() {
		t.Error("a line is on its way, and the page says that nothing follows")
	}
	r.Arrive()
	if ended := follow(); !ended || !slices.Equal(got, []string{"first", "third", "late"}) {
		t.Errorf("followed %q, to the end: %t", got, ended)
	}
}

// TestALogOfNoReader is of an attempt that another driver ran than those that the runtime has now.
func TestALogOfNoReader(t *testing.T) {
	readers := joblog.Readers{batch.LogSegments: joblog.OpenDir(t.TempDir())}
	log := joblog.Log{Attempt: batch.AttemptID{Job: "j", Number: 1}, Ref: logtest.Ref(batch.AttemptID{})}
	_, pageErr := readers.Page(t.Context(), joblog.PageQuery{Log: log, Limit: 1})
	_, lineErr := readers.Unfinished(t.Context(), log, joblog.Position{})
	_, mergeErr := readers.Merge(t.Context(), joblog.MergeQuery{Logs: []joblog.Log{log}, Limit: 1})
	for _, err := range []error{pageErr, lineErr, mergeErr} {
		var refused *batch.Error
		if !errors.As(err, &refused) || refused.Kind != batch.Unavailable {
			t.Errorf("%v", err)
		}
	}
}
