//go:build linux || darwin

package process

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/user"
	"slices"
	"strconv"
	"strings"
)

// Limits of a range of user ids: ids below are those of accounts, and the last is what systems take for "none" as a signed number.
const (
	minRangeID = 1 << 16
	maxRangeID = 1<<31 - 2
)

// rootGroups are groups whose members can become root.
var rootGroups = []string{"root", "docker", "lxd", "incus", "incus-admin", "libvirt", "disk", "shadow", "kmem", "sudo", "wheel", "admin"}

// ParseRunAs reads a user, by name or id, or a range of user ids: "jobs", "1001" or "300000-365535". Empty is the zero value.
func ParseRunAs(text string) (RunAs, error) {
	first, last, isRange := strings.Cut(text, "-")
	from, fromErr := strconv.ParseUint(first, 10, 32)
	if !isRange || fromErr != nil { // names may have hyphens, and begin with a letter
		if strings.Contains(text, ":") {
			return RunAs{}, fmt.Errorf("user %q: give a user without a group; processes get its own group only", text)
		}
		return RunAs{User: text}, nil
	}
	to, err := strconv.ParseUint(last, 10, 32)
	if err != nil || from < minRangeID || to > maxRangeID || from > to {
		return RunAs{}, fmt.Errorf("range of user ids %q: give two ids from %d to %d, the smaller first, such as 300000-365535", text, minRangeID, maxRangeID)
	}
	return RunAs{Range: UserRange{uint32(from), uint32(to)}}, nil
}

// Check returns the ids of the users and of their groups, and an error if they would confine nothing, or the caller may not
// change to them.
func (r RunAs) Check() (users, groups UserRange, err error) {
	if os.Geteuid() != 0 {
		return users, groups, fmt.Errorf("only root may run processes as other users, and this is uid %d", os.Geteuid())
	}
	if !canConfine {
		return users, groups, errors.New("only Linux keeps processes from gaining privileges (no_new_privs)")
	}
	if r.User == "" {
		return r.Range, r.Range, r.Range.checkAccounts()
	}
	id, _, err := Resolve(r.User)
	var start *StartError
	if errors.As(err, &start) { // its words are of a job
		err = fmt.Errorf("user %q is unknown to this machine", r.User)
	}
	if err != nil {
		return users, groups, err
	}
	if id.UID == 0 {
		return users, groups, fmt.Errorf("user %q is root, from whom nothing can be kept", r.User)
	}
	return UserRange{id.UID, id.UID}, UserRange{id.GID, id.GID}, checkGroups(r.User, id)
}

// checkGroups refuses a member of a group that is as good as root. A process gets none of its user's further groups, but what
// else acts for the user (cron, a login) has them.
func checkGroups(name string, id Identity) error {
	groups := []string{strconv.FormatUint(uint64(id.GID), 10)}
	if u, err := user.LookupId(strconv.FormatUint(uint64(id.UID), 10)); err == nil {
		more, err := u.GroupIds()
		if err != nil {
			return fmt.Errorf("groups of user %q: %w", name, err)
		}
		groups = append(groups, more...)
	}
	for _, gid := range groups {
		if g, err := user.LookupGroupId(gid); gid == "0" || err == nil && slices.Contains(rootGroups, g.Name) {
			group := gid
			if err == nil {
				group = g.Name
			}
			return fmt.Errorf("user %q is in group %q, whose members can become root; choose another user, or take it out of that group", name, group)
		}
	}
	return nil
}

// checkAccounts refuses a range that holds the id of an account of this machine.
func (r UserRange) checkAccounts() error {
	file, err := os.Open("/etc/passwd")
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("looking for accounts: %w", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	for lines := bufio.NewScanner(file); lines.Scan(); {
		fields := strings.Split(lines.Text(), ":")
		if len(fields) < 3 {
			continue
		}
		if uid, err := strconv.ParseUint(fields[2], 10, 32); err == nil && r.Includes(uint32(uid)) {
			return fmt.Errorf("range of user ids %d-%d: %d is the account %q; choose a range without accounts", r.First, r.Last, uid, fields[0])
		}
	}
	return nil
}
