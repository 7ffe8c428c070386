package sqlstore_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
	"github.com/batchd/terraform-provider-batch/runtime/store/sqlstore"
	"github.com/batchd/terraform-provider-batch/runtime/store/sqlstore/sqlite"
)

const queueID = "0b7a3e0e-6d0c-4a55-9f43-0c8f2f3d9a11"

// single is a queued single job as a client would submit it.
func single(seq int64) batch.Job {
	return batch.Job{
		ID: batch.JobID(uuid.NewString()), Seq: seq, Name: fmt.Sprintf("price-%d", seq%1000), QueueID: queueID, QueueName: "default",
		Definition: batch.DefinitionRef{Name: "price", Revision: 3}, Status: batch.Runnable, CreatedAt: 1_790_000_000_000 + batch.Time(seq),
		Shape: batch.Shape{MilliCPU: 1000, MemoryMiB: 512}, Retry: batch.Retry{Attempts: 1}, Token: fmt.Sprintf("token-%d", seq),
	}
}

func specOf(j *batch.Job) batch.Spec {
	return batch.Spec{
		Job: j.ID, Definition: j.Definition, Retry: j.Retry, Parameters: map[string]string{"strike": "100"},
		Container: batch.Container{Command: []string{"sh", "-c", "price Ref::strike"}, Shape: j.Shape},
		Body:      []byte(`{"jobName":"price","jobQueue":"default","jobDefinition":"price:3","parameters":{"strike":"100"}}`),
	}
}

func arrayOf(seq int64, size int32) batch.Job {
	j := single(seq)
	j.Size, j.Status = size, batch.Pending
	j.Array = &batch.Array{Unborn: batch.Unborn{Status: batch.Runnable, At: j.CreatedAt}}
	j.Array.Counts[batch.Runnable] = size
	return j
}

// life makes the deltas of one child: started, running, ended.
type life struct {
	array batch.Job
	lines int64
}

func (l *life) move(d *batch.Delta, child *batch.Job, to batch.Status) {
	l.lines++
	d.Transitions = append(d.Transitions, batch.Transition{Seq: l.lines, Job: child.ID, From: child.Status, To: to, At: child.CreatedAt + batch.Time(l.lines)})
	child.Status = to
}

func (l *life) start(d *batch.Delta, index int32) {
	child := l.array.Synthesise(index)
	child.Attempt = 1
	child.Run = &batch.Run{Environment: "local", Host: batch.LocalHost, OrderedAt: child.CreatedAt + 500}
	l.move(d, &child, batch.Starting)
	d.Jobs = append(d.Jobs, child)
}

func (l *life) end(d *batch.Delta, index int32) {
	child := l.array.Synthesise(index)
	child.Status = batch.Starting
	code := int32(0)
	child.Attempt, child.StartedAt, child.StoppedAt, child.ExitCode = 1, child.CreatedAt+510, child.CreatedAt+530, &code
	l.move(d, &child, batch.Running)
	l.move(d, &child, batch.Succeeded)
	child.ContentKey = fmt.Sprintf("%016x%016x", uint64(index+1)*0x9e3779b97f4a7c15, uint64(index))
	child.Result = child.AttemptID()
	d.Jobs = append(d.Jobs, child)
	d.Attempts = append(d.Attempts, batch.Attempt{
		ID: child.AttemptID(), Environment: "local", Host: batch.LocalHost, StartedAt: child.StartedAt, StoppedAt: child.StoppedAt,
		StatusReason: "Essential container in task exited", ExitCode: &code,
		Log:   batch.LogRef{Span: batch.LogSpan{From: batch.LogPosition{Segment: 3, Offset: 100_000}, To: batch.LogPosition{Segment: 3, Offset: 100_500}, Bytes: 400}},
		Usage: batch.Usage{CPUMillis: 12, MaxRSSKiB: 3000},
	})
	d.Results = append(d.Results, batch.Result{Attempt: child.Result, Body: []byte(`{"price": 10.450583, "stderr": 0.0123}`)})
}

// BenchmarkSubmit commits rounds of new single jobs with their specs.
func BenchmarkSubmit(b *testing.B) {
	for _, n := range []int{1, 10, 100, 1000, 10_000} {
		b.Run(fmt.Sprintf("jobs=%d", n), func(b *testing.B) {
			s := open(b, filepath.Join(b.TempDir(), "state.db"))
			seq, lines := int64(0), int64(0)
			for b.Loop() {
				b.StopTimer()
				var d batch.Delta
				for range n {
					seq++
					lines++
					j := single(seq)
					d.Jobs, d.Specs = append(d.Jobs, j), append(d.Specs, specOf(&j))
					d.Transitions = append(d.Transitions, batch.Transition{Seq: lines, Job: j.ID, To: batch.Runnable, At: j.CreatedAt})
				}
				b.StartTimer()
				mustCommit(b, s, &d)
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(n), "us/job")
		})
	}
}

