//go:build linux || darwin

package holder

import (
	"cmp"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/batchd/terraform-provider-batch/runtime/compute/local/process"
)

// OwnSurroundings returns those of this process.
func OwnSurroundings() Surroundings {
	return Surroundings{Environment: ownVariables(os.Environ()), Umask: process.OwnUmask(), TimerSlack: process.OwnSlack(), Limits: ownLimits()}
}

// defaults are the variables that every program expects to find.
var defaults = [][2]string{
	{"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
	{"HOME", "/"},
	{"TMPDIR", "/tmp"},
}

// localeDefault is given if nothing says which language and character set are in use.
const localeDefault = "LANG=C.UTF-8"

// ownVariables chooses what jobs get from an environment.
func ownVariables(environ []string) []string {
	var kept []string
	locale := false
	for _, v := range environ {
		name, value, _ := strings.Cut(v, "=")
		if value != "" && (slices.Contains([]string{"PATH", "HOME", "USER", "TMPDIR", "TZ"}, name) || isLocale(v)) {
			kept = append(kept, v)
			locale = locale || isLocale(v)
		}
	}
	for _, d := range defaults {
		if !has(kept, d[0]+"=") {
			kept = append(kept, d[0]+"="+d[1])
		}
	}
	if !locale {
		kept = append(kept, localeDefault)
	}
	return kept
}

// isLocale reports whether a variable is one of those that choose language and character set. They are given
// together or not at all, as LC_ALL outdoes every other.
func isLocale(v string) bool {
	return strings.HasPrefix(v, "LANG=") || strings.HasPrefix(v, "LANGUAGE=") || strings.HasPrefix(v, "LC_")
}

// environment is the order's own, the file of the result, and what the surroundings add.
func (s *Surroundings) environment(o *Start, dir *scratch) []string {
	env := make([]string, 0, len(o.Environment)+len(s.Environment)+1)
	env = append(append(env, o.Environment...), resultVariable+"="+dir.resultFile())
	locale := slices.ContainsFunc(o.Environment, isLocale)
	for _, d := range dir.instead(s.Environment) {
		if !has(o.Environment, d[:strings.IndexByte(d, '=')+1]) && !(locale && isLocale(d)) {
			env = append(env, d)
		}
	}
	return env
}

// instead replaces the variables that are about the user of the runtime, if the directory is for another.
func (s *scratch) instead(environment []string) []string {
	if s.owner == nil {
		return environment
	}
	theirs := []string{"HOME=" + cmp.Or(s.owner.Home, "/"), "USER=" + s.owner.Name, "TMPDIR=/tmp"}
	for _, v := range environment {
		if !has(theirs, v[:strings.IndexByte(v, '=')+1]) {
			theirs = append(theirs, v)
		}
	}
	return theirs
}

func has(env []string, prefix string) bool {
	return slices.ContainsFunc(env, func(v string) bool { return strings.HasPrefix(v, prefix) })
}

// ownLimits are the limits that a child of this process begins with.
func ownLimits() []Limit {
	var all []Limit
	for resource := range limitResources {
		var l syscall.Rlimit
		if syscall.Getrlimit(resource, &l) != nil {
			continue
		}
		limit := Limit{resource, uint64(l.Cur), uint64(l.Max)} //nolint:unconvert // they are signed on some systems
		if resource == syscall.RLIMIT_NOFILE {
			limit.Soft = openFiles(limit.Soft)
		}
		all = append(all, limit)
	}
	return all
}

// openFiles is the soft limit on descriptors that children begin with. Go raises that of its own process and does not
// tell what it was; a shell does.
func openFiles(otherwise uint64) uint64 {
	text, err := exec.Command(process.Shell, "-c", "ulimit -S -n").Output()
	if n, parseErr := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64); err == nil && parseErr == nil {
		return n
	}
	return otherwise
}
