//go:build !linux && !darwin

package app

import (
	"context"
	"errors"
	"log/slog"
)

var errClientOnly = errors.New("a runtime runs on Linux and macOS only; give the endpoint of one that runs elsewhere")

func thisMachine(*Options, string, string, []string) (machine, error) {
	return machine{}, errClientOnly
}

// RunHolder refuses: there is no runtime on this system.
func RunHolder(context.Context, string, *slog.Logger) error { return errClientOnly }
