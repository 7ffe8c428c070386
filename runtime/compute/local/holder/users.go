package holder

import (
	"errors"
	"strconv"

	"github.com/batchd/terraform-provider-batch/runtime/compute/local/process"
)

// users are the user ids that attempts have for themselves.
type users struct {
	taken map[uint32]struct{}
	last  uint32 // the one taken last: an id rests for as long as possible before it is taken again
}

var errNoUser = errors.New("every user id of the range that --run-as gives is taken; give a larger range")

// take returns a user id of a range that no attempt has.
func (u *users) take(from process.UserRange) (uint32, error) {
	for range from.Size() {
		u.last++
		if !from.Includes(u.last) {
			u.last = from.First
		}
		if _, taken := u.taken[u.last]; !taken {
			u.taken[u.last] = struct{}{}
			return u.last, nil
		}
	}
	return 0, errNoUser
}

// give takes back the id of an attempt that ended; 0 is none.
func (u *users) give(uid uint32) { delete(u.taken, uid) }

// userName is how an order names the user with an id.
func userName(uid uint32) string { return strconv.FormatUint(uint64(uid), 10) }
