//go:build linux || darwin

package holder

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func testPool(t *testing.T) *scratchPool {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
	p, err := newScratchPool(testDirectory(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.close)
	return p
}

// A script is copied for another user while nobody else may enter the directory, and a link that is there all the same is
// not followed.
func TestLentScriptFollowsNoLink(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("this test needs root")
	}
	p := testPool(t)
	script := filepath.Join(t.TempDir(), "script")
	victim := filepath.Join(t.TempDir(), "victim")
	for path, text := range map[string]string{script: "echo hello", victim: "kept"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := p.take("65534")
	if err != nil {
		t.Fatal(err)
	}
	owns := func(want uint32, mode uint32) {
		t.Helper()
		var st unix.Stat_t
		err := unix.Lstat(s.path, &st)
		if got := uint32(st.Mode) & 0o7777; err != nil || st.Uid != want || got != mode { //nolint:unconvert // it is shorter on some systems
			t.Errorf("it belongs to %d with mode %o, %v; want %d, %o", st.Uid, st.Mode&0o7777, err, want, mode)
		}
	}
	owns(0, 0o700)
	lent, err := s.lend(script)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.hand(); err != nil {
		t.Fatal(err)
	}
	owns(65534, 0o700)
	if text, err := os.ReadFile(lent); err != nil || string(text) != "echo hello" {
		t.Errorf("the copy is %q, %v", text, err)
	}
	if err := os.Remove(lent); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(victim, lent); err != nil {
		t.Fatal(err)
	}
	if _, err := s.lend(script); err == nil {
		t.Error("a link was followed, or replaced")
	}
	if text, err := os.ReadFile(victim); err != nil || string(text) != "kept" {
		t.Errorf("the file behind the link is %q, %v", text, err)
	}
}

// What runs is told to be of a state directory by its result file, whoever it runs as, and that of a copy is not.
func TestResultFilesSayWhoseTheyAre(t *testing.T) {
	p, other := testPool(t), testPool(t)
	dir := testDirectory(t)
	dir.id = Identity{Device: 1, Inode: 2}
	p.prefix = dir.id.mark() + "-"
	users := []string{""}
	if os.Geteuid() == 0 {
		users = append(users, "65534")
	}
	for _, user := range users {
		for pool, want := range map[*scratchPool]bool{p: true, other: false} {
			s, err := pool.take(user)
			if err != nil {
				t.Fatal(err)
			}
			if got := dir.isMark(s.resultFile()); got != want {
				t.Errorf("%s: %v", s.resultFile(), got)
			}
		}
	}
	for file, want := range map[string]bool{
		filepath.Join(dir.path, scratchName, "123", resultName):     true, // of an earlier version
		filepath.Join("/elsewhere", scratchName, "123", resultName): false,
		"/tmp/result.json": false,
		"":                 false,
	} {
		if got := dir.isMark(file); got != want {
			t.Errorf("%q: %v", file, got)
		}
	}
}

// A directory goes to the next attempt only if it is as it was made.
func TestWhichDirectoriesAreUsedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		does  func(path string) error
		alone bool
		again bool
	}{
		"untouched":               {func(string) error { return nil }, true, true},
		"somebody may be there":   {func(string) error { return nil }, false, false},
		"not empty":               {func(path string) error { return os.WriteFile(filepath.Join(path, "x"), nil, 0o600) }, true, false},
		"another mode":            {func(path string) error { return os.Chmod(path, 0o755) }, true, false},
		"moved":                   {func(path string) error { return os.Rename(path, path+".away") }, true, false},
		"a link is in its place":  {func(path string) error { return os.Rename(path, path+".away") }, true, false},
		"another is in its place": {replaceDirectory, true, false},
	} {
		p := testPool(t)
		s, err := p.take("")
		if err != nil {
			t.Fatal(err)
		}
		before, id := s.path, s.id
		if err := c.does(s.path); err != nil {
			t.Fatal(err)
		}
		waste := p.leave(s, c.alone)
		if (waste == "") != c.again {
			t.Errorf("%s: what is left to be removed is %q", name, waste)
		}
		next, err := p.take("")
		if err != nil {
			t.Fatal(err)
		}
		if (next.id == id) != c.again || next.path == before || !next.there() || !next.empty() {
			t.Errorf("%s: the next is %+v, before it was %s", name, next, before)
		}
		p.leave(next, false)
	}
}

func replaceDirectory(path string) error {
	if err := os.Rename(path, path+".away"); err != nil {
		return err
	}
	return os.Mkdir(path, 0o700)
}

// A directory that was clean and is replaced while it lies in the pool is not handed out.
func TestReplacedInThePool(t *testing.T) {
	p := testPool(t)
	s, err := p.take("")
	if err != nil || p.leave(s, true) != "" {
		t.Fatal(err)
	}
	id := s.id
	if err := replaceDirectory(s.path); err != nil {
		t.Fatal(err)
	}
	next, err := p.take("")
	if err != nil || next.id == id || !next.there() {
		t.Errorf("the next is %+v, %v", next, err)
	}
}

// The directory above is made again, but never where a link leads.
func TestScratchRootIsMadeAgain(t *testing.T) {
	p := testPool(t)
	if err := os.RemoveAll(p.path); err != nil {
		t.Fatal(err)
	}
	if s, err := p.take(""); err != nil || !s.there() {
		t.Fatalf("after it was removed: %+v, %v", s, err)
	}
	if err := os.RemoveAll(p.path); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(t.TempDir(), p.path); err != nil {
		t.Fatal(err)
	}
	if s, err := p.take(""); err == nil || !strings.Contains(err.Error(), p.path) {
		t.Errorf("behind a link: %+v, %v", s, err)
	}
}
