//go:build linux || darwin

package detach

import (
	"fmt"
	"os"
	"strconv"
	"syscall"
)

// firstOfOthers is the first descriptor behind standard input, output and error.
const firstOfOthers = 3

// sealEach seals every descriptor that a directory lists.
func sealEach(directory string) error {
	entries, err := os.ReadDir(directory)
	if err != nil {
		return fmt.Errorf("listing the open descriptors: %w", err)
	}
	for _, e := range entries {
		if fd, err := strconv.Atoi(e.Name()); err == nil && fd >= firstOfOthers {
			syscall.CloseOnExec(fd)
		}
	}
	return nil
}
