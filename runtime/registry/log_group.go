package registry

import (
	"maps"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// CreateLogGroup makes a log group. One that job definitions name can be made too, once.
type CreateLogGroup struct {
	batch.Caller
	Name string
	Tags map[string]string
}

func (c CreateLogGroup) apply(r *Registry, in Scope) error {
	row, known := r.logGroup(in.At, c.Name)
	switch {
	case row.Created:
		return batch.Errorf(batch.Conflict, "The specified log group already exists")
	case !known:
		if err := r.roomForLogGroups(1); err != nil {
			return err
		}
	}
	row.Created = true
	r.saveLogGroup(row, in.Delta)
	SetTags(in.Delta, batch.ResourceLogGroup+"/"+c.Name, c.Tags)
	in.audit(c.Caller, "CreateLogGroup", c.Name)
	return nil
}

// SetLogRetention notes for how many days the output of a log group is to be kept; 0 is for ever.
type SetLogRetention struct {
	batch.Caller
	Name string
	Days int32
}

func (c SetLogRetention) apply(r *Registry, in Scope) error {
	row, known := r.logGroup(in.At, c.Name)
	if !known {
		return errNoLogGroup()
	}
	row.RetentionDays = c.Days
	r.saveLogGroup(row, in.Delta)
	action := "PutRetentionPolicy"
	if c.Days == 0 {
		action = "DeleteRetentionPolicy"
	}
	in.audit(c.Caller, action, c.Name)
	return nil
}

// DeleteLogGroup undoes CreateLogGroup and SetLogRetention. A log group that a job definition names stays.
type DeleteLogGroup struct {
	batch.Caller
	Name string
}

func (c DeleteLogGroup) apply(r *Registry, in Scope) error {
	row, known := r.logGroup(in.At, c.Name)
	if !known {
		return errNoLogGroup()
	}
	row.Created, row.RetentionDays, row.Deleted = false, 0, !row.Named
	r.saveLogGroup(row, in.Delta)
	SetTags(in.Delta, batch.ResourceLogGroup+"/"+c.Name, nil)
	in.audit(c.Caller, "DeleteLogGroup", c.Name)
	return nil
}

// LogName is where output is found: a log group, and whether a prefix of its own begins the names of the streams.
type LogName struct {
	Group    string
	Prefixed bool
}

// NameLogGroups makes the log groups that a new job definition names, unless they are there as it names them. It refuses more
// groups than there may be, and has changed nothing then.
func (r *Registry) NameLogGroups(names []LogName, in Scope) error {
	rows := map[string]batch.LogGroup{}
	added := 0
	for _, name := range names {
		row, known := rows[name.Group]
		if !known {
			if row, known = r.logGroup(in.At, name.Group); !known {
				added++
			}
		}
		before := row
		row.Named, row.Prefixed = true, row.Prefixed || name.Prefixed
		if row != before {
			rows[name.Group] = row
		}
	}
	if err := r.roomForLogGroups(added); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		r.saveLogGroup(rows[name], in.Delta)
	}
	return nil
}

// logGroup returns the row of a log group, whether it is there, and a new one if it is not. The default group always is.
func (r *Registry) logGroup(at batch.Time, name string) (row batch.LogGroup, known bool) {
	if row, known = r.logGroups[name]; known {
		return row, true
	}
	byDefault := name == batch.DefaultLogGroup
	return batch.LogGroup{Name: name, Named: byDefault, CreatedAt: at}, byDefault
}

func (r *Registry) roomForLogGroups(added int) error {
	if len(r.logGroups)+added > batch.MaxLogGroups {
		return batch.Errorf(batch.InvalidRequest, "log group: there are %d; at most %d are allowed: let job definitions share a group", len(r.logGroups), batch.MaxLogGroups)
	}
	return nil
}

// saveLogGroup keeps the row, or forgets it, and puts it into the delta in the place of an earlier one of the same group.
func (r *Registry) saveLogGroup(row batch.LogGroup, d *batch.Delta) {
	if r.logGroups[row.Name] = row; row.Deleted {
		delete(r.logGroups, row.Name)
	}
	if i := slices.IndexFunc(d.LogGroups, func(earlier batch.LogGroup) bool { return earlier.Name == row.Name }); i >= 0 {
		d.LogGroups[i] = row
		return
	}
	d.LogGroups = append(d.LogGroups, row)
}

func errNoLogGroup() error {
	return batch.Errorf(batch.NotFound, "The specified log group does not exist.")
}
