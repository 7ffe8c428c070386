package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/internal/long"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// inShell has a command run by a shell after what setup does there.
func inShell(c *exec.Cmd, setup string) {
	c.Args = append([]string{"/bin/sh", "-c", setup + `; exec "$@"`, "sh"}, append([]string{c.Path}, c.Args[1:]...)...)
	c.Path = "/bin/sh"
}

// submitArray submits an array of the definition d, with two attempts for each child.
func (s *service) submitArray(size int32) string {
	s.t.Helper()
	attempts := int32(2)
	array, err := s.client.SubmitJob(s.t.Context(), &wire.SubmitJobRequest{
		JobName: "array", JobQueue: "q", JobDefinition: "d", ArrayProperties: &wire.ArrayProperties{Size: &size},
		RetryStrategy: &wire.RetryStrategy{Attempts: &attempts},
	})
	s.must(err)
	return array.JobID
}

// expectFirstAttempts waits for an array and checks that every child succeeded at its first attempt.
func (s *service) expectFirstAttempts(array string, size int) {
	s.t.Helper()
	j, err := s.client.Wait(s.t.Context(), array, nil)
	s.must(err)
	if j.Status != wire.StatusSucceeded {
		s.t.Errorf("the array is %s: %s", j.Status, j.StatusReason)
	}
	results, err := s.client.AllResults(s.t.Context(), array)
	s.must(err)
	if len(results) != size {
		s.t.Errorf("%d results, want %d", len(results), size)
	}
	for _, r := range results {
		if r.Status != wire.StatusSucceeded || r.Attempts != 1 {
			child, err := s.client.Job(s.t.Context(), r.JobID)
			s.must(err)
			s.t.Errorf("child %d is %s after %d attempts", r.Index, r.Status, r.Attempts)
			for _, a := range child.Attempts {
				s.t.Errorf("its attempt ended: %s", a.Ending())
			}
		}
	}
}

// An array of more children than the machine has descriptors or processes for is run a part at a time. No child fails, and no
// attempt is used up.
func TestSmallMachine(t *testing.T) {
	long.Only(t, "runs hundreds of processes")
	const children = 200
	for name, limited := range map[string]func(*testing.T, string) func(*exec.Cmd){
		"open files":             fewFiles,
		"processes of the user":  fewProcesses,
		"processes of its group": smallGroup,
	} {
		t.Run(name, func(t *testing.T) {
			dir, err := os.MkdirTemp("", "small") //nolint:usetesting // other users may not enter the directory of a test
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.RemoveAll(dir) })
			s := startUnder(t, dir, limited(t, dir))
			defer s.stop()
			s.setUp(t.Context(), 2*children, "#!/bin/sh\nsleep 0.2\n")
			s.expectFirstAttempts(s.submitArray(children), children)
		})
	}
}

func fewFiles(*testing.T, string) func(*exec.Cmd) {
	return func(c *exec.Cmd) { inShell(c, "ulimit -n 256") }
}

// fewProcesses has the runtime run as a user who may have few processes.
func fewProcesses(t *testing.T, dir string) func(*exec.Cmd) {
	if os.Geteuid() != 0 {
		t.Skip("running as another user needs root")
	}
	const user = 64321 // nobody else
	program := filepath.Join(dir, "batchd")
	body, err := os.ReadFile(os.Args[0]) // it lies where others may not look
	if err == nil {
		err = os.WriteFile(program, body, 0o755)
	}
	if err == nil {
		err = os.Chown(dir, user, user)
	}
	if err != nil {
		t.Fatal(err)
	}
	return func(c *exec.Cmd) {
		c.Path = program
		inShell(c, "ulimit -u 150")
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: user, Gid: user}}
	}
}

// smallGroup has the runtime run in a control group of few processes.
func smallGroup(t *testing.T, _ string) func(*exec.Cmd) {
	group := groupOf150(t)
	return func(c *exec.Cmd) { inShell(c, "echo $$ > "+group+"/cgroup.procs") }
}