// BenchmarkChildren runs an array of 10,000, so many children to a commit: each is
// started in one commit and ended, with attempt and result, in a later one.
func BenchmarkChildren(b *testing.B) {
	const size = 10_000
	for _, n := range []int32{1, 10, 100, 1000, size} {
		b.Run(fmt.Sprintf("commit=%d", n), func(b *testing.B) {
			s := open(b, filepath.Join(b.TempDir(), "state.db"))
			l := life{}
			for seq := int64(1); b.Loop(); seq++ {
				l.array = arrayOf(seq, size)
				mustCommit(b, s, &batch.Delta{Jobs: []batch.Job{l.array}})
				for from := int32(0); from < size; from += n {
					started, ended := batch.Delta{Jobs: []batch.Job{l.array}}, batch.Delta{Jobs: []batch.Job{l.array}}
					for i := from; i < from+n; i++ {
						l.start(&started, i)
					}
					mustCommit(b, s, &started)
					for i := from; i < from+n; i++ {
						l.end(&ended, i)
					}
					mustCommit(b, s, &ended)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/size, "us/child")
		})
	}
}

// BenchmarkLoad opens and loads a store with queued single jobs in it.
func BenchmarkLoad(b *testing.B) {
	const jobs = 100_000
	path := filepath.Join(b.TempDir(), "state.db")
	s := open(b, path)
	var d batch.Delta
	for seq := range int64(jobs) {
		j := single(seq + 1)
		d.Jobs, d.Specs = append(d.Jobs, j), append(d.Specs, specOf(&j))
	}
	mustCommit(b, s, &d)
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		s := reopened(b, path)
		snapshot, err := s.Load(b.Context())
		if err != nil || len(snapshot.Jobs) != jobs {
			b.Fatal(len(snapshot.Jobs), err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(info.Size())/jobs, "fileB/job")
}

// BenchmarkLoadArray opens and loads a store with an array of a million children, of which
// so many ended with a row.
func BenchmarkLoadArray(b *testing.B) {
	const size = 1_000_000
	for _, ended := range []int32{0, 100_000, size - 1} {
		b.Run(fmt.Sprintf("ended=%d", ended), func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "state.db")
			s := open(b, path)
			l := life{array: arrayOf(1, size)}
			mustCommit(b, s, &batch.Delta{Jobs: []batch.Job{l.array}})
			for from := int32(0); from < ended; from += 10_000 {
				var d batch.Delta
				for i := from; i < min(from+10_000, ended); i++ {
					l.end(&d, i)
				}
				l.array.Array.Counts[batch.Succeeded] += int32(len(d.Jobs))
				mustCommit(b, s, &batch.Delta{Jobs: append(d.Jobs, l.array)})
			}
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				s := reopened(b, path)
				snapshot, err := s.Load(b.Context())
				if err != nil || len(snapshot.Ended) != int(ended) {
					b.Fatal(len(snapshot.Ended), err)
				}
				if err := s.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkQueries asks a store of 100,000 queued jobs and one array of 10,000 ended children.
func BenchmarkQueries(b *testing.B) {
	s := open(b, filepath.Join(b.TempDir(), "state.db"))
	var d batch.Delta
	for seq := range int64(100_000) {
		j := single(seq + 1)
		if seq%1000 == 0 {
			j.Needs = []batch.Need{{Resource: "licence", Quantity: 1}}
		}
		d.Jobs = append(d.Jobs, j)
	}
	l := life{array: arrayOf(100_001, 10_000)}
	var ids, one []batch.JobID
	var keys []string
	for i := range int32(10_000) {
		l.end(&d, i)
		ids = append(ids, l.array.ID.Child(i))
		keys = append(keys, d.Jobs[len(d.Jobs)-1].ContentKey)
	}
	one = []batch.JobID{d.Jobs[777].ID}
	d.Jobs = append(d.Jobs, l.array)
	mustCommit(b, s, &d)
	ctx := b.Context()
	for name, ask := range map[string]func() (any, error){
		"Jobs/1":           func() (any, error) { return s.Jobs(ctx, one) },
		"Jobs/100children": func() (any, error) { return s.Jobs(ctx, ids[:100]) },
		"JobByToken":       func() (any, error) { _, _, err := s.JobByToken(ctx, "token-5"); return nil, err },
		"Succeeded/10000":  func() (any, error) { return s.Succeeded(ctx, store.SucceededQuery{Keys: keys}) },
		"Counts":           func() (any, error) { return s.Counts(ctx) },
		"FirstTransition":  func() (any, error) { return s.FirstTransition(ctx) },
		"Transitions/100":  func() (any, error) { return s.Transitions(ctx, 15_000, 100) },
		"ListJobs/queue100": func() (any, error) {
			return s.ListJobs(ctx, store.JobQuery{Queue: queueID, AfterSeq: 50_000, Limit: 100})
		},
		"ListJobs/running": func() (any, error) {
			return s.ListJobs(ctx, store.JobQuery{Queue: queueID, Statuses: []batch.Status{batch.Running}, Limit: 100})
		},
		"ListJobs/needing100": func() (any, error) {
			return s.ListJobs(ctx, store.JobQuery{Consumable: "licence", Statuses: []batch.Status{batch.Runnable}, Limit: 100})
		},
		"Children/10000": func() (any, error) { return s.Children(ctx, l.array.ID) },
		"ListJobs/array100": func() (any, error) {
			return s.ListJobs(ctx, store.JobQuery{Array: l.array.ID, AfterIndex: 5000, Limit: 100})
		},
		"Attempts/100": func() (any, error) { return s.Attempts(ctx, ids[:100]) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := ask(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func reopened(b *testing.B, path string) *sqlstore.Store {
	b.Helper()
	s, err := sqlstore.Open(b.Context(), sqlstore.Options{Database: sqlite.New(path)})
	if err != nil {
		b.Fatal(err)
	}
	return s
}

func mustCommit(b testing.TB, s *sqlstore.Store, d *batch.Delta) {
	b.Helper()
	if err := s.Commit(context.Background(), d); err != nil {
		b.Fatal(err)
	}
}
