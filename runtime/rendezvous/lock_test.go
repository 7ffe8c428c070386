package rendezvous

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// holdEnv makes the test binary a process that holds the lock of a directory.
const holdEnv = "RENDEZVOUS_TEST_HOLD"

func TestMain(m *testing.M) {
	if path := os.Getenv(holdEnv); path != "" {
		os.Exit(hold(path))
	}
	os.Exit(m.Run())
}

// hold takes the lock, says so and waits for the end of its input.
func hold(path string) int {
	d, err := Open(path)
	if err == nil {
		_, err = d.Lock()
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println("held")
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
	return 0
}

// holder is another process that holds a lock.
type holder struct {
	command *exec.Cmd
	said    string
}

func startHolder(t *testing.T, path string) *holder {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0])
	command.Env = append(os.Environ(), holdEnv+"="+path)
	_, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return &holder{command, strings.TrimSpace(line)}
}

// kill ends the process as kill -9 does, and waits for it.
func (h *holder) kill(t *testing.T) {
	t.Helper()
	if err := h.command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = h.command.Wait() // it was killed
}

func TestOneProcessHoldsTheLock(t *testing.T) {
	d := open(t, t.TempDir())
	if _, alive, err := Alive(d.Path()); alive || err != nil {
		t.Errorf("before: alive %v, %v", alive, err)
	}
	first := startHolder(t, d.Path())
	if first.said != "held" {
		t.Fatalf("the first says %q", first.said)
	}
	pid, alive, err := Alive(d.Path())
	if !alive || pid != first.command.Process.Pid || err != nil {
		t.Errorf("while held: alive %v as %d, %v; want %d", alive, pid, err, first.command.Process.Pid)
	}
	_, err = d.Lock()
	var held *HeldError
	if !errors.As(err, &held) || held.PID != first.command.Process.Pid || !strings.Contains(err.Error(), strconv.Itoa(held.PID)) {
		t.Errorf("this process: %v", err)
	}
	if second := startHolder(t, d.Path()); !strings.Contains(second.said, "in use by process "+strconv.Itoa(first.command.Process.Pid)) {
		t.Errorf("the second says %q", second.said)
	}
	first.kill(t)
	if _, alive, err := Alive(d.Path()); alive || err != nil {
		t.Errorf("after kill -9: alive %v, %v", alive, err)
	}
	lock, err := d.Lock()
	if err != nil {
		t.Fatalf("after kill -9: %v", err)
	}
	if pid, alive, err := Alive(d.Path()); !alive || pid != os.Getpid() || err != nil {
		t.Errorf("own: alive %v as %d, %v", alive, pid, err)
	}
	if err := lock.Unlock(); err != nil {
		t.Error(err)
	}
	if _, alive, err := Alive(d.Path()); alive || err != nil {
		t.Errorf("after Unlock: alive %v, %v", alive, err)
	}
}

func TestAliveOfNothing(t *testing.T) {
	if _, alive, err := Alive(t.TempDir() + "/none"); alive || err != nil {
		t.Errorf("alive %v, %v", alive, err)
	}
}

// TestLookersDoNotKeepTheLock lets many look while one takes the lock again and again.
func TestLookersDoNotKeepTheLock(t *testing.T) {
	d := open(t, t.TempDir())
	stop, done := make(chan struct{}), make(chan error, 4)
	for range cap(done) {
		go func() {
			for {
				select {
				case <-stop:
					done <- nil
					return
				default:
				}
				if _, _, err := Alive(d.Path()); err != nil {
					done <- err
					return
				}
			}
		}()
	}
	for deadline := time.Now().Add(200 * time.Millisecond); time.Now().Before(deadline); {
		lock, err := d.Lock()
		if err != nil {
			t.Error(err)
			break
		}
		if err := lock.Unlock(); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	for range cap(done) {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestListenKeepsItsPort(t *testing.T) {
	d := open(t, t.TempDir())
	listen := func() net.Listener {
		t.Helper()
		l, err := d.Listen(t.Context(), nil, "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	first := listen()
	address := first.Addr().String()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	again := listen()
	if again.Addr().String() != address {
		t.Errorf("after a restart: %s, want %s", again.Addr(), address)
	}
	other := listen() // the port is taken
	if other.Addr().String() == address {
		t.Errorf("two listeners on %s", address)
	}
	if _, err := d.Listen(t.Context(), nil, address); err == nil || !strings.Contains(err.Error(), "another port") {
		t.Errorf("a port in use: %v", err)
	}
	if _, err := d.Listen(t.Context(), nil, "nonsense"); err == nil || !strings.Contains(err.Error(), "host:port") {
		t.Errorf("no address: %v", err)
	}
	if err := errors.Join(again.Close(), other.Close()); err != nil {
		t.Error(err)
	}
	last := listen()
	if last.Addr().String() != other.Addr().String() {
		t.Errorf("the fresh port was not remembered: %s, want %s", last.Addr(), other.Addr())
	}
	if err := last.Close(); err != nil {
		t.Error(err)
	}
}

// TestLostLock takes the file of a lock away, puts another in its place, and moves the whole directory.
func TestLostLock(t *testing.T) {
	for name, c := range map[string]struct {
		lose func(dir, file string) error
		lost bool
	}{
		"nothing happens": {func(string, string) error { return nil }, false},
		"removed":         {func(_, file string) error { return os.Remove(file) }, true},
		"replaced": {func(_, file string) error {
			return errors.Join(os.Rename(file, file+".old"), os.WriteFile(file, nil, 0o600))
		}, true},
		"the directory is moved": {func(dir, _ string) error { return os.Rename(dir, dir+".moved") }, false},
		"the directory is replaced": {func(dir, _ string) error {
			return errors.Join(os.Rename(dir, dir+".moved"), os.Mkdir(dir, 0o700))
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			dir, err := Open(filepath.Join(t.TempDir(), "state"))
			if err != nil {
				t.Fatal(err)
			}
			lock, err := dir.Lock()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := lock.Unlock(); err != nil {
					t.Error(err)
				}
			})
			if err := c.lose(dir.Path(), lock.Path()); err != nil {
				t.Fatal(err)
			}
			if got := lock.Lost(); got != c.lost {
				t.Errorf("lost: %t, want %t", got, c.lost)
			}
		})
	}
}
