package batch

// DefaultLogGroup is the log group of jobs whose definition names none (AWS's name). It always exists.
const DefaultLogGroup = "/aws/batch/job"

// LogGroup is a name under which the output of jobs is read through the calls of CloudWatch Logs. It holds nothing: all
// output is in one store, and a group shows that of the jobs whose definition names it.
type LogGroup struct {
	Name string
	// Named reports whether a job definition has named it, of whatever revision, ACTIVE or not.
	Named bool `json:",omitempty"`
	// Prefixed reports whether a job definition that writes to it names a stream prefix; the streams of the others
	// begin with the name of their definition.
	Prefixed bool `json:",omitempty"`
	// Created reports whether CreateLogGroup has made it.
	Created   bool `json:",omitempty"`
	CreatedAt Time // of the row
	// RetentionDays is what PutRetentionPolicy said; 0 is nothing. It is stored and described only.
	RetentionDays int32 `json:",omitempty"`
	Deleted       bool  `json:",omitempty"` // in a delta: the row goes
}

// Record implements [Recorded].
func (g *LogGroup) Record() Record {
	return Record{Kind: "log group", Name: g.Name, Gone: g.Deleted}
}
