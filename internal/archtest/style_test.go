package archtest

import (
	"fmt"
	"go/ast"
	"path"
	"slices"
	"testing"
)

// maxLines is the most lines that a file may have. Most files should have less than 250; this limit only stops growth.
const maxLines = 600

func TestFilesStayReadable(t *testing.T) {
	report(t, checkLength(moduleTree(t)))
}

func checkLength(t tree) (findings []string) {
	for _, f := range t.files {
		if f.lines > maxLines && !f.generated && !slices.Contains(longTables, f.path) {
			findings = append(findings, fmt.Sprintf("%s has %d lines, more than %d: a file of this length is hard to read; split it by subject", f.path, f.lines, maxLines))
		}
	}
	return findings
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	report(t, checkPackageComments(moduleTree(t)))
}

func checkPackageComments(t tree) (findings []string) {
	for _, dir := range t.packages() {
		var comments []string
		product := slices.ContainsFunc(t.files, func(f source) bool { return f.dir == dir && !f.test })
		for _, f := range t.files {
			if f.dir == dir && f.syntax.Doc != nil && (!product || !f.test) {
				comments = append(comments, f.path)
			}
		}
		if len(comments) != 1 {
			findings = append(findings, fmt.Sprintf("%s has %d package comments %v: it needs exactly one, which says what the package is for and what it is not for", dir, len(comments), comments))
		}
	}
	return findings
}

func TestEveryPackageIsTested(t *testing.T) {
	report(t, checkTested(moduleTree(t)))
}

func checkTested(t tree) (findings []string) {
	for _, dir := range t.packages() {
		tested := slices.ContainsFunc(t.files, func(f source) bool { return f.dir == dir && f.test })
		if _, excused := untested[dir]; !tested && !excused {
			findings = append(findings, fmt.Sprintf("%s has no test: add one, or give the reason in untested", dir))
		}
	}
	return findings
}

func TestNoTestSleeps(t *testing.T) {
	report(t, checkSleep(moduleTree(t)))
}

// checkSleep finds time.Sleep in tests and in the suites that other tests run. In a bubble of
// testing/synctest the clock is simulated, so sleeping there costs nothing and is allowed.
func checkSleep(t tree) (findings []string) {
	for _, f := range t.files {
		if !f.suite() {
			continue
		}
		ast.Inspect(f.syntax, func(node ast.Node) bool {
			call, ok := node.(*ast.CallExpr)
			if !ok {
				return true
			}
			function, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if function.Sel.Name == "Sleep" && isPackage(f, function.X, "time") {
				findings = append(findings, fmt.Sprintf("%s sleeps: a fixed time is too short on a busy machine and too long on any other; wait for a condition", f.at(call)))
			}
			return function.Sel.Name != "Test" || !isPackage(f, function.X, "testing/synctest")
		})
	}
	return findings
}

func TestTerraformsTextIsUnwrapped(t *testing.T) {
	report(t, checkWrapped(moduleTree(t)))
}

// unwraps is the one test file of the provider that makes regular expressions.
const unwraps = "internal/provider/wrapped_test.go"

// checkWrapped finds tests that match what terraform wrote with a regular expression of their own.
func checkWrapped(t tree) (findings []string) {
	for _, f := range t.files {
		if f.dir == path.Dir(unwraps) && f.test && f.path != unwraps && slices.Contains(f.imports(), "regexp") {
			findings = append(findings, fmt.Sprintf("%s imports regexp: terraform wraps its text, and where depends on the durations and names in it; take spaced or unwrapped of %s", f.path, unwraps))
		}
	}
	return findings
}

func TestContextsAreFirstArguments(t *testing.T) {
	report(t, checkContexts(moduleTree(t)))
}

// checkContexts finds contexts kept in structs, and those that are not a function's first argument.
func checkContexts(t tree) (findings []string) {
	for _, f := range t.files {
		if f.suite() {
			continue
		}
		isContext := func(field *ast.Field) bool {
			selector, ok := field.Type.(*ast.SelectorExpr)
			return ok && selector.Sel.Name == "Context" && isPackage(f, selector.X, "context")
		}
		ast.Inspect(f.syntax, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.StructType:
				if i := slices.IndexFunc(node.Fields.List, isContext); i >= 0 {
					findings = append(findings, fmt.Sprintf("%s keeps a context: a context belongs to one call, and a struct outlives the call", f.at(node.Fields.List[i])))
				}
			case *ast.FuncType:
				if i := slices.IndexFunc(node.Params.List, isContext); i > 0 {
					findings = append(findings, fmt.Sprintf("%s takes a context that is not its first argument: readers look for it there", f.at(node)))
				}
			}
			return true
		})
	}
	return findings
}

func TestDriversStaySmall(t *testing.T) {
	report(t, checkDriver(moduleTree(t)))
}

// verbs are the methods of compute.Driver.
var verbs = []string{"Kinds", "Start", "Stop", "Forget", "Census", "Reports"}

// checkDriver holds compute.Driver at its six methods.
func checkDriver(t tree) (findings []string) {
	for _, f := range t.product([]string{"runtime/compute"}) {
		ast.Inspect(f.syntax, func(node ast.Node) bool {
			spec, ok := node.(*ast.TypeSpec)
			if !ok || spec.Name.Name != "Driver" {
				return true
			}
			border, ok := spec.Type.(*ast.InterfaceType)
			if !ok {
				return true
			}
			var methods []string
			for _, method := range border.Methods.List {
				for _, name := range method.Names {
					methods = append(methods, name.Name)
				}
			}
			if !slices.Equal(methods, verbs) {
				findings = append(findings, fmt.Sprintf("%s has the methods %v, want %v: every method must be implemented by every driver, so the interface stays small", f.at(spec), methods, verbs))
			}
			return true
		})
	}
	return findings
}
