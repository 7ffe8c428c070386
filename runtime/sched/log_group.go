package sched

import (
	"maps"
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

func (m *Machine) loadLogGroups(s batch.Snapshot) {
	m.logGroups = make(map[string]batch.LogGroup, len(s.LogGroups))
	for _, row := range s.LogGroups {
		m.logGroups[row.Name] = row
	}
}

func (m *Machine) dumpLogGroups(line func(string, ...any)) {
	for _, name := range slices.Sorted(maps.Keys(m.logGroups)) {
		line("log group %s row=%s", name, text(m.logGroups[name]))
	}
}

// CreateLogGroup makes a log group. One that job definitions name can be made too, once.
type CreateLogGroup struct {
	replies[Done]
	Caller
	Name string
	Tags map[string]string
}

func (c CreateLogGroup) apply(m *Machine, at batch.Time) (any, error) {
	row, known := m.logGroup(at, c.Name)
	switch {
	case row.Created:
		return nil, batch.Errorf(batch.Conflict, "The specified log group already exists")
	case !known:
		if err := m.roomForLogGroups(1); err != nil {
			return nil, err
		}
	}
	row.Created = true
	m.saveLogGroup(row)
	m.setResourceTags(batch.ResourceLogGroup+"/"+c.Name, c.Tags)
	m.audit(at, c, "CreateLogGroup", c.Name)
	return c.reply(Done{})
}

// SetLogRetention notes for how many days the output of a log group is to be kept; 0 is for ever.
type SetLogRetention struct {
	replies[Done]
	Caller
	Name string
	Days int32
}

func (c SetLogRetention) apply(m *Machine, at batch.Time) (any, error) {
	row, known := m.logGroup(at, c.Name)
	if !known {
		return nil, errNoLogGroup()
	}
	row.RetentionDays = c.Days
	m.saveLogGroup(row)
	action := "PutRetentionPolicy"
	if c.Days == 0 {
		action = "DeleteRetentionPolicy"
	}
	m.audit(at, c, action, c.Name)
	return c.reply(Done{})
}

// DeleteLogGroup undoes CreateLogGroup and SetLogRetention. A log group that a job definition names stays.
type DeleteLogGroup struct {
	replies[Done]
	Caller
	Name string
}

func (c DeleteLogGroup) apply(m *Machine, at batch.Time) (any, error) {
	row, known := m.logGroup(at, c.Name)
	if !known {
		return nil, errNoLogGroup()
	}
	row.Created, row.RetentionDays, row.Deleted = false, 0, !row.Named
	m.saveLogGroup(row)
	m.setResourceTags(batch.ResourceLogGroup+"/"+c.Name, nil)
	m.audit(at, c, "DeleteLogGroup", c.Name)
	return c.reply(Done{})
}

// newLogGroups returns the rows of the log groups that a new job definition names and that are not there yet as it
// names them. It refuses more groups than there may be.
func (m *Machine) newLogGroups(at batch.Time, names []LogName) ([]batch.LogGroup, error) {
	rows := map[string]batch.LogGroup{}
	added := 0
	for _, name := range names {
		row, known := rows[name.Group]
		if !known {
			if row, known = m.logGroup(at, name.Group); !known {
				added++
			}
		}
		before := row
		row.Named, row.Prefixed = true, row.Prefixed || name.Prefixed
		if row != before {
			rows[name.Group] = row
		}
	}
	if err := m.roomForLogGroups(added); err != nil {
		return nil, err
	}
	return slices.SortedFunc(maps.Values(rows), func(a, b batch.LogGroup) int { return strings.Compare(a.Name, b.Name) }), nil
}

// logGroup returns the row of a log group, whether it is there, and a new one if it is not. The default group always is.
func (m *Machine) logGroup(at batch.Time, name string) (row batch.LogGroup, known bool) {
	if row, known = m.logGroups[name]; known {
		return row, true
	}
	byDefault := name == batch.DefaultLogGroup
	return batch.LogGroup{Name: name, Named: byDefault, CreatedAt: at}, byDefault
}

func (m *Machine) roomForLogGroups(added int) error {
	if len(m.logGroups)+added > batch.MaxLogGroups {
		return batch.Errorf(batch.InvalidRequest, "log group: there are %d; at most %d are allowed: let job definitions share a group", len(m.logGroups), batch.MaxLogGroups)
	}
	return nil
}

func (m *Machine) saveLogGroup(row batch.LogGroup) {
	if m.logGroups[row.Name] = row; row.Deleted {
		delete(m.logGroups, row.Name)
	}
	save(&m.round.delta.LogGroups, row, func(r batch.LogGroup) bool { return r.Name == row.Name })
}

func errNoLogGroup() error {
	return batch.Errorf(batch.NotFound, "The specified log group does not exist.")
}
