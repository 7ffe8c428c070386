package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/cli"
	"github.com/batchd/terraform-provider-batch/runtime/rendezvous"
)

// door makes this test binary batchd itself, so that tests run the real commands in real processes.
const door = "batchd"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == door {
		os.Exit(cli.Main(os.Args[2:], door))
	}
	os.Exit(m.Run())
}

// service is a batchd in a process of its own.
type service struct {
	t       *testing.T
	dir     string // its state directory
	process *exec.Cmd
	client  *client.Client
}

// start starts a runtime on dir and returns once it serves.
func start(t *testing.T, dir string) *service {
	t.Helper()
	return startUnder(t, dir, func(*exec.Cmd) {})
}

// startUnder starts a runtime whose process is changed before.
func startUnder(t *testing.T, dir string, change func(*exec.Cmd)) *service {
	t.Helper()
	ready := filepath.Join(dir, "ready.json")
	if err := os.Remove(ready); err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	s := &service{t: t, dir: dir, process: command("serve", "--state-dir", dir, "--ready-file", ready, "--log-file", filepath.Join(dir, "batchd.log"))}
	change(s.process)
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, "the runtime to serve", func() bool { _, err := os.Stat(ready); return err == nil })
	target, err := rendezvous.Find("", dir, func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	if s.client, err = client.Open(t.Context(), target, client.Options{}); err != nil {
		t.Fatal(err)
	}
	return s
}

// command is batchd with these arguments.
func command(args ...string) *exec.Cmd {
	return exec.Command(os.Args[0], append([]string{door}, args...)...)
}

// kill ends the runtime as a power cut would, and leaves its holder alone.
func (s *service) kill() {
	_ = s.process.Process.Kill()
	_ = s.process.Wait()
}

func (s *service) stop() {
	_ = s.process.Process.Signal(os.Interrupt)
	_ = s.process.Wait()
}

// until looks every few milliseconds whether something is so.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	const limit = 2 * time.Minute
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(limit)
	for !is() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("waited %s for %s", limit, what)
		}
	}
}

// setUp makes an environment, a queue and a definition that runs script.
func (s *service) setUp(ctx context.Context, vcpus int32, script string) {
	s.t.Helper()
	order, priority := int32(1), int32(1)
	_, err := s.client.CreateComputeEnvironment(ctx, &wire.CreateComputeEnvironmentRequest{
		ComputeEnvironmentName: "here", Type: wire.Managed,
		ComputeResources: &wire.ComputeResource{Type: wire.TypeLocal, MaxvCpus: &vcpus},
	})
	s.must(err)
	_, err = s.client.CreateJobQueue(ctx, &wire.CreateJobQueueRequest{
		JobQueueName: "q", Priority: &priority,
		ComputeEnvironmentOrder: []wire.ComputeEnvironmentOrder{{Order: &order, ComputeEnvironment: "here"}},
	})
	s.must(err)
	_, err = s.client.RegisterJobDefinition(ctx, &wire.RegisterJobDefinitionRequest{
		JobDefinitionName: "d", Type: wire.TypeContainer, Batchd: &wire.JobDefinitionExtension{Script: script},
		ContainerProperties: &wire.ContainerProperties{ResourceRequirements: []wire.ResourceRequirement{{Type: wire.ResourceVCPU, Value: "1"}}},
	})
	s.must(err)
}

func (s *service) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}
