package rendezvous

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// networks are the magic numbers of file systems whose files other machines share.
var networks = map[uint32]string{
	0x6969:     "NFS",
	0x517B:     "SMB",
	0xFF534D42: "CIFS",
	0xFE534D42: "SMB",
	0x5346414F: "AFS",
	0x6B414653: "AFS",
	0x00C36400: "Ceph",
	0x0BD00BD0: "Lustre",
	0x47504653: "GPFS",
	0x19830326: "BeeGFS",
}

// networkFileSystem names the network file system path is on; "" is a local one.
func networkFileSystem(path string) (string, error) {
	var stat unix.Statfs_t
	if err := unix.Statfs(path, &stat); err != nil {
		return "", fmt.Errorf("statfs: %w", err)
	}
	return networks[uint32(stat.Type)], nil // magic numbers have 32 bits
}

// bootID names this boot of the machine; empty if that is not known.
func bootID() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(id))
}
