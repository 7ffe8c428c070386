package rendezvous

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// env returns a getenv of the given variables.
func env(variables map[string]string) func(string) string {
	return func(name string) string { return variables[name] }
}

func TestStateDir(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the default differs elsewhere")
	}
	tests := []struct {
		name, explicit string
		env            map[string]string
		want           string
	}{
		{"explicit", "/a", map[string]string{EnvStateDir: "/b"}, "/a"},
		{"variable", "", map[string]string{EnvStateDir: "/b", "XDG_STATE_HOME": "/c"}, "/b"},
		{"xdg", "", map[string]string{"XDG_STATE_HOME": "/c", "HOME": "/h"}, "/c/batchd"},
		{"relative xdg is no xdg", "", map[string]string{"XDG_STATE_HOME": "c", "HOME": "/h"}, "/h/.local/state/batchd"},
		{"home", "", map[string]string{"HOME": "/h"}, "/h/.local/state/batchd"},
	}
	for _, test := range tests {
		if got, err := StateDir(test.explicit, env(test.env)); err != nil || got != test.want {
			t.Errorf("%s: %q, %v; want %q", test.name, got, err, test.want)
		}
	}
	if _, err := StateDir("", env(nil)); err == nil || !strings.Contains(err.Error(), EnvStateDir) {
		t.Errorf("without a home: %v", err)
	}
}

func TestOpenMakesAPrivateDirectory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "b")
	d := open(t, path)
	info, err := os.Stat(d.Path())
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("mode %v, %v; want 0700", info.Mode(), err)
	}
}

func TestOpenNarrowsItsOwnDirectoryOnly(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty")
	mkdir(t, empty)
	open(t, empty)
	if info, err := os.Stat(empty); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("mode %v, %v; want 0700", info.Mode(), err)
	}
	home := filepath.Join(t.TempDir(), "home")
	mkdir(t, home)
	if err := os.WriteFile(filepath.Join(home, "letter"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	beside := filepath.Join(home, "batchd")
	if _, err := Open(home); err == nil || !strings.Contains(err.Error(), "holds other things") || !strings.Contains(err.Error(), beside) || strings.Contains(err.Error(), "chmod") {
		t.Errorf("a directory with other things: %v", err)
	}
	open(t, beside)
	if info, err := os.Stat(home); err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("mode became %v, %v", info.Mode(), err)
	}
}

func TestOpenRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(file); err == nil {
		t.Error("a file was opened as a directory")
	}
	if os.Geteuid() == 0 {
		other := filepath.Join(t.TempDir(), "other")
		mkdir(t, other)
		if err := os.Chown(other, 12345, -1); err != nil {
			t.Skipf("chown: %v", err)
		}
		if _, err := Open(other); err == nil || !strings.Contains(err.Error(), "belongs to user 12345") {
			t.Errorf("another user's directory: %v", err)
		}
	}
	text := (&NetworkError{Path: "/home/a", FileSystem: "NFS"}).Error()
	if !strings.Contains(text, "NFS") || !strings.Contains(text, "--state-dir") {
		t.Errorf("network: %s", text)
	}
}

