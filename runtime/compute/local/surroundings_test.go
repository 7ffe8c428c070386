//go:build linux || darwin

package local

import (
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

// A job has standard input, output and error, and no signal is ignored or blocked for it, whatever the runtime and the holder were
// started with.
func TestJobsInheritNothing(t *testing.T) {
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("this test needs /proc")
	}
	file, err := syscall.Open(filepath.Join(t.TempDir(), "lock"), syscall.O_CREAT|syscall.O_RDWR, 0o600) // a program inherits it
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = syscall.Close(file) }()
	signal.Ignore(syscall.SIGHUP, syscall.SIGINT, syscall.SIGTSTP)
	defer signal.Reset(syscall.SIGHUP, syscall.SIGINT, syscall.SIGTSTP)
	b := newBed(t)
	c := batch.Container{Command: []string{"cat", "/proc/self/status"}}
	for line := range strings.Lines(b.output(b.code(b.run(c), 0))) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":\t")
		if (name == "SigBlk" || name == "SigIgn") && strings.Trim(value, "0") != "" {
			t.Error(line)
		}
	}
	c.Command = []string{"ls", "/proc/self/fd"} // the last is of the listing
	if got := b.output(b.code(b.run(c), 0)); got != "0\n1\n2\n3\n" {
		t.Errorf("a job has the descriptors %q", got)
	}
	held, err := os.ReadDir("/proc/" + strconv.Itoa(b.holderPID()) + "/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range held {
		if path, _ := os.Readlink("/proc/" + strconv.Itoa(b.holderPID()) + "/fd/" + fd.Name()); strings.HasSuffix(path, "/lock") {
			t.Errorf("the holder has %s", path)
		}
	}
	b.code(b.sh(`kill -HUP $$; echo survived`), 128+int32(syscall.SIGHUP))
}

// The holder outlives a runtime, and jobs of the next runtime have what that one has, not what the holder was started with.
func TestJobsHaveTheSurroundingsOfTheirRuntime(t *testing.T) {
	options := testOptions(t, t.TempDir())
	show := `which-runtime; umask; ulimit -S -n; echo $LANG-$LC_ALL-$TZ-$TMPDIR`
	first, second := t.TempDir(), t.TempDir()
	for dir, word := range map[string]string{first: "one", second: "two"} {
		tool := "#!/bin/sh\necho " + word + "\n"
		if err := os.WriteFile(filepath.Join(dir, "which-runtime"), []byte(tool), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	path := os.Getenv("PATH")
	for _, c := range []struct {
		dir, lang, all, zone string
		umask                int
		files                uint64
		want                 string
	}{
		{first, "de_DE.UTF-8", "C.UTF-8", "Asia/Tokyo", 0o022, 1022, "one\n0022\n1022\nde_DE.UTF-8-C.UTF-8-Asia/Tokyo-" + first + "\n"},
		{second, "", "", "", 0o077, 1077, "two\n0077\n1077\nC.UTF-8---" + second + "\n"},
	} {
		t.Setenv("PATH", c.dir+":"+path)
		t.Setenv("LANG", c.lang)
		t.Setenv("LC_ALL", c.all)
		t.Setenv("TZ", c.zone)
		t.Setenv("TMPDIR", c.dir)
		setUmask(t, c.umask)
		setOpenFiles(t, c.files)
		b := bedOver(t, options)
		b.count = int(c.files)
		if got := b.output(b.code(b.sh(show), 0)); got != c.want {
			t.Errorf("a job saw %q, want %q", got, c.want)
		}
		own := func(s *compute.Start) { s.Environment = []string{"LANG=xx", "PATH=/bin:/usr/bin"} }
		if got := b.output(b.code(b.sh("echo $LANG-$LC_ALL-$PATH", own), 0)); got != "xx--/bin:/usr/bin\n" {
			t.Errorf("a job that chooses its language and PATH saw %q", got)
		}
		if err := b.link.close(); err != nil { // as if batchd was killed
			t.Fatal(err)
		}
		b.link = newLink(options, b.say, b.faults, b.resized) // for the clean-up
	}
}

func setUmask(t *testing.T, mask int) {
	before := syscall.Umask(mask)
	t.Cleanup(func() { syscall.Umask(before) })
}

// setOpenFiles sets the soft limit on descriptors of this process and of those that it starts.
func setOpenFiles(t *testing.T, n uint64) {
	t.Helper()
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	limit := before
	limit.Cur = n
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &before); err != nil {
			t.Error(err)
		}
	})
}

// A job of another user has that user's home and name, and none of the runtime's.
func TestSurroundingsOfAnotherUser(t *testing.T) {
	needRoot(t)
	t.Setenv("HOME", "/root")
	t.Setenv("USER", "root")
	b := newBed(t)
	c := batch.Container{Command: []string{"/bin/sh", "-c", "echo $HOME $USER $TMPDIR"}, User: "nobody"}
	if got := b.output(b.code(b.run(c), 0)); got != "/nonexistent nobody /tmp\n" {
		t.Errorf("it saw %q", got)
	}
}
