//go:build linux || darwin

package process

import (
	"os"
	"path/filepath"
	"testing"
)

// TestLimitsOfControlGroups reads pids.max as the hierarchies of different systems have it.
func TestLimitsOfControlGroups(t *testing.T) {
	for _, c := range []struct {
		name   string
		own    string            // /proc/self/cgroup
		limits map[string]string // pids.max by directory below the mount of control groups
		want   int64
	}{
		{
			"version 2, a service of systemd", "0::/system.slice/batchd.service\n",
			map[string]string{"system.slice": "max", "system.slice/batchd.service": "4915"},
			4915,
		},
		{
			"version 2, a shell whose user has a limit", "0::/user.slice/user-1000.slice/session-3.scope\n",
			map[string]string{"user.slice": "max", "user.slice/user-1000.slice": "10813", "user.slice/user-1000.slice/session-3.scope": "max"},
			10813,
		},
		{
			"version 2, a group below one with a smaller limit", "0::/a/b\n",
			map[string]string{"a": "100", "a/b": "200"},
			100,
		},
		{"version 2, without a limit", "0::/user.slice\n", map[string]string{"user.slice": "max"}, 0},
		{"version 2, the root of the host, which has no such file", "0::/\n", nil, 0},
		{"version 2, a container with a namespace of groups", "0::/\n", map[string]string{"": "150"}, 150},
		{"version 2, a container that sees the host's name", "0::/docker/0a1b\n", map[string]string{"": "150"}, 150},
		{"version 2, a name outside of the namespace", "0::/../other\n", map[string]string{"": "150"}, 150},
		{
			"version 1", "12:memory:/m\n7:pids:/user.slice/1\n1:name=systemd:/user.slice/1\n",
			map[string]string{"pids/user.slice/1": "70", "pids/user.slice": "max", "memory/m": "1"},
			70,
		},
		{"version 1, mounted together with others", "4:cpu,pids:/g\n", map[string]string{"cpu,pids/g": "80"}, 80},
		{
			"both, with the limit in version 1", "7:pids:/g\n0::/u\n",
			map[string]string{"pids/g": "90", "unified/u": "max"},
			90,
		},
		{"nothing is known", "", nil, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := t.TempDir()
			for dir, limit := range c.limits {
				dir = filepath.Join(root, dir)
				if err := os.MkdirAll(dir, 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(dir, "pids.max"), []byte(limit+"\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if got := leastTasks(c.own, root); got != c.want {
				t.Errorf("%d tasks, want %d", got, c.want)
			}
		})
	}
}
