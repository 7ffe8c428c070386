//go:build linux || darwin

package process

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"strings"
	"syscall"
)

// Identity is who a process runs as.
type Identity struct {
	UID, GID   uint32
	Name, Home string // empty for a uid without a name
}

// Resolve finds the user that a job names: "name", "uid" or either with ":group". own reports
// that it is the caller's own user, so nothing needs to change.
func Resolve(name string) (id Identity, own bool, err error) {
	userName, groupName, hasGroup := strings.Cut(name, ":")
	id, err = lookUpUser(userName)
	if err != nil {
		return id, false, err
	}
	if hasGroup {
		if id.GID, err = lookUpGroup(groupName); err != nil {
			return id, false, err
		}
	}
	own = int(id.UID) == os.Geteuid() && (!hasGroup || int(id.GID) == os.Getegid())
	if !own && os.Geteuid() != 0 {
		return id, false, cannotStart("user %q: only root may run jobs as another user, and the runtime runs as uid %d", name, os.Geteuid())
	}
	return id, own, nil
}

func lookUpUser(name string) (Identity, error) {
	if uid, err := strconv.ParseUint(name, 10, 32); err == nil {
		id := Identity{UID: uint32(uid), GID: uint32(uid)}
		u, err := user.LookupId(name)
		var unknown user.UnknownUserIdError
		switch {
		case err == nil:
			id.GID, id.Name, id.Home = parseID(u.Gid), u.Username, u.HomeDir
		case !errors.As(err, &unknown):
			return Identity{}, fmt.Errorf("user %q: %w", name, err)
		}
		return id, nil
	}
	u, err := user.Lookup(name)
	var unknown user.UnknownUserError
	if errors.As(err, &unknown) {
		return Identity{}, cannotStart("user %q: %v", name, err)
	}
	if err != nil {
		return Identity{}, fmt.Errorf("user %q: %w", name, err)
	}
	return Identity{UID: parseID(u.Uid), GID: parseID(u.Gid), Name: u.Username, Home: u.HomeDir}, nil
}

func lookUpGroup(name string) (uint32, error) {
	if gid, err := strconv.ParseUint(name, 10, 32); err == nil {
		return uint32(gid), nil
	}
	g, err := user.LookupGroup(name)
	var unknown user.UnknownGroupError
	if errors.As(err, &unknown) {
		return 0, cannotStart("group %q: %v", name, err)
	}
	if err != nil {
		return 0, fmt.Errorf("group %q: %w", name, err)
	}
	return parseID(g.Gid), nil
}

func parseID(text string) uint32 {
	id, _ := strconv.ParseUint(text, 10, 32) // the system's own tables hold numbers
	return uint32(id)
}

// credential returns what the new process changes itself to; nil for nothing.
func credential(name string) (*syscall.Credential, error) {
	if name == "" {
		return nil, nil
	}
	id, own, err := Resolve(name)
	if err != nil || own {
		return nil, err
	}
	return &syscall.Credential{Uid: id.UID, Gid: id.GID, Groups: []uint32{id.GID}}, nil
}
