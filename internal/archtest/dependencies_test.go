package archtest

import (
	"fmt"
	"strings"
	"testing"
)

// dependencyTable is the document that gives a reason for each dependency.
const dependencyTable = "runtime/ARCHITECTURE.md"

func TestEveryDependencyIsExplained(t *testing.T) {
	report(t, checkDependencies(moduleTree(t)))
}

// checkDependencies wants a line of that document for every direct dependency. The path stands in backquotes, so that a part of a longer path does not count.
func checkDependencies(t tree) (findings []string) {
	book := strings.Join(t.lines(dependencyTable), "\n")
	for _, dependency := range direct(t.lines("go.mod")) {
		if !strings.Contains(book, "`"+dependency+"`") {
			findings = append(findings, fmt.Sprintf("go.mod requires %s, and %s has no line with `%s`: every dependency needs a reason there, so that one that has lost its reason can be removed", dependency, dependencyTable, dependency))
		}
	}
	return findings
}

// direct returns the modules that the lines of a go.mod require directly.
func direct(lines []string) (modules []string) {
	inside := false
	for _, line := range lines {
		rest, single := strings.CutPrefix(line, "require ")
		switch {
		case line == "require (":
			inside = true
			continue
		case line == ")":
			inside = false
		case single:
			line = rest
		}
		if fields := strings.Fields(line); (inside || single) && len(fields) >= 2 && !strings.HasSuffix(line, "// indirect") {
			modules = append(modules, fields[0])
		}
	}
	return modules
}
