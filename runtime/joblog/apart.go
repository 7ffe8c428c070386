package joblog

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// MergePages is a Merge for logs that share nothing: page reads each of them, in the order of times. Its place is a moment, and how many
// lines of that moment were handed out of each log. What appears later with an earlier time is not handed out. A log is read when the
// merge comes to the time of its attempt, so a page costs a read of each attempt that ran meanwhile, however many logs there are.
func MergePages(ctx context.Context, page func(context.Context, PageQuery) (Page, error), q MergeQuery) (Merged, error) {
	at, err := momentOf(q.Places)
	if err != nil {
		return Merged{}, err
	}
	logs := newApart(page, &q, &at)
	var answer Merged
	for looked, size := 0, 0; ; looked++ {
		next, err := logs.earliest(ctx)
		if err != nil {
			return Merged{}, err
		}
		if next == nil {
			break
		}
		line := next.lines[0]
		wanted := q.Keep(line)
		full := len(answer.Lines) == q.Limit || len(answer.Lines) > 0 && size+len(line.Text) > q.Bytes
		if answer.More = looked == maxApartLooked || wanted && full; answer.More {
			break
		}
		id := next.pass()
		at.passed(line.At, q.Logs[next.index].Attempt)
		if wanted {
			line.Open = false
			answer.Lines = append(answer.Lines, MergedLine{Line: line, Log: next.index, ID: id})
			size += len(line.Text)
		}
	}
	answer.Places = at.places()
	return answer, nil
}

// moment is a place between lines of logs that lie apart.
type moment struct {
	Time  batch.Time     `json:"t"`
	Lines map[string]int `json:"n"` // of that time that were handed out, by attempt
}

// momentOf reads the place that a client hands back.
func momentOf(places []Place) (moment, error) {
	at := moment{Lines: map[string]int{}}
	if len(places) == 0 {
		return at, nil
	}
	if json.Unmarshal([]byte(places[0].Token), &at) != nil || at.Lines == nil {
		return moment{}, ErrPosition
	}
	return at, nil
}

// passed notes that a line is done. One that is earlier than another that is done leaves the moment where it is, so that nothing comes twice.
func (m *moment) passed(at batch.Time, attempt batch.AttemptID) {
	switch {
	case at < m.Time:
		return
	case at > m.Time:
		m.Time = at
		clear(m.Lines)
	}
	m.Lines[attempt.String()]++
}

func (m *moment) places() []Place {
	if len(m.Lines) == 0 {
		return nil
	}
	token, err := json.Marshal(m)
	if err != nil {
		panic("joblog: a place does not marshal: " + err.Error())
	}
	return []Place{{Token: string(token)}}
}

// apart is logs that lie apart and are merged.
type apart struct {
	page  func(context.Context, PageQuery) (Page, error)
	ahead []*apartLog // those that have not been read, by the time from which they may have lines
	open  []*apartLog // those that have lines
}

// newApart leaves out logs that have no lines at the moment or later.
func newApart(page func(context.Context, PageQuery) (Page, error), q *MergeQuery, at *moment) *apart {
	a := &apart{page: page}
	window := Window{From: max(q.Since, at.Time), To: Always.To}
	for i, log := range q.Logs {
		if log.Stopped != 0 && log.Stopped.Add(MaxOutliving) < window.From {
			continue
		}
		l := &apartLog{index: i, query: PageQuery{Log: log, Window: window, Limit: maxApartLines, Bytes: q.Bytes}, skip: at.Lines[log.Attempt.String()]}
		if log.Began != 0 {
			l.from = log.Began.Add(-MaxOutliving)
		}
		a.ahead = append(a.ahead, l)
	}
	slices.SortStableFunc(a.ahead, func(x, y *apartLog) int { return cmp.Compare(x.from, y.from) })
	return a
}

// earliest returns the log whose next line is the earliest; nil if there are no more.
func (a *apart) earliest(ctx context.Context) (*apartLog, error) {
	for {
		var next *apartLog
		for _, l := range a.open {
			if err := l.fill(ctx, a.page); err != nil {
				return nil, err
			}
			if len(l.lines) > 0 && (next == nil || l.lines[0].At < next.lines[0].At) {
				next = l
			}
		}
		a.open = slices.DeleteFunc(a.open, func(l *apartLog) bool { return len(l.lines) == 0 })
		if len(a.ahead) == 0 || next != nil && next.lines[0].At < a.ahead[0].from {
			return next, nil
		}
		a.open, a.ahead = append(a.open, a.ahead[0]), a.ahead[1:]
	}
}

// apartLog is one of them.
type apartLog struct {
	index int
	query PageQuery
	from  batch.Time // no line is earlier
	skip  int        // lines at the beginning of its window that were handed out
	lines []Line
	done  bool

	at  batch.Time // of the line before, and
	nth int        // which it was of those of that time
}

// fill reads until a line is there, if there is one.
func (l *apartLog) fill(ctx context.Context, page func(context.Context, PageQuery) (Page, error)) error {
	for len(l.lines) == 0 && !l.done {
		p, err := page(ctx, l.query)
		if err != nil {
			return err
		}
		l.lines, l.query.At, l.done = p.Lines, p.Next, p.Empty() || p.Ended
		for ; l.skip > 0 && len(l.lines) > 0 && l.lines[0].At == l.query.Window.From; l.skip-- {
			l.pass()
		}
	}
	return nil
}

// pass takes the first line and returns its id.
func (l *apartLog) pass() (id string) {
	if at := l.lines[0].At; at != l.at {
		l.at, l.nth = at, 0
	}
	l.lines, l.nth = l.lines[1:], l.nth+1
	return fmt.Sprintf("%d%06d", l.at, l.nth)
}
