package sched

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/registry"
)

// RegisterDefinition adds a revision; the machine numbers it.
type RegisterDefinition struct {
	replies[RegisterReply]
	batch.Caller
	Definition batch.Definition
	Tags       map[string]string
	LogNames   []registry.LogName // where the output of its jobs is found
}

// RegisterReply names the new revision.
type RegisterReply struct{ Ref batch.DefinitionRef }

func (c RegisterDefinition) apply(m *Machine, at batch.Time) (any, error) {
	if err := m.registry.NameLogGroups(c.LogNames, m.scope(at)); err != nil {
		return nil, err
	}
	d := c.Definition
	m.revisions[d.Name]++
	d.Revision, d.Active, d.CreatedAt = m.revisions[d.Name], true, at
	m.round.delta.Definitions = append(m.round.delta.Definitions, d)
	if len(c.Tags) > 0 {
		m.setResourceTags(batch.ResourceDefinition+"/"+d.Ref().String(), c.Tags)
	}
	m.audit(at, c.Caller, "RegisterJobDefinition", d.Ref().String())
	return c.reply(RegisterReply{Ref: d.Ref()})
}

// DeregisterDefinition makes one revision INACTIVE. It needs the definition.
type DeregisterDefinition struct {
	replies[Done]
	batch.Caller
	Ref   batch.DefinitionRef
	Given Given
}

// Needs implements [Needy].
func (c DeregisterDefinition) Needs() Needs { return Needs{Definition: c.Ref} }

// With implements [Needy].
func (c DeregisterDefinition) With(g Given) Command { c.Given = g; return c }

func (c DeregisterDefinition) apply(m *Machine, at batch.Time) (any, error) {
	if c.Ref.Revision == 0 {
		return nil, batch.Errorf(batch.InvalidRequest, "jobDefinition %q names no revision; give name:revision or an ARN", c.Ref)
	}
	if c.Given.Definition == nil {
		return nil, batch.Errorf(batch.NotFound, "job definition %s does not exist", c.Ref)
	}
	d := *c.Given.Definition
	if !d.Active {
		return c.reply(Done{})
	}
	d.Active = false
	m.round.delta.Definitions = append(m.round.delta.Definitions, d)
	m.audit(at, c.Caller, "DeregisterJobDefinition", c.Ref.String())
	return c.reply(Done{})
}

const (
	// priorDuration is how long an attempt is expected to run of which nothing is known.
	priorDuration = 10 * time.Minute
	// historyWeight is how much of a mean one more run replaces: 1/historyWeight, once there are as many.
	historyWeight = 8
)

// history is how long attempts of one job definition have run.
type history struct {
	row  batch.History
	slot int // where its row is in the delta of this round, if it is there
}

func (m *Machine) loadHistories(s batch.Snapshot) {
	m.histories = make(map[string]*history, len(s.Histories))
	for _, row := range s.Histories {
		m.histories[row.Definition] = &history{row: row}
	}
}

func (m *Machine) dumpHistories(line func(string, ...any)) {
	for _, name := range slices.Sorted(maps.Keys(m.histories)) {
		line("history %s row=%s", name, text(m.histories[name].row))
	}
}

// observe takes the run time of an attempt that succeeded into the history of its definition.
func (m *Machine) observe(definition string, ran time.Duration) {
	h := m.histories[definition]
	if h == nil {
		h = &history{row: batch.History{Definition: definition}}
		m.histories[definition] = h
	}
	h.learn(max(ran.Milliseconds(), 0))
	rows := &m.round.delta.Histories
	if h.slot >= len(*rows) || (*rows)[h.slot].Definition != definition {
		h.slot = len(*rows)
	}
	h.slot = put(rows, h.slot, h.row)
}

// learn moves the mean and the mean deviation by one more run. The first historyWeight runs weigh the same. There is
// one deviation less than there are runs, because the first has no mean to deviate from.
func (h *history) learn(millis int64) {
	r := &h.row
	if r.Runs > 0 {
		r.DeviationMillis = blend(r.DeviationMillis, abs(millis-r.MeanMillis), min(r.Runs, historyWeight))
	}
	r.Runs++
	r.MeanMillis = blend(r.MeanMillis, millis, min(r.Runs, historyWeight))
}

// blend replaces 1/n of mean by value, rounded to the nearest.
func blend(mean, value, n int64) int64 { return (mean*(n-1) + value + n/2) / n }

func abs(x int64) int64 { return max(x, -x) }

// duration is the first answer of [Machine.expected], without the words. It is a millisecond or more: what would take
// no time would never be in the way of anything.
func (m *Machine) duration(timeout time.Duration, definition string) time.Duration {
	if timeout > 0 {
		return timeout
	}
	h := m.histories[definition]
	if h == nil || h.row.Runs == 0 {
		return priorDuration
	}
	millis := min(max(h.row.MeanMillis+h.row.DeviationMillis, 1), int64(math.MaxInt64/time.Millisecond))
	return time.Duration(millis) * time.Millisecond
}

// expected is how long an attempt of that definition is expected to run, and what that rests on: its timeout,
// else the earlier runs (their mean and their mean deviation), else a prior.
func (m *Machine) expected(timeout time.Duration, definition string) (time.Duration, string) {
	lasts := m.duration(timeout, definition)
	h := m.histories[definition]
	switch {
	case timeout > 0:
		return lasts, "its timeout"
	case h == nil || h.row.Runs == 0:
		return lasts, "no history: 10 minutes assumed"
	}
	runs := " earlier runs of definition "
	if h.row.Runs == 1 {
		runs = " earlier run of definition "
	}
	return lasts, strconv.FormatInt(h.row.Runs, 10) + runs + definition
}

// lasts is how long an attempt of j is expected to run.
func (m *Machine) lasts(j *job) time.Duration {
	row := &j.top().row
	return m.duration(row.Timeout, row.Definition.Name)
}

// expectedBasis says what [Machine.lasts] rests on.
func (m *Machine) expectedBasis(j *job) string {
	_, basis := m.expected(j.top().row.Timeout, j.top().row.Definition.Name)
	return basis
}