// groupOf150 makes a control group that takes 150 processes, or skips the test where none can be made.
func groupOf150(t *testing.T) string {
	t.Helper()
	var refused error
	for _, tree := range []string{"/sys/fs/cgroup/pids", "/sys/fs/cgroup"} {
		group, err := os.MkdirTemp(tree, "batchd-test") //nolint:usetesting // a group is made in the tree of groups
		if err != nil {
			refused = errors.Join(refused, err)
			continue
		}
		t.Cleanup(func() { removeGroup(t, group) })
		if err = os.WriteFile(filepath.Join(group, "pids.max"), []byte("150"), 0o600); err == nil {
			return group
		}
		refused = errors.Join(refused, err)
	}
	t.Skipf("no control group that limits processes can be made here: %v", refused)
	return ""
}

// removeGroup ends what is in a group that this test made, and removes it.
func removeGroup(t *testing.T, group string) {
	until(t, "the end of the control group", func() bool {
		members, _ := os.ReadFile(filepath.Join(group, "cgroup.procs"))
		for _, member := range strings.Fields(string(members)) {
			if pid, err := strconv.Atoi(member); err == nil {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
		}
		err := os.Remove(group)
		return err == nil || os.IsNotExist(err)
	})
}

// Docker that is down is a fault of the machine: it is said at once, children wait, and no attempt is used up.
func TestDockerDown(t *testing.T) {
	long.Only(t, "runs containers")
	const children, image = 20, "batchd-test/busybox:1"
	usual, isSocket := strings.CutPrefix(os.Getenv("DOCKER_HOST"), "unix://")
	if !isSocket || exec.Command("docker", "image", "inspect", image).Run() != nil {
		t.Skip(`no Docker with the image ` + image + ` at a socket that DOCKER_HOST names (export DOCKER_HOST="$(.ci/docker-up)")`)
	}
	socket := filepath.Join(t.TempDir(), "docker.sock") // nobody listens there
	s := startUnder(t, mkdir(t, filepath.Join(t.TempDir(), "state")), func(c *exec.Cmd) { c.Env = append(os.Environ(), "DOCKER_HOST=unix://"+socket) })
	defer s.stop()
	s.setUp(t.Context(), children, "#!/bin/sh\ntrue\n")
	s.register(wire.ContainerProperties{Image: new(image), Command: []string{"true"}})
	array := s.submitArray(children)
	s.expectFault(array+":0", "Docker is not reachable at unix://"+socket, time.Second)
	s.must(os.Symlink(usual, socket))
	s.expectFirstAttempts(array, children)
}

// register makes a new revision of the definition d.
func (s *service) register(p wire.ContainerProperties) {
	s.t.Helper()
	p.ResourceRequirements = []wire.ResourceRequirement{{Type: wire.ResourceVCPU, Value: "1"}, {Type: wire.ResourceMemory, Value: "16"}}
	_, err := s.client.RegisterJobDefinition(s.t.Context(), &wire.RegisterJobDefinitionRequest{
		JobDefinitionName: "d", Type: wire.TypeContainer, ContainerProperties: &p,
	})
	s.must(err)
}

// expectFault waits until a job says that its host starts nothing, for a reason, and checks how long that took.
func (s *service) expectFault(job, reason string, limit time.Duration) {
	s.t.Helper()
	began := time.Now()
	until(s.t, "the fault", func() bool {
		answer, err := s.client.DescribeJobs(s.t.Context(), &wire.DescribeJobsRequest{Jobs: []string{job}})
		s.must(err)
		said := answer.Jobs[0].StatusReason
		return strings.HasPrefix(said, "HOST_FAULT") && strings.Contains(said, reason)
	})
	if took, limit := time.Since(began), long.Stretched(limit); took > limit {
		s.t.Errorf("the fault was said after %s; allowed is %s", took, limit)
	}
}
