package docker

import (
	"archive/tar"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/retry"
)

// attend follows a's container to its end and reports it. When batchd ends first, nothing is said: the
// next one finds the container again.
func (r *Runner) attend(ctx context.Context, a *attempt) {
	r.resume(ctx, a)
	heard := a.lastHeard()
	state, err := r.untilExit(ctx, a)
	if ctx.Err() != nil {
		return
	}
	exit := batch.Exit{StartedAt: a.started.At, ImageDigest: a.imageDigest, Log: batch.LogRef{Span: a.stream.Span()}}
	if err != nil {
		exit.Kind, exit.Reason = batch.Lost, "the container is gone: "+err.Error()
		r.end(a, exit)
		return
	}
	code := int32(state.ExitCode)
	exit.Kind, exit.Code, exit.StoppedAt = batch.Exited, &code, timeOf(state.FinishedAt)
	exit.StoppedAt = max(exit.StoppedAt, exit.StartedAt) // the daemon may note a start after the end
	if a.apart || a.found && r.endedUnseen(ctx, state, heard) {
		r.tellAbsence(a, state, &exit)
	}
	result, err := r.result(ctx, a)
	if err != nil {
		exit.ResultError = err.Error()
	}
	exit.TakeResult(result)
	if r.outOfMemory(ctx, a, state) {
		exit.Reason = outOfMemory
	}
	if ctx.Err() != nil {
		return
	}
	r.end(a, exit)
}

// outOfMemory reports whether a's container ended because its memory did. The daemon's own
// mark comes too late sometimes; its event is waited for where it would matter.
func (r *Runner) outOfMemory(ctx context.Context, a *attempt, state *container.State) bool {
	r.mu.Lock()
	stopping := a.stopping
	r.mu.Unlock()
	if state.OOMKilled || state.ExitCode != codeKilled || stopping {
		return state.OOMKilled && state.ExitCode != 0
	}
	timer := time.NewTimer(oomWait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-a.starved:
		return true
	}
	return false
}

const (
	// codeKilled is the exit code of a process that SIGKILL ended.
	codeKilled = 128 + 9
	// codeTerminated is the exit code of a process that SIGTERM ended.
	codeTerminated = 128 + 15
	// codeUnknown is what the daemon gives as the exit code of a container whose end nobody has seen.
	codeUnknown = 255
)

// untilExit copies a's output until its container does not run any more. If the daemon may have been away meanwhile, a is apart.
func (r *Runner) untilExit(ctx context.Context, a *attempt) (*container.State, error) {
	again := retry.Backoff{First: firstLook, Longest: reconnectWait}
	for looks := 1; ; looks++ {
		if r.follow(ctx, a) {
			r.part(a, a.lastHeard())
		}
		state, err := r.state(ctx, a)
		if err != nil {
			return nil, err
		}
		a.apart = a.apart && !r.remembers(ctx, a.heard)
		if !state.Running && !state.Restarting {
			r.readRest(ctx, a)
			return state, nil
		}
		// Either the daemon went away and came back, or the output ended a moment before the rest.
		if retry.Pause(ctx, again.After(looks)) != nil {
			return nil, ctx.Err()
		}
	}
}

// state asks what became of a's container until the daemon tells. Its error is that there is no such
// container, or that ctx ended.
func (r *Runner) state(ctx context.Context, a *attempt) (*container.State, error) {
	for {
		var info container.InspectResponse
		err := untilAnswered(ctx, func(ctx context.Context) (err error) {
			mark := r.absence.asking()
			if info, err = r.daemon.ContainerInspect(ctx, a.container); err == nil {
				r.absence.answered(mark)
			}
			return err
		})
		if err == nil && info.ContainerJSONBase != nil && info.State != nil {
			return info.State, nil
		}
		if errdefs.IsNotFound(err) || ctx.Err() != nil {
			return nil, cmp.Or(ctx.Err(), err)
		}
		r.logger.Warn("a container cannot be inspected", "attempt", a.attempt, "error", err)
		if retry.Pause(ctx, reconnectWait) != nil {
			return nil, ctx.Err()
		}
	}
}

// badResult says why what an attempt left is not its result.
type badResult string

func (b badResult) Error() string { return string(b) }

// result fetches what a left at $BATCH_RESULT_FILE; nil if nothing.
func (r *Runner) result(ctx context.Context, a *attempt) (body []byte, err error) {
	for range outputTries {
		err = untilAnswered(ctx, func(ctx context.Context) error {
			stream, _, err := r.daemon.CopyFromContainer(ctx, a.container, a.result)
			if err != nil {
				return err
			}
			defer func() { _ = stream.Close() }()
			body, err = readResult(stream)
			return err
		})
		var bad badResult
		switch {
		case err == nil:
			return body, nil
		case errdefs.IsNotFound(err):
			return nil, nil
		case errors.As(err, &bad) || retry.Pause(ctx, reconnectWait) != nil:
			return nil, err
		}
	}
	return nil, err
}

// readResult reads the one file of an archive. An error that is no [badResult] comes from the way here.
func readResult(archive io.Reader) ([]byte, error) {
	files := tar.NewReader(archive)
	header, err := files.Next()
	if err != nil {
		return nil, fmt.Errorf("reading the daemon's archive: %w", err)
	}
	if header.Typeflag != tar.TypeReg {
		return nil, badResult("BATCH_RESULT_FILE is not a regular file")
	}
	if header.Size > batch.MaxResultBytes {
		return nil, badResult(batch.ResultTooLarge(header.Size))
	}
	if header.Size == 0 {
		return nil, nil
	}
	body, err := io.ReadAll(files)
	if err != nil {
		return nil, fmt.Errorf("reading the daemon's archive: %w", err)
	}
	return body, nil
}

// timeOf reads a time of the daemon; what it cannot read, and the daemon's "never", is zero.
func timeOf(s string) batch.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || t.Year() <= 1 {
		return 0
	}
	return batch.At(t)
}

// gone reports whether err says that a container is not there, or is just being removed.
func gone(err error) bool {
	return errdefs.IsNotFound(err) ||
		errdefs.IsConflict(err) && strings.Contains(err.Error(), "is already in progress")
}
