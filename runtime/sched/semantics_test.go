package sched_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// meaning is one thing that clients of AWS Batch rely on, and where it is shown to hold here.
type meaning struct {
	says string
	// by names what shows it: "gang" is a scenario of this package, "api:jobs" a transcript of package api, and
	// "engine.TestDeadlinesWake" a test, its package counted from runtime/ or internal/.
	by []string
	// not is why nothing can show it on hosts that are not a cloud's; empty if by is given.
	not string
}

// shown is what by names, as a list.
func shown(names string) []string { return strings.Fields(names) }

// TestEverySemanticIsShown keeps the index true: what it names exists, and every entry is shown or says why not.
func TestEverySemanticIsShown(t *testing.T) {
	seen := map[string]bool{}
	for topic, meanings := range semantics {
		for _, m := range meanings {
			if seen[m.says] {
				t.Errorf("%s: %q is said twice", topic, m.says)
			}
			seen[m.says] = true
			if (len(m.by) == 0) == (m.not == "") {
				t.Errorf("%s: %q is shown by %q and not shown because %q; one of both is wanted", topic, m.says, m.by, m.not)
			}
			for _, name := range m.by {
				if problem := missing(t, name); problem != "" {
					t.Errorf("%s: %q is shown by %s, and %s", topic, m.says, name, problem)
				}
			}
		}
	}
}

// missing says what is wrong with the name of a scenario, a transcript or a test; empty if it exists.
func missing(t *testing.T, name string) string {
	t.Helper()
	root := filepath.Join("..", "..")
	switch {
	case strings.HasPrefix(name, "api:"):
		return noFile(filepath.Join(root, "runtime", "api", "testdata", strings.TrimPrefix(name, "api:")+".txt"))
	case !strings.Contains(name, ".Test"):
		return noFile(filepath.Join("testdata", name+".txt"))
	}
	dir, test, _ := strings.Cut(name, ".")
	declared := regexp.MustCompile(`(?m)^func ` + regexp.QuoteMeta(test) + `\(t \*testing\.T\)`)
	for _, street := range []string{"runtime", "internal"} {
		files, err := filepath.Glob(filepath.Join(root, street, filepath.FromSlash(dir), "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if declared.Match(source) {
				return ""
			}
		}
	}
	return "no file of that package declares it"
}

func noFile(path string) string {
	if _, err := os.Stat(path); err != nil {
		return err.Error()
	}
	return ""
}