func open(t *testing.T, path string) *Dir {
	t.Helper()
	d, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func mkdir(t *testing.T, path string) {
	t.Helper()
	if err := errors.Join(os.Mkdir(path, 0o755), os.Chmod(path, 0o755)); err != nil {
		t.Fatal(err)
	}
}

func TestCredentialsAreMadeOnce(t *testing.T) {
	d := open(t, t.TempDir())
	if _, err := ReadCredentials(d.Path()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before: %v", err)
	}
	first, err := d.Credentials()
	if err != nil {
		t.Fatal(err)
	}
	again, err := d.Credentials()
	if err != nil || again != first {
		t.Errorf("again: %v, %v; want %v", again, err, first)
	}
	if len(first.AccessKeyID) != 20 || !strings.HasPrefix(first.AccessKeyID, AccessKeyPrefix) || len(first.SecretAccessKey) != 40 || first.Role != RoleAdmin {
		t.Errorf("credentials %v with a secret of %d characters", first, len(first.SecretAccessKey))
	}
	if strings.Contains(first.String()+first.GoString(), first.SecretAccessKey) {
		t.Error("the secret is printed")
	}
	if info, err := os.Stat(d.File(credentialsFile)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
	other := open(t, t.TempDir())
	if c, err := other.Credentials(); err != nil || c.SecretAccessKey == first.SecretAccessKey {
		t.Errorf("two directories share a secret (%v)", err)
	}
}

func TestDamagedFilesAreNamed(t *testing.T) {
	tests := []struct {
		file, text string
		read       func(*Dir) error
	}{
		{credentialsFile, `{"accessKeyId":`, func(d *Dir) error { _, err := d.Credentials(); return err }},
		{credentialsFile, `{}`, func(d *Dir) error { _, err := d.Credentials(); return err }},
		{credentialsFile, ``, func(d *Dir) error { _, err := d.Credentials(); return err }},
		{runtimeFile, `\x00`, func(d *Dir) error { _, err := ReadRuntime(d.Path()); return err }},
		{runtimeFile, `{"endpoint":"nowhere://"}`, func(d *Dir) error { _, err := ReadRuntime(d.Path()); return err }},
		{runtimeFile, strings.Repeat(" ", maxFile+1), func(d *Dir) error { _, err := ReadRuntime(d.Path()); return err }},
	}
	for _, test := range tests {
		d := open(t, t.TempDir())
		if err := os.WriteFile(d.File(test.file), []byte(test.text), 0o600); err != nil {
			t.Fatal(err)
		}
		err := test.read(d)
		var damaged *CorruptError
		if !errors.As(err, &damaged) || damaged.Path != d.File(test.file) || !strings.Contains(err.Error(), "delete it") {
			t.Errorf("%s %.20q: %v", test.file, test.text, err)
		}
	}
}

// TestACacheIsMadeAnew damages the file of the remembered port: it is a convenience, so another port is taken and remembered.
func TestACacheIsMadeAnew(t *testing.T) {
	for _, text := range []string{"", "\n", "many", "99999", "-1", "80 80", "\x00\x00", strings.Repeat("8", maxFile+1)} {
		d := open(t, t.TempDir())
		if err := os.WriteFile(d.File(portFile), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		listener, err := d.Listen(t.Context(), nil, "127.0.0.1:0")
		if err != nil {
			t.Errorf("%.20q: %v", text, err)
			continue
		}
		_, port, _ := net.SplitHostPort(listener.Addr().String())
		if kept, err := os.ReadFile(d.File(portFile)); err != nil || string(kept) != port+"\n" {
			t.Errorf("%.20q: the file holds %q, %v; want port %s", text, kept, err, port)
		}
		if err := listener.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestRuntimeIsWrittenWhole(t *testing.T) {
	d := open(t, t.TempDir())
	want := Runtime{Endpoint: "http://127.0.0.1:1", PID: os.Getpid(), Version: "3", StartedAt: time.Unix(4, 0).UTC(), Region: "r", AccountID: "5"}
	if err := d.WriteRuntime(want); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadRuntime(d.Path()); err != nil || got != want {
		t.Errorf("read %+v, %v; want %+v", got, err, want)
	}
	entries, err := os.ReadDir(d.Path())
	if err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
	if err := errors.Join(d.RemoveRuntime(), d.RemoveRuntime()); err != nil {
		t.Error(err)
	}
	if _, err := ReadRuntime(d.Path()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("removed: %v", err)
	}
	want.PID++ // of another process, whose directory is in the place of ours
	if err := errors.Join(d.WriteRuntime(want), d.RemoveRuntime()); err != nil {
		t.Error(err)
	}
	if got, err := ReadRuntime(d.Path()); err != nil || got != want {
		t.Errorf("what another process said became %+v, %v", got, err)
	}
}
