package rendezvous

import (
	"fmt"

	"golang.org/x/sys/unix"
)

var networks = map[string]string{"nfs": "NFS", "smbfs": "SMB", "afpfs": "AFP", "webdav": "WebDAV"}

// networkFileSystem names the network file system path is on; "" is a local one.
func networkFileSystem(path string) (string, error) {
	var stat unix.Statfs_t
	if err := unix.Statfs(path, &stat); err != nil {
		return "", fmt.Errorf("statfs: %w", err)
	}
	return networks[unix.ByteSliceToString(stat.Fstypename[:])], nil
}

// bootID names this boot of the machine; empty if that is not known.
func bootID() string {
	id, err := unix.Sysctl("kern.bootsessionuuid")
	if err != nil {
		return ""
	}
	return id
}
