package bundled

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/rendezvous"
)

// release is a version as numbers.
type release struct{ major, minor, patch int }

// parseRelease reads "1.2.3", with or without "v" and what follows "-" or "+". ok is false for
// anything else, such as the version of a development build.
func parseRelease(text string) (release, bool) {
	text, _, _ = strings.Cut(strings.TrimPrefix(text, "v"), "+")
	text, _, _ = strings.Cut(text, "-")
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return release{}, false
	}
	var numbers [3]int
	for i, part := range parts {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 {
			return release{}, false
		}
		numbers[i] = n
	}
	return release{numbers[0], numbers[1], numbers[2]}, true
}

func (r release) before(other release) bool {
	if r.major != other.major {
		return r.major < other.major
	}
	if r.minor != other.minor {
		return r.minor < other.minor
	}
	return r.patch < other.patch
}

// speaks reports whether both understand the same wire: releases of one major version do. A runtime of an older minor version
// may not know a request of a newer provider; it refuses that request, and the provider says how to go on.
func (r release) speaks(other release) bool { return r.major == other.major }

// handshake decides whether the runtime at target will do. The error is [errUnfit] if it will not and has nothing to do, so that it
// can be replaced.
func (c Config) handshake(ctx context.Context, runtime *client.Client, target rendezvous.Target) error {
	if err := c.fitsVersion(ctx, runtime, target); err != nil || !c.AWS {
		return err
	}
	status, err := runtime.Status(ctx)
	if err != nil || status.AWS {
		return err
	}
	if c.NoStart || busy(status.Jobs, status.Running) {
		return fmt.Errorf("the runtime in %s was started without --aws, so that it runs no jobs in an AWS account (runtime.aws = true): "+
			"stop it with `batchd stop --state-dir %s`: its jobs go on; then start it with --aws, or let the next run start one, which takes them up", target.StateDir, target.StateDir)
	}
	return fmt.Errorf("%w: it was started without --aws", errUnfit)
}

// fitsVersion is the part of the handshake that compares versions. Those that are not releases are taken to fit.
func (c Config) fitsVersion(ctx context.Context, runtime *client.Client, target rendezvous.Target) error {
	version := target.Runtime.Version
	theirs, known := parseRelease(version)
	ours, knownToo := parseRelease(c.Version)
	if !known || !knownToo || theirs == ours {
		return nil
	}
	if !theirs.before(ours) {
		if theirs.speaks(ours) {
			return nil
		}
		return fmt.Errorf("the runtime has version %s and this provider %s, which does not understand it: use a newer provider", version, c.Version)
	}
	status, err := runtime.Status(ctx)
	if err != nil {
		return err
	}
	if !busy(status.Jobs, status.Running) {
		return fmt.Errorf("%w: it has version %s, the provider %s", errUnfit, version, c.Version)
	}
	if theirs.speaks(ours) {
		return nil
	}
	return fmt.Errorf("the runtime has version %s and this provider %s; it is busy, so it was not replaced: try again when its jobs have ended, "+
		"or stop it with `batchd stop --state-dir %s`: its jobs go on, and the next run starts this provider's runtime, which takes them up", version, c.Version, target.StateDir)
}

// busy reports whether any job has not ended.
func busy(jobs map[string]int64, running int64) bool {
	for status, n := range jobs {
		if n > 0 && status != "SUCCEEDED" && status != "FAILED" {
			return true
		}
	}
	return running > 0
}

// replace ends a runtime that will not do and waits until its state directory is free.
func (c Config) replace(ctx context.Context, target rendezvous.Target) error {
	old, err := client.Open(ctx, target, c.Signing)
	if err != nil {
		return err
	}
	if err := old.Stop(ctx); err != nil {
		if _, alive, aliveErr := rendezvous.Alive(target.StateDir); alive || aliveErr != nil {
			return fmt.Errorf("stop the runtime that is there: %w", errors.Join(err, aliveErr))
		}
	}
	err = poll(ctx, stopTimeout, func() (bool, error) {
		_, alive, err := rendezvous.Alive(target.StateDir)
		return !alive, err
	})
	if errors.Is(err, errTookTooLong) {
		return fmt.Errorf("the runtime that is there did not end within %s; stop it with `batchd stop --state-dir %s`", stopTimeout, target.StateDir)
	}
	return err
}
