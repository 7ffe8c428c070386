package archtest

import (
	"bufio"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const module = "github.com/batchd/terraform-provider-batch"

// source is one Go file, of any operating system, as the parser sees it.
type source struct {
	path string // from the root of the module
	dir  string
	test bool // in the sense of Go: the name ends in _test.go
	// lines is the length of the file; generated is set when a program wrote it.
	lines     int
	generated bool
	syntax    *ast.File
	fset      *token.FileSet
}

// tree is every Go file of the module, in order of path, and its root for files of other kinds.
type tree struct {
	root  fs.FS
	files []source
}

// skipped are folders that hold no source of this module.
var skipped = []string{"build", "dist", "testdata", "tools", "vendor", "internal/depskeep"}

func load(root fs.FS) (tree, error) {
	t := tree{root: root}
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			base := path.Base(name)
			if name != "." && (strings.HasPrefix(base, ".") || slices.Contains(skipped, base) || slices.Contains(skipped, name)) {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		file, err := parse(root, name)
		t.files = append(t.files, file)
		return err
	})
	return t, err
}

func parse(root fs.FS, name string) (source, error) {
	text, err := fs.ReadFile(root, name)
	if err != nil {
		return source{}, err
	}
	fset := token.NewFileSet()
	syntax, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return source{}, err
	}
	return source{
		path: name, dir: path.Dir(name), test: strings.HasSuffix(name, "_test.go"),
		lines: strings.Count(string(text), "\n"), generated: ast.IsGenerated(syntax), syntax: syntax, fset: fset,
	}, nil
}

// once parses this module for all tests together.
var once = sync.OnceValues(func() (tree, error) { return load(os.DirFS("../..")) })

// moduleTree is the tree of this module.
func moduleTree(t *testing.T) tree {
	t.Helper()
	tree, err := once()
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// suite reports whether f only serves tests: it is one, or belongs to a suite that other tests run.
func (f source) suite() bool { return f.test || strings.HasSuffix(f.dir, "test") }

// imports returns the paths that f imports.
func (f source) imports() []string {
	var paths []string
	for _, spec := range f.syntax.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil {
			paths = append(paths, p)
		}
	}
	return paths
}

// at says where node is, as path:line.
func (f source) at(node ast.Node) string {
	return f.path + ":" + strconv.Itoa(f.fset.Position(node.Pos()).Line)
}

// packages returns the folders that hold Go files, in order.
func (t tree) packages() []string {
	var dirs []string
	for _, f := range t.files {
		if !slices.Contains(dirs, f.dir) {
			dirs = append(dirs, f.dir)
		}
	}
	return dirs
}

// lines reads a text file of the tree; a missing one has none.
func (t tree) lines(name string) []string {
	file, err := t.root.Open(name)
	if err != nil {
		return nil
	}
	defer file.Close()
	var lines []string
	for scanner := bufio.NewScanner(file); scanner.Scan(); {
		lines = append(lines, scanner.Text())
	}
	return lines
}

// matches reports whether a folder is the one that pattern names, or lies below it when it ends in "/...".
func matches(pattern, dir string) bool {
	if parent, ok := strings.CutSuffix(pattern, "/..."); ok {
		return dir == parent || strings.HasPrefix(dir, parent+"/")
	}
	return dir == pattern
}
