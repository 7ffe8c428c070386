package archtest

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
	"testing"
)

func TestDecidingIsPure(t *testing.T) {
	report(t, checkPurity(moduleTree(t)))
}

// checkPurity keeps I/O, dice, locks, logs and contexts out of the packages that decide, and documents out of those that decide about nouns.
func checkPurity(t tree) (findings []string) {
	findings = slices.Concat(checkForbidden(t, pure, forbiddenToPure), checkForbidden(t, documentless, forbiddenToDocumentless))
	for _, f := range t.product(pure) {
		for _, imported := range f.imports() {
			if f.dir == "runtime/batch" && !strings.HasPrefix(imported, module+"/") && !slices.Contains(stdOfNouns, imported) {
				findings = append(findings, fmt.Sprintf("%s imports %s: the nouns need text, numbers, collections and hashing only", f.path, imported))
			}
		}
	}
	return findings
}

// checkForbidden keeps standard packages out of packages of ours.
func checkForbidden(t tree, packages []string, forbidden map[string]string) (findings []string) {
	for _, f := range t.product(packages) {
		for _, imported := range f.imports() {
			for each, why := range forbidden {
				if imported == each || strings.HasPrefix(imported, each+"/") {
					findings = append(findings, fmt.Sprintf("%s imports %s: %s", f.path, imported, why))
				}
			}
		}
	}
	return findings
}

func TestRunsRepeat(t *testing.T) {
	report(t, checkTimeless(moduleTree(t)))
}

// checkTimeless keeps clocks and goroutines out of the packages that decide and of the world that tests them.
func checkTimeless(t tree) (findings []string) {
	for _, f := range t.product(timeless) {
		for _, node := range clockReads(f) {
			findings = append(findings, fmt.Sprintf("%s reads the clock: every time is given, so that a run can be simulated and repeated", f.at(node)))
		}
		ast.Inspect(f.syntax, func(node ast.Node) bool {
			if statement, ok := node.(*ast.GoStmt); ok {
				findings = append(findings, fmt.Sprintf("%s starts a goroutine: the order of what is decided may depend on the input only", f.at(statement)))
			}
			return true
		})
	}
	return findings
}

// product returns the files, tests aside, of the packages that patterns name.
func (t tree) product(patterns []string) (files []source) {
	for _, f := range t.files {
		if !f.test && slices.ContainsFunc(patterns, func(p string) bool { return matches(p, f.dir) }) {
			files = append(files, f)
		}
	}
	return files
}

// clockReads returns every use of a function of package time that reads the clock or waits.
func clockReads(f source) (nodes []ast.Node) {
	ast.Inspect(f.syntax, func(node ast.Node) bool {
		if selector, ok := node.(*ast.SelectorExpr); ok && slices.Contains(clock, selector.Sel.Name) && isPackage(f, selector.X, "time") {
			nodes = append(nodes, node)
		}
		return true
	})
	return nodes
}

// isPackage reports whether x is the name under which f imports a package of the standard library.
func isPackage(f source, x ast.Expr, path string) bool {
	name, ok := x.(*ast.Ident)
	if !ok {
		return false
	}
	for _, spec := range f.syntax.Imports {
		if spec.Path.Value != `"`+path+`"` {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name == name.Name
		}
		return path[strings.LastIndex(path, "/")+1:] == name.Name
	}
	return false
}
