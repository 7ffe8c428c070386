package docker

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

var (
	// errRecalled ends the preparation of an attempt that must not start any more.
	errRecalled = errors.New("recalled")
	// errMayHaveRun ends an attempt whose container the daemon was asked to start when it went away. A daemon that was killed does
	// not remember what it had started a moment before: its container looks as if it never was, and may have run to its end.
	errMayHaveRun = errors.New("the Docker daemon went away while it was starting the container, and does not say whether it ran")
)

// The names that Amazon ECS gives to failures; retry rules match them.
const (
	cannotPull   = "CannotPullContainerError"
	cannotCreate = "CannotCreateContainerError"
	cannotStart  = "CannotStartContainerError"
	outOfMemory  = "OutOfMemoryError: Container killed due to memory usage"
)

// startError is a failure to start, under the name it has in reasons.
type startError struct {
	name string
	err  error
}

func (e *startError) Error() string { return e.name + ": " + e.err.Error() }
func (e *startError) Unwrap() error { return e.err }

// execute takes a from its order to its end.
func (r *Runner) execute(ctx context.Context, a *attempt) {
	err := r.launch(ctx, a)
	switch {
	case err == nil:
		r.attend(ctx, a)
	case ctx.Err() != nil: // batchd ends; the next one orders it again
	case errors.Is(err, errRecalled):
		r.end(a, batch.Exit{Kind: batch.Recalled})
	case errors.Is(err, errMayHaveRun):
		r.end(a, batch.Exit{Kind: batch.Lost, Reason: err.Error()})
	default:
		exit := blameOf(err).NotStarted(r.startReason(ctx, err))
		if exit.Kind == batch.Refused {
			r.fitness.refused(exit.Reason, !unreachable(err))
		}
		r.end(a, exit)
	}
}

func (r *Runner) startReason(ctx context.Context, err error) string {
	var named *startError
	switch {
	case unreachable(err):
		return r.daemon.unreachableError(ctx, err).Error()
	case errors.As(err, &named):
		return err.Error()
	default:
		return cannotStart + ": " + err.Error()
	}
}

// launch makes a's container run. After it returned nil, the container runs or has run.
func (r *Runner) launch(ctx context.Context, a *attempt) error {
	image, err := r.image(ctx, a.start.Container.Image, a.recalled)
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-a.recalled:
		return errRecalled
	case r.starts <- struct{}{}:
	}
	defer func() { <-r.starts }()
	if err := r.marker.set(); err != nil {
		return &startError{cannotCreate, err}
	}
	// What was begun is finished even if batchd ends meanwhile, so that no outcome is left open.
	patient := context.WithoutCancel(ctx)
	ran, err := r.create(patient, a, image)
	if err != nil {
		return err
	}
	a.found = ran
	if !ran {
		if err := r.deliver(patient, a); err != nil {
			return err
		}
	}
	if !r.commit(a) {
		return errRecalled
	}
	if !ran {
		if err := r.startContainer(ctx, a); err != nil {
			return err
		}
	}
	return r.noteStart(ctx, a)
}

// commit passes the point from which a cannot be recalled any more.
func (r *Runner) commit(a *attempt) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if a.stopping {
		return false
	}
	a.phase = launched
	return true
}

// create makes a's container. ran reports that there is one already and that it was started.
func (r *Runner) create(ctx context.Context, a *attempt, image picture) (ran bool, err error) {
	a.stream = r.log.Stream(a.attempt)
	a.log, a.imageDigest, a.result = a.stream.From(), image.digest, rootResult
	if a.start.Container.Script != "" || !isRoot(a.start.Container.User, image.user) {
		a.result = sharedResult
	}
	name := containerName(r.installation, a.attempt)
	id, err := r.createOnce(ctx, a, name)
	if errdefs.IsConflict(err) {
		var found *container.InspectResponse
		if found, err = r.reclaim(ctx, a, name); err == nil && found != nil {
			r.setContainer(a, found.ID)
			return true, nil
		}
		if err == nil {
			id, err = r.createOnce(ctx, a, name)
		}
	}
	if err != nil {
		return false, &startError{cannotCreate, err}
	}
	r.setContainer(a, id)
	return false, nil
}

func (r *Runner) createOnce(ctx context.Context, a *attempt, name string) (id string, err error) {
	ctx, cancel := context.WithTimeout(ctx, createTimeout)
	defer cancel()
	made, err := r.daemon.ContainerCreate(ctx,
		containerConfig(a.start, a.result, a.labels(r.installation)), hostConfig(a.start), nil, nil, name)
	return made.ID, err
}

