package docker

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/docker/docker/api/types/container"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

// BenchmarkRunner measures attempts through the runner, from order to removal.
func BenchmarkRunner(b *testing.B) {
	r := newBench(b)
	var starts []compute.Start
	for i := range b.N {
		s := order(fmt.Sprintf("b%d", i), "echo hello")
		starts = append(starts, s)
	}
	b.ResetTimer()
	if err := r.Start(b.Context(), starts); err != nil {
		b.Fatal(err)
	}
	for ended := 0; ended < b.N; {
		for _, report := range <-r.Reports() {
			if x, ok := report.(batch.AttemptExited); ok {
				ended++
				if x.Exit.Code == nil || *x.Exit.Code != 0 {
					b.Fatalf("%+v", x.Exit)
				}
				_ = r.Forget(b.Context(), []batch.AttemptID{x.Exit.Attempt})
			}
		}
	}
}

// BenchmarkBareAPI is the yardstick: the same daemon, create, start, wait, logs, remove, four at a time.
func BenchmarkBareAPI(b *testing.B) {
	r := newBench(b)
	b.ResetTimer()
	var wg sync.WaitGroup
	work := make(chan int)
	for range startsInFlight {
		wg.Go(func() {
			for i := range work {
				if err := bare(b.Context(), r.daemon, order(fmt.Sprintf("bare%d", i), "echo hello"), r.installation); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for i := range b.N {
		work <- i
	}
	close(work)
	wg.Wait()
}

func bare(ctx context.Context, d daemon, s compute.Start, installation string) error {
	made, err := d.ContainerCreate(ctx, &container.Config{
		Image: s.Container.Image, Cmd: s.Container.Command,
		Labels: map[string]string{labelInstallation: installation},
	},
		&container.HostConfig{NetworkMode: network}, nil, nil, "")
	if err != nil {
		return err
	}
	if err := d.ContainerStart(ctx, made.ID, container.StartOptions{}); err != nil {
		return err
	}
	done, errs := d.ContainerWait(ctx, made.ID, container.WaitConditionNotRunning)
	select {
	case <-done:
	case err := <-errs:
		return err
	}
	logs, err := d.ContainerLogs(ctx, made.ID, container.LogsOptions{ShowStdout: true})
	if err != nil {
		return err
	}
	_ = logs.Close()
	return d.remove(ctx, made.ID, false)
}
