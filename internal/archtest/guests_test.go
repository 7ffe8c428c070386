package archtest

import (
	"fmt"
	"strings"
	"testing"
)

// guestBook is the document that says why each dependency is in the house.
const guestBook = "runtime/ARCHITECTURE.md"

func TestEveryDependencyIsExplained(t *testing.T) {
	report(t, checkGuests(house(t)))
}

// checkGuests wants a line of the guest book for every direct dependency, in code style so that a part of a longer path does not count.
func checkGuests(t tree) (findings []string) {
	book := strings.Join(t.lines(guestBook), "\n")
	for _, dependency := range direct(t.lines("go.mod")) {
		if !strings.Contains(book, "`"+dependency+"`") {
			findings = append(findings, fmt.Sprintf("go.mod requires %s, and %s has no line with `%s`: dependencies are guests, and each needs a reason to stay", dependency, guestBook, dependency))
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
