package wrapper_test

import (
	"archive/tar"
	"bytes"
	"os"
	"os/exec"
	"testing"

	"github.com/google/uuid"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/wrapper"
)

const testImage = "batchd-test/busybox:1" // .ci/docker-up makes it

// userland is a kind of image: options of docker run, and the words that call its shell.
type userland struct {
	name    string
	options []string
	shell   []string
}

var userlands = []userland{
	{"dash and BusyBox", nil, []string{"/bin/sh"}},
	{"BusyBox alone", nil, []string{"/bin/busybox", "sh"}},
	{"GNU", []string{"-v", "/usr:/usr:ro", "-v", "/usr/bin:/bin:ro", "-v", "/usr/lib:/lib:ro", "-v", "/usr/lib64:/lib64:ro"}, []string{"/bin/bash", "--posix"}},
}

func needDocker(t *testing.T) {
	t.Helper()
	if exec.CommandContext(t.Context(), "docker", "image", "inspect", testImage).Run() != nil {
		t.Skipf("no Docker here, or no image %s (.ci/docker-up makes it)", testImage)
	}
}

// container is a command line of Docker that runs a command with the wrapper in a container of u.
func (u userland) container(options, command []string) []string {
	line := append([]string{
		"run", "--rm", "--network", "none", "-e", "AWS_BATCH_JOB_ID=" + string(attempt.Job), "-e", "AWS_BATCH_JOB_ATTEMPT=2", "--entrypoint", u.shell[0],
	}, u.options...)
	line = append(append(append(line, options...), testImage), u.shell[1:]...)
	return append(append(line, wrapper.EntryPoint()[1:]...), command...)
}

// run runs a container to its end. What comes on stderr is the log of the test.
func (u userland) run(t *testing.T, options, command []string) outcome {
	t.Helper()
	return u.runs(t, options, command, func() {})
}

func (u userland) runs(t *testing.T, options, command []string, during func()) outcome {
	t.Helper()
	docker := exec.CommandContext(t.Context(), "docker", u.container(options, command)...)
	docker.Stderr = t.Output()
	return follow(t, docker, during)
}

func TestContainersOfEveryKindOfImage(t *testing.T) {
	needDocker(t)
	for _, u := range userlands {
		t.Run(u.name, func(t *testing.T) {
			t.Parallel()
			if u.options != nil {
				if _, err := os.Stat("/usr/bin/bash"); err != nil {
					t.Skip("this machine has no bash to lend")
				}
			}
			for _, options := range [][]string{nil, {"--user", "1000:1000"}, {"--read-only", "--user", "1000"}} {
				o := u.run(t, options, []string{"sh", "-c", `echo out; printf '[1]' >"$BATCH_RESULT_FILE"; exit 3`})
				o.check(t, 3, "out\n", "[1]")
				script := append([]string{"-e", wrapper.ScriptVariable + "=#!/bin/sh\necho \"$1\"; printf '\"s\"' >$BATCH_RESULT_FILE"}, options...)
				u.run(t, script, []string{"an argument"}).check(t, 0, "an argument\n", `"s"`)
			}
			for command, code := range map[string]int{"exit 0": 0, "exit 1": 1, "kill -KILL $$": 137, "kill -TERM $$": 143} {
				u.run(t, nil, []string{"sh", "-c", command}).check(t, code, "", "")
			}
			o := u.run(t, nil, []string{"sh", "-c", `head -c 65536 /dev/zero | tr '\0' x >"$BATCH_RESULT_FILE"`})
			if body, problem := o.Result(); len(body) != batch.MaxResultBytes || problem != "" {
				t.Errorf("%d bytes of 64 KiB, %q", len(body), problem)
			}
		})
	}
}

func TestStoppingAContainerStopsTheJob(t *testing.T) {
	needDocker(t)
	for _, u := range userlands[:2] {
		name := "batchd-wrapper-" + uuid.NewString()
		const job = `trap 'printf 2 >"$BATCH_RESULT_FILE"; exit 143' TERM; echo up; while :; do sleep 0.1; done`
		o := u.runs(t, []string{"--name", name}, []string{"sh", "-c", job}, func() {
			if out, err := exec.CommandContext(t.Context(), "docker", "stop", "-t", "60", name).CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
		o.check(t, 143, "up\n", "2")
	}
}

func TestAnImageWithoutAShellIsNamedAsTheCause(t *testing.T) {
	needDocker(t)
	busybox, err := os.ReadFile("/bin/busybox")
	if err != nil {
		t.Skip("no static BusyBox here")
	}
	image := "batchd-test/one-binary:" + uuid.NewString()
	load(t, image, "true", busybox)
	t.Cleanup(func() { _ = exec.Command("docker", "image", "rm", "-f", image).Run() }) // the context of the test has ended
	if out, err := exec.CommandContext(t.Context(), "docker", "run", "--rm", "--network", "none", image, "/true").CombinedOutput(); err != nil {
		t.Errorf("without the wrapper: %v: %s", err, out)
	}
	arguments := append([]string{"run", "--rm", "--network", "none", "--entrypoint", wrapper.Shell, image}, wrapper.EntryPoint()[1:]...)
	complaint, err := exec.CommandContext(t.Context(), "docker", arguments...).CombinedOutput()
	if err == nil || !wrapper.NoShell("CannotStartContainerError: "+string(complaint)) {
		t.Errorf("%v: %s", err, complaint)
	}
	if wrapper.NoShell(`CannotStartContainerError: exec: "/app": stat /app: no such file or directory`) {
		t.Error("a missing program is taken for a missing shell")
	}
}

// load makes an image of one file.
func load(t *testing.T, image, name string, content []byte) {
	t.Helper()
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(content))}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "docker", "import", "-", image)
	command.Stdin = &archive
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}
