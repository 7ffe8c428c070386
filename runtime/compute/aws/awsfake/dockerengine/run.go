package dockerengine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/image"

	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/awsfake"
)

// run is one container. Its goroutine takes it from the pull to its removal.
type run struct {
	engine    *Engine
	container awsfake.Container
	watch     awsfake.Watch
	id        string
	failed    error // why its end could not be waited for

	stopOnce, killOnce sync.Once
	stop, kill         chan struct{}
}

// Stop implements [awsfake.Running].
func (r *run) Stop() { r.stopOnce.Do(func() { close(r.stop) }) }

// Kill implements [awsfake.Running].
func (r *run) Kill() { r.killOnce.Do(func() { close(r.kill) }) }

func (r *run) run() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-r.kill:
		case <-r.engine.end:
		case <-ctx.Done():
		}
		cancel()
	}()
	ending := r.play(ctx)
	r.remove()
	if ctx.Err() == nil {
		r.watch.Ended(ending)
	}
}

// play runs the container and returns how it ended.
func (r *run) play(ctx context.Context) awsfake.Ending {
	if err := r.pull(ctx); err != nil {
		return awsfake.Ending{Reason: "CannotPullContainerError: " + err.Error()}
	}
	r.watch.Pulled()
	key, environment := r.engine.newKey(r.container.Environment)
	r.container.Environment = environment
	made, err := r.engine.daemon.ContainerCreate(ctx, config(r.engine.name, r.container), hostConfig(r.container), nil, nil, "")
	if err != nil {
		return awsfake.Ending{Reason: "CannotCreateContainerError: " + err.Error()}
	}
	r.id = made.ID
	r.engine.keep(key, r.id)
	if r.stopped() { // it is not started
		return awsfake.Ending{}
	}
	over, failed := r.engine.daemon.ContainerWait(ctx, r.id, container.WaitConditionNextExit)
	r.engine.starts <- struct{}{}
	err = r.engine.daemon.ContainerStart(ctx, r.id, container.StartOptions{})
	<-r.engine.starts
	if err != nil {
		return awsfake.Ending{Reason: "CannotStartContainerError: " + err.Error()}
	}
	r.watch.Started()
	told := make(chan struct{})
	go func() {
		defer close(told)
		r.tell(ctx)
	}()
	r.await(ctx, over, failed)
	select {
	case <-told:
	case <-time.After(outputTimeout):
	}
	return r.ending(ctx)
}

// pull gets the image, unless the daemon has it.
func (r *run) pull(ctx context.Context) error {
	if _, err := r.engine.daemon.ImageInspect(ctx, r.container.Image); !errdefs.IsNotFound(err) {
		return err
	}
	progress, err := r.engine.daemon.ImagePull(ctx, r.container.Image, image.PullOptions{})
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, progress) // the pull lasts as long as its progress is told
	return errors.Join(err, progress.Close())
}

// await waits for the end of the container, and stops it if that is asked for.
func (r *run) await(ctx context.Context, over <-chan container.WaitResponse, failed <-chan error) {
	stop := r.stop
	for {
		select {
		case <-over:
			return
		case err := <-failed:
			r.failed = err
			return
		case <-ctx.Done():
			return
		case <-stop:
			stop = nil
			go func() { // it waits for as long as the container takes
				seconds := int(r.container.StopTimeout / time.Second)
				_ = r.engine.daemon.ContainerStop(ctx, r.id, container.StopOptions{Timeout: &seconds}) // the end of the container says how it went
			}()
		}
	}
}

// ending asks the daemon how the container ended. It may say a little later than the end that memory ran out.
func (r *run) ending(ctx context.Context) awsfake.Ending {
	deadline := time.Now().Add(oomTimeout)
	for {
		found, err := r.engine.daemon.ContainerInspect(ctx, r.id)
		if err == nil && found.State.Running {
			err = fmt.Errorf("it cannot be waited for: %w", r.failed)
		}
		if err != nil {
			return awsfake.Ending{Started: true, ExitCode: exitUnknown, Reason: "the Docker daemon does not say how the container ended: " + err.Error()}
		}
		ending := awsfake.Ending{Started: true, ExitCode: int32(found.State.ExitCode)}
		if found.State.OOMKilled && ending.ExitCode != 0 {
			ending.Reason = awsfake.OutOfMemory
		}
		if ending.ExitCode != exitKilled || ending.Reason != "" || r.stopped() || time.Now().After(deadline) {
			return ending
		}
		time.Sleep(oomTimeout / 10)
	}
}

// stopped reports whether the container was told to stop.
func (r *run) stopped() bool {
	select {
	case <-r.stop:
		return true
	default:
		return false
	}
}

// remove removes the container, whatever it does.
func (r *run) remove() {
	if r.id == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), requestTimeout)
	defer cancel()
	_ = r.engine.daemon.ContainerRemove(ctx, r.id, container.RemoveOptions{Force: true, RemoveVolumes: true}) // Close looks for what is left
}
