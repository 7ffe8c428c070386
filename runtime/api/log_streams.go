package api

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

type describeLogStreamsRequest struct {
	logGroupRef
	LogStreamNamePrefix string `json:"logStreamNamePrefix"`
	OrderBy             string `json:"orderBy"`
	NextToken           string `json:"nextToken"`
	Limit               *int32 `json:"limit"`
}

// What streams may be ordered by.
const (
	orderByName = "LogStreamName"
	orderByTime = "LastEventTime"
)

type logStreamDetail struct {
	LogStreamName       string `json:"logStreamName"`
	Arn                 string `json:"arn"`
	CreationTime        int64  `json:"creationTime"`
	FirstEventTimestamp int64  `json:"firstEventTimestamp"`
	LastEventTimestamp  int64  `json:"lastEventTimestamp"`
	LastIngestionTime   int64  `json:"lastIngestionTime"`
	StoredBytes         int64  `json:"storedBytes"`
}

type describeLogStreamsResponse struct {
	LogStreams []logStreamDetail `json:"logStreams"`
	NextToken  string            `json:"nextToken,omitempty"`
}

// describeLogStreams lists the streams of jobs whose queue exists: the newest submission first, whatever order is asked
// for, which is about that of LastEventTime, descending. A page may have fewer streams than asked for, even none, and a token.
func (s *server) describeLogStreams(ctx context.Context, q *describeLogStreamsRequest) (describeLogStreamsResponse, error) {
	answer := describeLogStreamsResponse{LogStreams: []logStreamDetail{}}
	if err := s.checkGroup(q.logGroupRef); err != nil {
		return answer, err
	}
	limit := or(q.Limit, maxStreams)
	if limit < 1 || limit > maxStreams {
		return answer, logInvalid("limit: given %d; allowed is 1 to %d", limit, maxStreams)
	}
	switch {
	case q.OrderBy != "" && q.OrderBy != orderByName && q.OrderBy != orderByTime:
		return answer, logInvalid("orderBy: given %q; allowed is %s or %s", shortened(q.OrderBy), orderByName, orderByTime)
	case q.OrderBy == orderByTime && q.LogStreamNamePrefix != "":
		return answer, logInvalid("logStreamNamePrefix: given beside orderBy %s; allowed is only one of them", orderByTime)
	}
	w := streamWalk{server: s, prefix: q.LogStreamNamePrefix, limit: int(limit), at: streamPlace{Index: -1}, found: answer.LogStreams}
	if err := decodeToken(q.NextToken, &w.at); err != nil {
		return answer, logInvalid("%v", err)
	}
	if err := w.walk(ctx); err != nil {
		return answer, err
	}
	answer.LogStreams = w.found
	if w.full {
		answer.NextToken = encodeToken(w.at)
	}
	return answer, nil
}

// streamPlace is where listing goes on: with the submissions before one, of the first of which the children, or nodes, up
// to Index are done, and of the next one the attempts up to Attempt.
type streamPlace struct {
	Before  int64 `json:"s"` // seq of a submission; 0: the newest
	Index   int32 `json:"i"` // -1: none
	Attempt int32 `json:"a,omitempty"`
}

// streamWalk looks for streams until it has enough, or has looked at enough.
type streamWalk struct {
	*server
	prefix string
	limit  int
	looked int
	at     streamPlace
	found  []logStreamDetail
	full   bool
}

func (w *streamWalk) walk(ctx context.Context) error {
	_, task, _ := strings.Cut(w.prefix, "/default/")
	if first, ok := parseTaskID(task[:min(len(task), rootLength)] + "-1"); ok {
		return w.one(ctx, first.Job)
	}
	definition, _, whole := strings.Cut(w.prefix, "/")
	if !whole {
		definition += "*"
	}
	queues, err := w.Store.Queues(ctx, store.NameQuery{})
	if err != nil {
		return err
	}
	for {
		jobs, err := w.newest(ctx, queues, definition)
		if err != nil || len(jobs) == 0 {
			return err
		}
		for _, j := range jobs {
			if err := w.submission(ctx, j); err != nil || w.full {
				return err
			}
			w.at = streamPlace{Before: j.Seq, Index: -1}
		}
	}
}

