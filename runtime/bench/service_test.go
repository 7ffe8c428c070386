package bench

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/rendezvous"
)

// service is a batchd that runs.
type service struct {
	*client.Client
	t       *testing.T
	dir     string
	process *exec.Cmd
	target  rendezvous.Target
	// ready is how long it took from the start of the process to the first answer.
	ready time.Duration
}

// serve starts the binary that "make build" made on a state directory.
func serve(t *testing.T, dir string) *service {
	t.Helper()
	binary, err := filepath.Abs("../../build/batchd")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(binary); err != nil {
		t.Fatalf("%v: run 'make build' first", err)
	}
	ready := filepath.Join(dir, "ready")
	_ = os.Remove(ready)
	s := &service{t: t, dir: dir}
	s.process = exec.Command(binary, "serve", "--state-dir", filepath.Join(dir, "state"), "--ready-file", ready, "--log-file", filepath.Join(dir, "log"))
	begin := time.Now()
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, time.Minute, "the runtime to be ready", func() bool { _, err := os.Stat(ready); return err == nil })
	if s.target, err = rendezvous.Find("", filepath.Join(dir, "state"), os.Getenv); err != nil {
		t.Fatal(err)
	}
	if s.Client, err = client.Open(t.Context(), s.target, client.Options{}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Status(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.ready = time.Since(begin)
	t.Cleanup(s.stop)
	return s
}

// stop ends the runtime and waits for it.
func (s *service) stop() {
	if s.process.ProcessState != nil {
		return
	}
	_ = s.process.Process.Signal(os.Interrupt)
	_ = s.process.Wait()
}

// until looks every millisecond whether something is so.
func until(t *testing.T, limit time.Duration, what string, is func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
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

// setUp makes an environment, a queue and a definition that runs command.
func (s *service) setUp(vcpus int32, state string, command ...string) {
	s.t.Helper()
	ctx, order, priority := s.t.Context(), int32(1), int32(1)
	_, err := s.CreateComputeEnvironment(ctx, &wire.CreateComputeEnvironmentRequest{
		ComputeEnvironmentName: "here", Type: wire.Managed, State: &state,
		ComputeResources: &wire.ComputeResource{Type: wire.TypeLocal, MaxvCpus: &vcpus},
	})
	s.must(err)
	_, err = s.CreateJobQueue(ctx, &wire.CreateJobQueueRequest{
		JobQueueName: "q", Priority: &priority,
		ComputeEnvironmentOrder: []wire.ComputeEnvironmentOrder{{Order: &order, ComputeEnvironment: "here"}},
	})
	s.must(err)
	_, err = s.RegisterJobDefinition(ctx, &wire.RegisterJobDefinitionRequest{
		JobDefinitionName: "d", Type: wire.TypeContainer,
		ContainerProperties: &wire.ContainerProperties{Command: command, ResourceRequirements: []wire.ResourceRequirement{{Type: wire.ResourceVCPU, Value: "1"}}},
	})
	s.must(err)
}

// submit submits a job, or an array of size children.
func (s *service) submit(ctx context.Context, size int32) (string, error) {
	q := &wire.SubmitJobRequest{JobName: "bench", JobQueue: "q", JobDefinition: "d"}
	if size > 0 {
		q.ArrayProperties = &wire.ArrayProperties{Size: &size}
	}
	answer, err := s.SubmitJob(ctx, q)
	if err != nil {
		return "", err
	}
	return answer.JobID, nil
}

// resident returns the resident memory of the runtime in MiB.
func (s *service) resident() float64 {
	s.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.process.Process.Pid))
	if err != nil {
		s.t.Skipf("resident memory: %v", err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 64)
			s.must(err)
			return kib / 1024
		}
	}
	return 0
}

// atRest is the resident memory once it has not fallen for a while.
func (s *service) atRest() float64 {
	least, since := s.resident(), time.Now()
	look := time.NewTicker(time.Second)
	defer look.Stop()
	for time.Since(since) < restAfter {
		<-look.C
		if now := s.resident(); now < least-1 {
			least, since = now, time.Now()
		}
	}
	return least
}

// restAfter is for how long memory must not have fallen.
const restAfter = 15 * time.Second

func (s *service) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}
