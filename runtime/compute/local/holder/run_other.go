//go:build !linux && !darwin

package holder

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
)

// Options is what a holder is run with.
type Options struct {
	StateDir string
	Logger   *slog.Logger
}

// Run refuses with [errors.ErrUnsupported]: jobs run on Linux and macOS.
func Run(context.Context, Options) error {
	return fmt.Errorf("running processes on this system: %w", errors.ErrUnsupported)
}
