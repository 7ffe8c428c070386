// Package dockerengine runs the containers of the double's ECS tasks on a Docker daemon, so that a test from end to end has real processes,
// exit codes and output under the protocol of ECS. An instance of EC2 is a name here: the containers of all instances run on one daemon, each with
// the limits of its task definition.
//
// It is not for production: it knows nothing of what an earlier process ran, and at its end it removes all its containers.
package dockerengine

import (
	"context"
	"fmt"
	"sync"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/client"

	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/awsfake"
)

// Engine runs containers on a Docker daemon. It implements [awsfake.Engine].
type Engine struct {
	daemon   *client.Client
	name     string
	metadata string
	starts   chan struct{} // holds an element for each container that is being started

	mu     sync.Mutex
	closed bool
	keys   map[string]string // the ids of containers by the keys of their metadata
	tasks  sync.WaitGroup
	end    chan struct{} // closed by Close
}

// label marks the containers of an engine with its name, and labelTask with the ARN of their task.
const (
	label     = "batchd.awsfake"
	labelTask = "batchd.awsfake.task"
)

// Options say which engine it is.
type Options struct {
	// Name tells the containers of this engine from those of others: it must be unique on the daemon.
	Name string
	// Metadata is the URL at which [Engine.Metadata] is served, without a slash at its end. If it is empty, containers have no metadata
	// endpoint.
	Metadata string
}

// New connects to the daemon that DOCKER_HOST names, or else to the usual one.
func New(ctx context.Context, options Options) (*Engine, error) {
	daemon, err := client.NewClientWithOpts(client.FromEnv, client.WithAPIVersionNegotiation())
	if err != nil {
		return nil, fmt.Errorf("docker: %w; give DOCKER_HOST as unix:///path or tcp://host:port", err)
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	if _, err := daemon.Ping(ctx); err != nil {
		return nil, fmt.Errorf("docker: no daemon answers at %s: %w", daemon.DaemonHost(), err)
	}
	return &Engine{daemon: daemon, name: options.Name, metadata: options.Metadata, keys: map[string]string{}, end: make(chan struct{}), starts: make(chan struct{}, maxStarts)}, nil
}

// Run implements [awsfake.Engine].
func (e *Engine) Run(c awsfake.Container, watch awsfake.Watch) awsfake.Running {
	r := &run{engine: e, container: c, watch: watch, stop: make(chan struct{}), kill: make(chan struct{})}
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.closed {
		e.tasks.Go(r.run)
	}
	return r
}

// Close removes all containers of the engine and waits until nothing of it runs.
func (e *Engine) Close() error {
	e.mu.Lock()
	if !e.closed {
		e.closed = true
		close(e.end)
	}
	e.mu.Unlock()
	e.tasks.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), requestTimeout)
	defer cancel()
	left, err := e.daemon.ContainerList(ctx, container.ListOptions{All: true, Filters: filters.NewArgs(filters.Arg("label", label+"="+e.name))})
	if err != nil {
		return fmt.Errorf("docker: listing the containers that are left: %w", err)
	}
	for _, c := range left {
		if err := e.daemon.ContainerRemove(ctx, c.ID, container.RemoveOptions{Force: true, RemoveVolumes: true}); err != nil {
			return fmt.Errorf("docker: removing the container %s: %w", c.ID, err)
		}
	}
	return e.daemon.Close()
}
