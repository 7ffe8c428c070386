package process

// RunAs says as whom the processes of all jobs run. The zero value is the user of the caller.
type RunAs struct {
	// User is a name or a user id; empty if Range is used, or neither.
	User string
	// Range is of user ids of which each attempt has one for itself while it runs.
	Range UserRange
}

// UserRange is the user ids First..Last; zero is none.
type UserRange struct{ First, Last uint32 }

// Includes reports whether processes may run as the user with that id.
func (r UserRange) Includes(uid uint32) bool { return r.First != 0 && r.First <= uid && uid <= r.Last }
