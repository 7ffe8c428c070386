package rendezvous

import (
	"fmt"
	"os"
)

// Identity tells a directory from its copies: a directory that was moved keeps its identity, and a copy has another one.
type Identity struct {
	Inode  uint64 `json:"inode"`
	Device uint64 `json:"device"`
	// Boot names the boot of the machine in which Device was found: the system may number its devices otherwise after the next.
	Boot string `json:"boot"`
}

// Same reports whether both are of one directory.
func (i Identity) Same(other Identity) bool {
	return i.Inode == other.Inode && (i.Device == other.Device || i.Boot != other.Boot)
}

// Identity returns that of d.
func (d *Dir) Identity() (Identity, error) {
	info, err := os.Stat(d.path)
	if err != nil {
		return Identity{}, fmt.Errorf("state directory: %w", err)
	}
	return identityOf(info), nil
}
