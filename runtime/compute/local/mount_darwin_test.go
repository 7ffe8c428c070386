package local

import (
	"errors"

	"github.com/batchd/terraform-provider-batch/runtime/compute/local/process"
)

func mountTmpfs(string, int) error { return errors.ErrUnsupported }

func unmount(string) error { return nil }

func memoryLimits() (bool, string) { return process.MemoryLimits() }
