package registry

import "github.com/batchd/terraform-provider-batch/runtime/batch"

// RecordDenial writes the audit line of a call that was denied.
type RecordDenial struct {
	batch.Caller
	Action   string
	Resource string
}

func (c RecordDenial) apply(_ *Registry, in Scope) error { //nolint:unparam // every command returns an error
	line := c.Audit(in.At, c.Action, c.Resource)
	line.Denied = true
	in.Delta.Audits = append(in.Delta.Audits, line)
	return nil
}

// RecordStop writes the audit line of a call that asks the runtime to end.
type RecordStop struct{ batch.Caller }

func (c RecordStop) apply(_ *Registry, in Scope) error { //nolint:unparam // as above
	in.audit(c.Caller, "Stop", "")
	return nil
}
