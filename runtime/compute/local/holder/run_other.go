//go:build !linux && !darwin

package holder

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

// Options is what a holder is run with.
type Options struct {
	StateDir string
	Logger   *slog.Logger
}

// Run refuses with [compute.ErrUnsupported]: jobs run on Linux and macOS.
func Run(context.Context, Options) error {
	return fmt.Errorf("running processes on this system: %w", compute.ErrUnsupported)
}
