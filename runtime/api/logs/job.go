package logs

import (
	"context"
	"errors"
	"slices"
	"unicode/utf8"

	"github.com/batchd/terraform-provider-batch/runtime/api/pagetoken"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/describe"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// logPlace is where reading a log goes on.
type logPlace struct {
	Attempt int32           `json:"a"`
	At      joblog.Position `json:"p"`
}

// OfJob answers lines of one attempt: the one asked for, else the latest and those that follow it. While
// it runs, the last page has a token that goes on where the output ended so far.
func (s *Service) OfJob(ctx context.Context, q *wire.LogsRequest) (wire.LogsResponse, error) {
	answer := wire.LogsResponse{Events: []wire.LogEvent{}}
	at := logPlace{Attempt: wire.Or(q.Attempt, 0)}
	if err := pagetoken.Decode(q.NextToken, &at); err != nil {
		return answer, err
	}
	var j batch.Job
	var log joblog.Log
	err := s.Store.Together(ctx, func(r store.Reader) (err error) {
		if j, err = s.writer(ctx, r, q.JobID); err == nil {
			log, err = s.logOf(ctx, r, j, at.Attempt)
		}
		return err
	})
	if err != nil {
		return answer, err
	}
	if log.Ref.IsZero() {
		answer.Ended, at = ends(q, j, log, at)
		answer.NextToken = pagetoken.Encode(at)
		return answer, nil
	}
	query := joblog.PageQuery{Log: log, At: at.At, Window: joblog.Always, Limit: int(wire.Or(q.Limit, defaultLogEvents)), Backward: q.Tail && q.NextToken == ""}
	page, err := s.page(ctx, query)
	if err != nil {
		return answer, err
	}
	for _, line := range page.Lines {
		answer.Events = append(answer.Events, logEvent(line, q.Raw))
	}
	answer.Dropped = log.Ref.Span.Dropped
	if log.Stopped == 0 {
		if answer.Unfinished, err = s.unfinished(ctx, log, page.Next, q.Raw); err != nil {
			return answer, err
		}
	}
	at = logPlace{Attempt: log.Attempt.Number, At: page.Next}
	if page.Ended {
		answer.Ended, at = ends(q, j, log, at)
	}
	answer.NextToken = pagetoken.Encode(at)
	return answer, nil
}

// page reads a page of a log. A position that its reader did not make is a token that was not made here.
func (s *Service) page(ctx context.Context, q joblog.PageQuery) (joblog.Page, error) {
	page, err := s.Logs.Page(ctx, q)
	if errors.Is(err, joblog.ErrPosition) {
		err = pagetoken.Foreign()
	}
	return page, err
}

// writer is the job whose output a request for that of a job means: of a multi-node job, its main node.
func (s *Service) writer(ctx context.Context, r store.Reader, id string) (batch.Job, error) {
	j, err := describe.Job(ctx, r, s.Place, id)
	switch {
	case err != nil:
		return j, err
	case j.Array != nil:
		return j, batch.Errorf(batch.InvalidRequest, "job %s is an array and has no output of its own; ask for a child, for example %s", j.ID, j.ID.Child(0))
	case j.Nodes != nil:
		return describe.Job(ctx, r, s.Place, string(j.ID.Node(j.Nodes.Main)))
	default:
		return j, nil
	}
}

// logEvent is an event of a line. Only a request for the bytes as they were written is told that the last line has no end.
func logEvent(line joblog.Line, raw bool) wire.LogEvent {
	if raw {
		return wire.LogEvent{Timestamp: int64(line.At), Data: []byte(line.Text), Continues: line.Open}
	}
	return wire.LogEvent{Timestamp: int64(line.At), Message: line.Text, Continues: line.Open && len(line.Text) >= joblog.MaxLineBytes}
}

// unfinished returns what is there of the line that follows a page; nil if nothing is. A character that is not whole is left
// out of its message, so that what is added later only makes it longer.
func (s *Service) unfinished(ctx context.Context, log joblog.Log, at joblog.Position, raw bool) (*wire.LogEvent, error) {
	line, err := s.Logs.Unfinished(ctx, log, at)
	if err != nil || line.Text == "" {
		return nil, err
	}
	if !raw {
		line.Text = wholeCharacters(line.Text)
	}
	e := logEvent(line, raw)
	return &e, nil
}

// wholeCharacters cuts off the beginning of a character at the end of text.
func wholeCharacters(text string) string {
	for i := len(text) - 1; i >= max(0, len(text)-utf8.UTFMax); i-- {
		if utf8.RuneStart(text[i]) {
			if !utf8.FullRuneInString(text[i:]) {
				return text[:i]
			}
			break
		}
	}
	return text
}

// ends says, at the end of what an attempt has written, whether nothing will follow and where reading goes
// on: a request that names no attempt goes on with the next one.
func ends(q *wire.LogsRequest, j batch.Job, log joblog.Log, at logPlace) (bool, logPlace) {
	switch {
	case q.Attempt != nil:
		return log.Stopped != 0 || j.Status.Terminal(), at
	case at.Attempt > 0 && at.Attempt < j.Attempt:
		return false, logPlace{Attempt: at.Attempt + 1}
	default:
		return j.Status.Terminal(), at
	}
}

// logOf finds the log of an attempt; number 0 is the latest. Its reference is zero if the attempt has not begun. A job that took the
// result of another has the log of that one.
func (s *Service) logOf(ctx context.Context, r store.Reader, j batch.Job, number int32) (joblog.Log, error) {
	id := j.ID
	if j.ReusedFrom != "" {
		id = j.ReusedFrom
	}
	attempts, err := r.Attempts(ctx, []batch.JobID{id})
	if err != nil {
		return joblog.Log{}, err
	}
	ended := attempts[id]
	if running := j.Run; running != nil && (number == 0 || number == j.Attempt) {
		return joblog.Log{Attempt: j.AttemptID(), Ref: running.Log, Began: running.StartedAt}, nil
	}
	if number == 0 && len(ended) > 0 {
		number = ended[len(ended)-1].ID.Number
	}
	i := slices.IndexFunc(ended, func(a batch.Attempt) bool { return a.ID.Number == number })
	switch {
	case i >= 0:
		return joblog.Log{Attempt: ended[i].ID, Ref: ended[i].Log, Began: ended[i].StartedAt, Stopped: ended[i].StoppedAt}, nil
	case number == 0 || number <= j.Attempt:
		return joblog.Log{}, nil
	default:
		return joblog.Log{}, batch.Errorf(batch.NotFound, "attempt: job %s has no attempt %d; it has had %d", j.ID, number, j.Attempt)
	}
}
