package archtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestImportsGoDownOnly(t *testing.T) {
	report(t, checkImports(moduleTree(t)))
}

// checkImports holds every import of the product against the table.
func checkImports(t tree) (findings []string) {
	for _, f := range t.files {
		if f.test {
			continue
		}
		row, ok := rowOf(f.dir)
		if !ok {
			findings = append(findings, fmt.Sprintf("%s: the package %s is not in the import table: give it a row that says what it may import, and why", f.path, f.dir))
			continue
		}
		for _, imported := range f.imports() {
			if complaint := judge(row, f.dir, imported); complaint != "" {
				findings = append(findings, fmt.Sprintf("%s: %s: %s", f.path, complaint, row.why))
			}
		}
	}
	return findings
}

// judge says what is wrong with one import of a package, or nothing.
func judge(row rule, dir, imported string) string {
	if ours, ok := within(imported); ok {
		allowed := matches(row.packages, ours) || slices.ContainsFunc(row.may, func(p string) bool { return matches(p, ours) })
		if !allowed {
			return fmt.Sprintf("%s may not import %s (it may import %s)", dir, ours, listed(row.may))
		}
		return ""
	}
	first, _, _ := strings.Cut(imported, "/")
	if row.stdOnly && strings.Contains(first, ".") {
		return fmt.Sprintf("%s may import the standard library only, not %s", dir, imported)
	}
	return ""
}

func TestDoublesAreForTests(t *testing.T) {
	report(t, checkDoubles(moduleTree(t)))
}

// checkDoubles keeps the packages that stand for others in tests out of the product.
func checkDoubles(t tree) (findings []string) {
	for _, f := range t.files {
		if f.test {
			continue
		}
		for _, imported := range f.imports() {
			dir, _ := within(imported)
			for double, users := range doubles {
				if matches(double, dir) && !matches(double, f.dir) && !slices.Contains(users, f.dir) {
					findings = append(findings, fmt.Sprintf("%s imports %s, which is for tests: a program that people run must not contain a world that is not real", f.path, dir))
				}
			}
		}
	}
	return findings
}

func rowOf(dir string) (rule, bool) {
	i := slices.IndexFunc(table, func(r rule) bool { return matches(r.packages, dir) })
	if i < 0 {
		return rule{}, false
	}
	return table[i], true
}

// within returns the folder of a package of this module.
func within(imported string) (dir string, ours bool) {
	if imported == module {
		return ".", true
	}
	return strings.CutPrefix(imported, module+"/")
}

func listed(packages []string) string {
	if len(packages) == 0 {
		return "nothing of ours"
	}
	return strings.Join(packages, ", ")
}

// report fails the test once for each finding.
func report(t *testing.T, findings []string) {
	t.Helper()
	for _, finding := range findings {
		t.Error(finding)
	}
}
