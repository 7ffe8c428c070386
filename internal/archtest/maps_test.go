package archtest

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"testing"
)

// maxUnmapped is the most source files, tests aside, that a package may have without a map of them.
const maxUnmapped = 20

// unmapped are the larger packages without a map, and why.
var unmapped = map[string]string{
	"internal/provider": "its files are named by noun and part (job_resource.go, job_schema.go, job_model.go), as CONTRIBUTING.md says",
}

// fileName matches the name of a Go file in a comment, or a pattern of names.
var fileName = regexp.MustCompile(`[\w*]+\.go\b`)

func TestLargePackagesHaveAMap(t *testing.T) {
	report(t, checkMaps(moduleTree(t)))
}

// checkMaps wants the package comment of a large package, in its doc.go, to name each of its files. A name may be a pattern:
// "family_*.go" is family_darwin.go and family_linux.go. A map of any package may name existing files only.
func checkMaps(t tree) (findings []string) {
	for _, dir := range t.packages() {
		names, wanted := t.fileNames(dir), t.mapOf(dir)
		for _, pattern := range wanted {
			if !slices.ContainsFunc(t.files, func(f source) bool { return f.dir == dir && matchesName(pattern, path.Base(f.path)) }) {
				findings = append(findings, fmt.Sprintf("%s/doc.go names %s, which does not exist: correct the list of files", dir, pattern))
			}
		}
		if _, excused := unmapped[dir]; excused || len(names) <= maxUnmapped {
			continue
		}
		for _, name := range names {
			if name != "doc.go" && !slices.ContainsFunc(wanted, func(pattern string) bool { return matchesName(pattern, name) }) {
				findings = append(findings, fmt.Sprintf("%s/doc.go does not name %s: with more than %d files, a reader needs a list that says where to begin and what each file is for", dir, name, maxUnmapped))
			}
		}
	}
	return findings
}

// fileNames returns the names of the files of a package, tests aside.
func (t tree) fileNames(dir string) (names []string) {
	for _, f := range t.files {
		if f.dir == dir && !f.test {
			names = append(names, path.Base(f.path))
		}
	}
	return names
}

// mapOf returns the names and patterns of Go files in the package comment of a package's doc.go.
func (t tree) mapOf(dir string) []string {
	for _, f := range t.files {
		if f.dir == dir && path.Base(f.path) == "doc.go" {
			return fileName.FindAllString(f.syntax.Doc.Text(), -1)
		}
	}
	return nil
}

func matchesName(pattern, name string) bool {
	matched, err := path.Match(pattern, name)
	return matched && err == nil
}
