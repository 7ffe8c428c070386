package local

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/batchd/terraform-provider-batch/runtime/compute/local/process"
)

func mountTmpfs(dir string, size int) error {
	return unix.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprint("size=", size))
}

func unmount(dir string) error { return unix.Unmount(dir, unix.MNT_DETACH) }

func memoryLimits() (bool, string) { return process.MemoryLimits() }
