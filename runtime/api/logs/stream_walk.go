package logs

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/describe"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// streamPlace is where listing goes on: with the submissions before one, of the first of which the children, or nodes, up
// to Index are done, and of the next one the attempts up to Attempt.
type streamPlace struct {
	Before  int64 `json:"s"` // seq of a submission; 0: the newest
	Index   int32 `json:"i"` // -1: none
	Attempt int32 `json:"a,omitempty"`
}

// streamWalk looks for streams until it has enough, or has looked at enough.
type streamWalk struct {
	*Service
	rows   store.Reader // of one moment: an attempt that has ended in one of them runs in none
	group  batch.LogGroup
	prefix string
	since  batch.Time   // submissions that ended before are passed over
	until  *streamPlace // where it ends, if not with the oldest submission
	limit  int          // streams
	most   int          // jobs
	looked int
	at     streamPlace
	first  int64 // seq of the first submission it met
	found  []attemptStream
	full   bool // there may be more
	// definitions are the definitions of the submissions that are looked at.
	definitions map[batch.DefinitionRef]*describe.Definition
}

func (w *streamWalk) walk(ctx context.Context) error {
	task := w.prefix[strings.LastIndexByte(w.prefix, '/')+1:]
	if first, ok := describe.ParseTaskID(task[:min(len(task), rootLength)] + "-1"); ok {
		return w.one(ctx, first.Job)
	}
	queues, err := w.rows.Queues(ctx, store.NameQuery{})
	if err != nil {
		return err
	}
	for {
		jobs, err := w.newest(ctx, queues)
		if err != nil || len(jobs) == 0 {
			return err
		}
		w.first = cmp.Or(w.first, jobs[0].Seq)
		for _, j := range jobs {
			last, upTo := false, int32(math.MaxInt32)
			if w.until != nil && j.Seq < w.until.Before {
				last, upTo = true, w.until.Index
			}
			if last && upTo < 0 {
				return nil
			}
			switch {
			case !w.definitions[j.Definition].WritesTo(w.group.Name):
				w.look(1)
			case j.StoppedAt == 0 || j.StoppedAt >= w.since:
				err = w.submission(ctx, j, upTo)
			}
			if err != nil || w.full || last {
				return err
			}
			w.at = streamPlace{Before: j.Seq, Index: -1}
		}
	}
}

// definition is a pattern of the definitions whose streams begin with the prefix. Only where every stream of the group begins
// with the name of a definition does the prefix say something of it.
func (w *streamWalk) definition() string {
	if w.group.Prefixed {
		return "*"
	}
	name, _, whole := strings.Cut(w.prefix, "/")
	if !whole {
		name += "*"
	}
	return name
}

// look counts jobs that are looked at, and reports whether there may be as many.
func (w *streamWalk) look(jobs int) bool {
	w.looked += jobs
	w.full = w.full || w.looked > w.most
	return !w.full
}

// newest returns the newest submissions of all queues before the place, in order; none if there are none.
func (w *streamWalk) newest(ctx context.Context, queues []batch.Queue) ([]batch.Job, error) {
	if len(queues) == 0 {
		return nil, nil
	}
	var all []batch.Job
	limit := max(walkPage/len(queues), minQueuePage)
	known := int64(0) // of no queue there is another submission from this one on
	for _, q := range queues {
		jobs, err := w.rows.ListJobs(ctx, store.JobQuery{Queue: q.UUID, Definition: w.definition(), Descending: true, AfterSeq: w.at.Before, Limit: limit})
		if err != nil {
			return nil, err
		}
		if len(jobs) == limit {
			known = max(known, jobs[limit-1].Seq)
		}
		all = append(all, jobs...)
	}
	all = slices.DeleteFunc(all, func(j batch.Job) bool { return j.Seq < known })
	slices.SortFunc(all, func(a, b batch.Job) int { return cmp.Compare(b.Seq, a.Seq) })
	var err error
	w.definitions, err = describe.Definitions(ctx, w.rows, all)
	return all, err
}

// rootLength is how long the part of a stream's name is that stands for its submission.
const rootLength = 32

// one lists the streams of one submission.
func (w *streamWalk) one(ctx context.Context, id batch.JobID) error {
	jobs, err := w.rows.Jobs(ctx, []batch.JobID{id})
	if err != nil || len(jobs) == 0 {
		return err
	}
	w.first = jobs[0].Seq
	if w.definitions, err = describe.Definitions(ctx, w.rows, jobs); err != nil {
		return err
	}
	upTo := int32(math.MaxInt32)
	if w.until != nil {
		upTo = w.until.Index
	}
	return w.submission(ctx, jobs[0], upTo)
}

// submission lists the streams of a submission, of its children or nodes up to an index.
func (w *streamWalk) submission(ctx context.Context, j batch.Job, upTo int32) error {
	if j.Array == nil && j.Nodes == nil {
		return w.add(ctx, []batch.Job{j})
	}
	for {
		children, err := w.rows.ListJobs(ctx, store.JobQuery{Array: j.ID, AfterIndex: w.at.Index, Limit: walkPage})
		if err != nil || len(children) == 0 {
			return err
		}
		behind := slices.IndexFunc(children, func(child batch.Job) bool {
			_, index, _ := child.ID.Part()
			return index > upTo
		})
		if behind >= 0 {
			return w.add(ctx, children[:behind])
		}
		if err := w.add(ctx, children); err != nil || w.full {
			return err
		}
	}
}

// add adds the streams of jobs, as many as there is room for, and moves on behind those children it took.
func (w *streamWalk) add(ctx context.Context, jobs []batch.Job) error {
	if !w.look(len(jobs)) {
		return nil
	}
	ids := make([]batch.JobID, len(jobs))
	for i, j := range jobs {
		ids[i] = j.ID
	}
	attempts, err := w.rows.Attempts(ctx, ids)
	if err != nil {
		return err
	}
	for _, j := range jobs {
		for _, stream := range w.streamsOf(j, attempts[j.ID]) {
			if len(w.found) == w.limit {
				w.full = true
				return nil
			}
			w.found = append(w.found, stream)
			w.at.Attempt = stream.Attempt.Number
		}
		w.at.Attempt = 0
		if _, index, part := j.ID.Part(); part {
			w.at.Index = index
		}
	}
	return nil
}

// attemptStream is the stream of an attempt.
type attemptStream struct {
	joblog.Log
	name string
}

// last is when the stream has, as far as is known, its last event.
func (a attemptStream) last() batch.Time { return cmp.Or(a.Stopped, a.Began) }

// streamsOf returns the streams of a job that begin with the prefix, without those of attempts that are done.
func (w *streamWalk) streamsOf(j batch.Job, attempts []batch.Attempt) []attemptStream {
	definition := w.definitions[j.Definition]
	if definition.LogName(j.ID).Group != w.group.Name {
		return nil
	}
	var streams []attemptStream
	add := func(log joblog.Log) {
		name := definition.LogStream(log.Attempt)
		if !log.Ref.IsZero() && log.Attempt.Number > w.at.Attempt && strings.HasPrefix(name, w.prefix) {
			streams = append(streams, attemptStream{log, name})
		}
	}
	for _, a := range attempts {
		add(joblog.Log{Attempt: a.ID, Ref: a.Log, Began: a.StartedAt, Stopped: a.StoppedAt})
	}
	if j.Run != nil {
		add(joblog.Log{Attempt: j.AttemptID(), Ref: j.Run.Log, Began: j.Run.StartedAt})
	}
	return streams
}
