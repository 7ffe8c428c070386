package api

import (
	"context"
	"slices"
	"unicode/utf8"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// logPlace is where reading a log goes on.
type logPlace struct {
	Attempt int32             `json:"a"`
	At      batch.LogPosition `json:"p"`
}

// output is where the output of one attempt lies.
type output struct {
	attempt  batch.AttemptID
	from, to batch.LogPosition // to is zero while it runs
	known    bool              // it has begun
	ended    bool
	began    batch.Time
	stopped  batch.Time // 0 while it runs
	dropped  int64      // bytes that are missing
}

// isEnd reports whether nothing lies at a position or behind it, now or later.
func (o output) isEnd(at batch.LogPosition) bool {
	return o.ended && (at.Segment > o.to.Segment || at.Segment == o.to.Segment && at.Offset >= o.to.Offset)
}

// logs answers lines of one attempt: the one asked for, else the latest and those that follow it. While
// it runs, the last page has a token that goes on where the output ended so far.
func (s *server) logs(ctx context.Context, _ call, q *wire.LogsRequest) (wire.LogsResponse, error) {
	answer := wire.LogsResponse{Events: []wire.LogEvent{}}
	at := logPlace{Attempt: or(q.Attempt, 0)}
	if err := decodeToken(q.NextToken, &at); err != nil {
		return answer, err
	}
	var j batch.Job
	var out output
	err := s.Store.Together(ctx, func(r store.Reader) (err error) {
		if j, err = s.writer(ctx, r, q.JobID); err == nil {
			out, err = s.outputOf(ctx, r, j, at.Attempt)
		}
		return err
	})
	if err != nil {
		return answer, err
	}
	if !out.known {
		answer.Ended, at = ends(q, j, out, at)
		answer.NextToken = encodeToken(at)
		return answer, nil
	}
	if at.At.IsZero() {
		at.At = out.from
	}
	lines, next, err := s.lines(ctx, out, at.At, int(or(q.Limit, defaultLogEvents)), q.Tail && q.NextToken == "")
	if err != nil {
		return answer, err
	}
	for _, line := range lines {
		answer.Events = append(answer.Events, logEvent(line, q.Raw))
	}
	answer.Dropped = out.dropped
	if !out.ended {
		if answer.Unfinished, err = s.unfinished(ctx, out, next, q.Raw); err != nil {
			return answer, err
		}
	}
	at = logPlace{Attempt: out.attempt.Number, At: next}
	if out.ended && (len(lines) == 0 || out.isEnd(next)) {
		answer.Ended, at = ends(q, j, out, at)
	}
	answer.NextToken = encodeToken(at)
	return answer, nil
}

// writer is the job whose output a request for that of a job means: of a multi-node job, its main node.
func (s *server) writer(ctx context.Context, r store.Reader, id string) (batch.Job, error) {
	j, err := s.job(ctx, r, id)
	switch {
	case err != nil:
		return j, err
	case j.Array != nil:
		return j, batch.Errorf(batch.InvalidRequest, "job %s is an array and has no output of its own; ask for a child, for example %s", j.ID, j.ID.Child(0))
	case j.Nodes != nil:
		return s.job(ctx, r, string(j.ID.Node(j.Nodes.Main)))
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
func (s *server) unfinished(ctx context.Context, out output, at batch.LogPosition, raw bool) (*wire.LogEvent, error) {
	line, err := s.Logs.Unfinished(ctx, out.attempt, at)
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
func ends(q *wire.LogsRequest, j batch.Job, out output, at logPlace) (bool, logPlace) {
	switch {
	case q.Attempt != nil:
		return out.ended || j.Status.Terminal(), at
	case at.Attempt > 0 && at.Attempt < j.Attempt:
		return false, logPlace{Attempt: at.Attempt + 1}
	default:
		return j.Status.Terminal(), at
	}
}

func (s *server) lines(ctx context.Context, out output, at batch.LogPosition, limit int, tail bool) ([]joblog.Line, batch.LogPosition, error) {
	if !tail {
		return s.Logs.Read(ctx, out.attempt, at, out.to, limit)
	}
	lines, err := s.Logs.Tail(ctx, out.attempt, out.from, out.to, limit)
	next := out.from
	if len(lines) > 0 {
		next = lines[len(lines)-1].Next
	}
	return lines, next, err
}

// outputOf finds the output of an attempt; number 0 is the latest. A job that took the result of another has
// the output of that one.
func (s *server) outputOf(ctx context.Context, r store.Reader, j batch.Job, number int32) (output, error) {
	id := j.ID
	if j.ReusedFrom != "" {
		id = j.ReusedFrom
	}
	attempts, err := r.Attempts(ctx, []batch.JobID{id})
	if err != nil {
		return output{}, err
	}
	ended := attempts[id]
	if running := j.Run; running != nil && (number == 0 || number == j.Attempt) {
		return output{attempt: j.AttemptID(), from: running.Log, known: !running.Log.IsZero(), began: running.StartedAt}, nil
	}
	if number == 0 && len(ended) > 0 {
		number = ended[len(ended)-1].ID.Number
	}
	i := slices.IndexFunc(ended, func(a batch.Attempt) bool { return a.ID.Number == number })
	switch {
	case i >= 0:
		a := ended[i]
		return output{
			attempt: a.ID, from: a.Log.From, to: a.Log.To, known: !a.Log.From.IsZero(), ended: true, began: a.StartedAt, stopped: a.StoppedAt,
			dropped: a.Log.Dropped,
		}, nil
	case number == 0 || number <= j.Attempt:
		return output{}, nil
	default:
		return output{}, batch.Errorf(batch.NotFound, "attempt: job %s has no attempt %d; it has had %d", j.ID, number, j.Attempt)
	}
}
