package process

import "fmt"

// RunAs says as whom the processes of all jobs run. The zero value is the user of the caller.
type RunAs struct {
	// User is a name or a user id; empty if Range is used, or neither.
	User string
	// Range is of user ids of which each attempt has one for itself while it runs.
	Range UserRange
}

// UserRange is the user ids First..Last; zero is none.
type UserRange struct{ First, Last uint32 }

// Size is how many ids there are; of a range that [ParseRunAs] takes it is less than 2³¹.
func (r UserRange) Size() int32 {
	if r == (UserRange{}) {
		return 0
	}
	return int32(r.Last - r.First + 1)
}

// Room is how many attempts the range allows at once, and why; 0 of none.
func (r UserRange) Room() (attempts int32, reason string) {
	noun := "user ids"
	if r.Size() == 1 {
		noun = "user id"
	}
	return r.Size(), fmt.Sprintf("%d %s (--run-as %d-%d)", r.Size(), noun, r.First, r.Last)
}

// Includes reports whether processes may run as the user with that id.
func (r UserRange) Includes(uid uint32) bool { return r.First != 0 && r.First <= uid && uid <= r.Last }