// newest returns the newest submissions of all queues before the place, in order; none if there are none.
func (w *streamWalk) newest(ctx context.Context, queues []batch.Queue, definition string) ([]batch.Job, error) {
	if len(queues) == 0 {
		return nil, nil
	}
	var all []batch.Job
	limit := max(defaultPage/len(queues), minQueuePage)
	known := int64(0) // of no queue there is another submission from this one on
	for _, q := range queues {
		jobs, err := w.Store.ListJobs(ctx, store.JobQuery{Queue: q.UUID, Definition: definition, Descending: true, AfterSeq: w.at.Before, Limit: limit})
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
	return all, nil
}

// rootLength is how long the part of a stream's name is that stands for its submission.
const rootLength = 32

// one lists the streams of one submission.
func (w *streamWalk) one(ctx context.Context, id batch.JobID) error {
	jobs, err := w.Store.Jobs(ctx, []batch.JobID{id})
	if err != nil || len(jobs) == 0 {
		return err
	}
	return w.submission(ctx, jobs[0])
}

func (w *streamWalk) submission(ctx context.Context, j batch.Job) error {
	if j.Array == nil && j.Nodes == nil {
		return w.add(ctx, []batch.Job{j})
	}
	for {
		children, err := w.Store.ListJobs(ctx, store.JobQuery{Array: j.ID, AfterIndex: w.at.Index, Limit: defaultPage})
		if err != nil || len(children) == 0 {
			return err
		}
		if err := w.add(ctx, children); err != nil || w.full {
			return err
		}
	}
}

// add adds the streams of jobs, as many as there is room for, and moves on behind those children it took.
func (w *streamWalk) add(ctx context.Context, jobs []batch.Job) error {
	if w.looked += len(jobs); w.looked > maxStreamWalk {
		w.full = true
		return nil
	}
	ids := make([]batch.JobID, len(jobs))
	for i, j := range jobs {
		ids[i] = j.ID
	}
	attempts, err := w.Store.Attempts(ctx, ids)
	if err != nil {
		return err
	}
	for _, j := range jobs {
		for _, stream := range w.streamsOf(j, attempts[j.ID]) {
			if len(w.found) == w.limit {
				w.full = true
				return nil
			}
			w.found = append(w.found, stream.logStreamDetail)
			w.at.Attempt = stream.attempt
		}
		w.at.Attempt = 0
		if _, index, part := j.ID.Part(); part {
			w.at.Index = index
		}
	}
	return nil
}

// attemptStream is the stream of an attempt with that number.
type attemptStream struct {
	logStreamDetail
	attempt int32
}

// streamsOf returns the streams of a job that begin with the prefix, without those of attempts that are done.
func (w *streamWalk) streamsOf(j batch.Job, attempts []batch.Attempt) []attemptStream {
	var streams []attemptStream
	add := func(id batch.AttemptID, from batch.LogPosition, began, stopped batch.Time) {
		name := logStream(j, id)
		if from.Segment == 0 || id.Number <= w.at.Attempt || !strings.HasPrefix(name, w.prefix) {
			return
		}
		streams = append(streams, attemptStream{attempt: id.Number, logStreamDetail: logStreamDetail{
			LogStreamName: name, Arn: w.logARN(logGroup) + ":log-stream:" + name, CreationTime: int64(began),
			FirstEventTimestamp: int64(began), LastEventTimestamp: int64(stopped), LastIngestionTime: int64(stopped),
		}})
	}
	for _, a := range attempts {
		add(a.ID, a.Log.From, a.StartedAt, a.StoppedAt)
	}
	if j.Run != nil {
		add(j.AttemptID(), j.Run.Log, j.Run.StartedAt, j.Run.StartedAt)
	}
	return streams
}
