package docker

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"

	"github.com/batchd/terraform-provider-batch/internal/long"
)

// ownDaemon is a Docker daemon of one test, with its own socket, data and network namespace, which the test may kill
// and freeze.
type ownDaemon struct {
	t       *testing.T
	dir     string
	options []string // beside the usual ones
	process *exec.Cmd
	ended   chan struct{} // closed when process has ended
}

// newOwnDaemon starts a daemon that has the test image, or skips the test where that cannot be done.
func newOwnDaemon(t *testing.T, options ...string) *ownDaemon {
	t.Helper()
	long.Only(t, "starts a Docker daemon")
	if os.Geteuid() != 0 {
		t.Skip("starting a Docker daemon needs root")
	}
	if _, err := exec.LookPath("dockerd"); err != nil {
		t.Skipf("no Docker daemon to start: %v (.ci/docker-up installs one)", err)
	}
	usual, err := newDaemon("")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = usual.Close() }()
	image, err := usual.ImageSave(t.Context(), []string{testImage})
	if err != nil {
		t.Skipf("no image %s to copy: %v (.ci/docker-up makes it)", testImage, err)
	}
	defer func() { _ = image.Close() }()
	dir, err := os.MkdirTemp("", "dockerd") //nolint:usetesting // the name of a test's own directory is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	d := &ownDaemon{t: t, dir: dir, options: options}
	t.Cleanup(d.remove)
	if err := d.start(); err != nil {
		t.Skipf("no Docker daemon can be started here: %v", err)
	}
	d.load(image)
	return d
}

func (d *ownDaemon) host() string { return "unix://" + d.dir + "/docker.sock" }

// start starts the daemon and waits until it answers.
func (d *ownDaemon) start() error {
	log, err := os.OpenFile(d.dir+"/log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	for _, of := range []string{"/pid", "/exec/containerd/containerd.pid"} { // of one that was killed, and may be a zombie yet
		if err := os.Remove(d.dir + of); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	d.process = exec.Command("dockerd", append([]string{
		"--host", d.host(), "--data-root", d.dir + "/data", "--exec-root", d.dir + "/exec",
		"--pidfile", d.dir + "/pid", "--iptables=false", "--ip6tables=false", "--ip-masq=false", "--ip-forward=false",
		"--exec-opt", "native.cgroupdriver=cgroupfs",
	}, d.options...)...)
	d.process.Stdout, d.process.Stderr = log, log
	d.process.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Cloneflags: syscall.CLONE_NEWNET} // its bridge is not another daemon's
	if err := d.process.Start(); err != nil {
		return err
	}
	process, ended := d.process, make(chan struct{})
	d.ended = ended
	go func() {
		_ = process.Wait()
		close(ended)
	}()
	return d.awaitAnswer()
}

func (d *ownDaemon) awaitAnswer() error {
	c, err := client.NewClientWithOpts(client.WithHost(d.host()))
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for {
		if _, err := c.Ping(d.t.Context()); err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-d.ended:
			return errors.New("it ended: " + d.lastWords())
		case <-deadline:
			return errors.New("it does not answer: " + d.lastWords())
		}
	}
}

// lastWords is the end of the daemon's log.
func (d *ownDaemon) lastWords() string {
	text, _ := os.ReadFile(d.dir + "/log")
	return string(text[max(0, len(text)-500):])
}

func (d *ownDaemon) load(image io.Reader) {
	d.t.Helper()
	c, err := newDaemon(d.host())
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	answer, err := c.ImageLoad(d.t.Context(), image)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		d.t.Fatal(err)
	}
}

// kill ends the daemon, and the containerd that ends with it, as the kernel does when memory is short. Containers go on.
func (d *ownDaemon) kill() {
	d.signal(syscall.SIGKILL)
	<-d.ended
}

// stop ends the daemon as a service manager does. It ends its containers first.
func (d *ownDaemon) stop() {
	d.signal(syscall.SIGTERM)
	<-d.ended
}

func (d *ownDaemon) signal(s syscall.Signal) {
	d.t.Helper()
	if err := d.process.Process.Signal(s); err != nil {
		d.t.Error(err)
	}
}

// remove ends the daemon and what it has mounted.
func (d *ownDaemon) remove() {
	if d.ended != nil {
		_ = d.process.Process.Signal(syscall.SIGCONT)
		_ = d.process.Process.Signal(syscall.SIGTERM)
		select {
		case <-d.ended:
		case <-time.After(patience):
			d.kill()
		}
	}
	d.endShims()
	mounts, _ := os.ReadFile("/proc/self/mounts")
	for _, line := range slices.Backward(bytes.Split(mounts, []byte("\n"))) {
		if fields := strings.Fields(string(line)); len(fields) > 1 && strings.HasPrefix(fields[1], d.dir+"/") {
			_ = syscall.Unmount(fields[1], syscall.MNT_DETACH)
		}
	}
	if err := os.RemoveAll(d.dir); err != nil {
		d.t.Error(err)
	}
}

// endContainers ends what runs. It removes no container: a daemon that was started again may not unmount the file system of one that
// an earlier daemon ran, and the data of this daemon goes with it.
func (d *ownDaemon) endContainers() {
	c, err := newDaemon(d.host())
	if err != nil {
		d.t.Error(err)
		return
	}
	defer func() { _ = c.Close() }()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(d.t.Context()), patience)
	defer cancel()
	running, err := c.ContainerList(ctx, container.ListOptions{})
	if err != nil {
		d.t.Error(err)
	}
	for _, r := range running {
		if err := c.ContainerKill(ctx, r.ID, "SIGKILL"); err != nil && !errdefs.IsNotFound(err) && !errdefs.IsConflict(err) { // a conflict: it has ended
			d.t.Error(err)
		}
	}
}

// endShims ends what keeps containers running that a daemon which does not come back has left.
func (d *ownDaemon) endShims() {
	lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, path := range lines {
		text, _ := os.ReadFile(path)
		if bytes.Contains(text, []byte(d.dir+"/exec/containerd/containerd.sock")) {
			if pid, err := strconv.Atoi(strings.Split(path, "/")[2]); err == nil {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
		}
	}
}

// overOwnDaemon is a bench over a daemon of its own.
func overOwnDaemon(t *testing.T, options ...string) (*bench, *ownDaemon) {
	t.Helper()
	d := newOwnDaemon(t, options...)
	dir := t.TempDir()
	b := &bench{t: t, options: Options{Host: d.host(), InstallationID: "own", StateDir: dir, LogsDir: filepath.Join(dir, "logs")}}
	if testing.Verbose() {
		b.options.Logger = testLogger(t)
	}
	t.Cleanup(d.endContainers)
	b.open()
	return b, d
}