// reclaim deals with a container that has a's name: of an earlier order for a, whose answer was lost. One
// that never started is removed; one that did is a's, and is returned.
func (r *Runner) reclaim(ctx context.Context, a *attempt, name string) (*container.InspectResponse, error) {
	var found container.InspectResponse
	inspect := func(ctx context.Context) (err error) {
		found, err = r.daemon.ContainerInspect(ctx, name)
		return err
	}
	if err := within(ctx, requestTimeout, inspect); err != nil {
		return nil, err
	}
	id, err := parseIdentity(found.Config.Labels)
	if err != nil || id.attempt != a.attempt || found.Config.Labels[labelInstallation] != r.installation {
		return nil, fmt.Errorf("a container named %s exists and is not of this runtime; remove it", name)
	}
	if found.State.Status == container.StateCreated {
		err := within(ctx, requestTimeout, func(ctx context.Context) error { return r.daemon.remove(ctx, found.ID, false) })
		if !errdefs.IsConflict(err) { // a conflict: it has started meanwhile
			return nil, err
		}
	}
	a.identity, a.stream = id, nil
	return &found, nil
}

func (r *Runner) setContainer(a *attempt, id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a.container = id
}

// deliver puts the script into the container, and a directory that anybody may leave a result in. It
// costs a fifth of a start, so it is done only where it is needed.
func (r *Runner) deliver(ctx context.Context, a *attempt) error {
	if a.result == rootResult {
		return nil
	}
	files, err := archive(a.start.Container.Script)
	if err != nil {
		return &startError{cannotCreate, err}
	}
	err = within(ctx, createTimeout, func(ctx context.Context) error {
		return r.daemon.CopyToContainer(ctx, a.container, volumePath, files, container.CopyToContainerOptions{})
	})
	if err != nil {
		return &startError{cannotCreate, fmt.Errorf("delivering the job's script: %w", err)}
	}
	return nil
}

// isRoot reports whether a container whose job asks for user, of an image that names another, runs
// as root.
func isRoot(user, imageUser string) bool {
	if user == "" {
		user = imageUser
	}
	name, _, _ := strings.Cut(user, ":")
	return name == "" || name == "0" || name == "root"
}

// archive is what the service's volume gets: the open directory, and the script if there is one.
func archive(script string) (*bytes.Buffer, error) {
	var content bytes.Buffer
	w := tar.NewWriter(&content)
	err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: openDir + "/", Mode: 0o1777, ModTime: time.Now()})
	if err == nil && script != "" {
		err = w.WriteHeader(&tar.Header{Name: scriptName, Mode: 0o755, Size: int64(len(script)), ModTime: time.Now()})
		if err == nil {
			_, err = w.Write([]byte(script))
		}
	}
	return &content, errors.Join(err, w.Close())
}

// startContainer starts a's container, once: when the daemon goes away in the middle it waits for it to come back and say whether
// the container started. If it does not know, nobody does, and starting it again might run it twice.
func (r *Runner) startContainer(ctx context.Context, a *attempt) error {
	var asked atomic.Bool
	trace := &httptrace.ClientTrace{WroteHeaders: func() { asked.Store(true) }}
	err := within(httptrace.WithClientTrace(context.WithoutCancel(ctx), trace), startTimeout, func(ctx context.Context) error {
		return r.daemon.ContainerStart(ctx, a.container, container.StartOptions{})
	})
	switch {
	case err == nil:
		return nil
	case !unreachable(err):
		return &startError{cannotStart, err}
	case !asked.Load():
		return err
	}
	r.part(a, 0)
	state, err := r.state(ctx, a)
	switch {
	case err != nil && ctx.Err() != nil:
		return err
	case err != nil || state.Status == container.StateCreated:
		return errMayHaveRun
	}
	return nil
}

// noteStart reports that a runs since the daemon says it does.
func (r *Runner) noteStart(ctx context.Context, a *attempt) error {
	state, err := r.state(ctx, a)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	at := now() // of a container that somebody removed already
	if err == nil {
		at = timeOf(state.StartedAt)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.nowRunning(a, at)
	return nil
}

// nowRunning records and reports that a runs since at, with mu held.
func (r *Runner) nowRunning(a *attempt, at batch.Time) {
	a.started = batch.AttemptStarted{Attempt: a.attempt, At: at, Log: batch.LogFrom(a.log)}
	r.reports.Put(a.started)
	close(a.running)
}
