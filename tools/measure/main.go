// Measure prints how a tree of Go packages is cut: files, lines and functions of each package, and the references between its
// files that run backwards. Tests and generated files are left out.
//
//	cd tools && go run ./measure ../runtime
//
// The columns are
//
//	files, lines   of the package
//	median, p90    lines of a file
//	funcs          number, then lines at the median, p90 and most
//	long           functions of more than 70 lines
//	comments       lines that hold nothing else, per cent
//	methods        of the type that has most
//	arrows, back   references between files, and those that run backwards
//
// A file refers to another if it uses a name that the other declares at package level, a method's name included, and that no
// third file declares. Files are put in the order in which few references run backwards, by the greedy rule of Eades, Lin and
// Smyth ("A fast and effective heuristic for the feedback arc set problem", 1993), so back is an upper bound.
package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	roots := os.Args[1:]
	if len(roots) == 0 {
		fmt.Fprintln(os.Stderr, "usage: measure FOLDER...")
		os.Exit(2)
	}
	fmt.Printf("%-32s %5s %6s %6s %4s  %-16s %4s %8s %7s %6s %5s\n", "package", "files", "lines", "median", "p90", "funcs/p50/p90/max", "long", "comments", "methods", "arrows", "back")
	for _, root := range roots {
		if err := measure(root); err != nil {
			fmt.Fprintln(os.Stderr, "measure:", err)
			os.Exit(1)
		}
	}
}

// measure prints a line for each package below root.
func measure(root string) error {
	folders := map[string][]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			folders[filepath.Dir(path)] = append(folders[filepath.Dir(path)], path)
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, folder := range slices.Sorted(maps.Keys(folders)) {
		p, err := read(folders[folder])
		if err != nil {
			return err
		}
		if len(p.files) > 0 {
			p.print(strings.TrimPrefix(filepath.ToSlash(folder), "../"))
		}
	}
	return nil
}

// file is what is measured of one file.
type file struct {
	name            string
	lines, comments int
	funcs           []int    // lines of each
	declares        []string // at package level
	uses            map[string]bool
}

type folder struct {
	files   []file
	methods map[string]int // by type
}

func read(paths []string) (folder, error) {
	p := folder{methods: map[string]int{}}
	set := token.NewFileSet()
	for _, path := range paths {
		source, err := os.ReadFile(path)
		if err != nil {
			return p, err
		}
		tree, err := parser.ParseFile(set, path, source, parser.ParseComments)
		if err != nil {
			return p, err
		}
		if !ast.IsGenerated(tree) {
			p.files = append(p.files, p.look(set, path, string(source), tree))
		}
	}
	return p, nil
}

func (p *folder) look(set *token.FileSet, path, source string, tree *ast.File) file {
	f := file{name: filepath.Base(path), uses: map[string]bool{}}
	for line := range strings.Lines(source) {
		f.lines++
		if strings.HasPrefix(strings.TrimSpace(line), "//") {
			f.comments++
		}
	}
	for _, d := range tree.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			f.declares = append(f.declares, d.Name.Name)
			f.funcs = append(f.funcs, set.Position(d.End()).Line-set.Position(d.Pos()).Line+1)
			if d.Recv != nil {
				p.methods[receiver(d.Recv.List[0].Type)]++
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					f.declares = append(f.declares, s.Name.Name)
				case *ast.ValueSpec:
					for _, n := range s.Names {
						f.declares = append(f.declares, n.Name)
					}
				}
			}
		}
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			f.uses[id.Name] = true
		}
		return true
	})
	return f
}

func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return "?"
}

// arrows returns, for each file, the files that it refers to.
func (p *folder) arrows() []map[int]bool {
	home, count := map[string]int{}, map[string]int{}
	for i, f := range p.files {
		for _, name := range f.declares {
			if at, known := home[name]; !known || at != i {
				count[name]++
			}
			home[name] = i
		}
	}
	to := make([]map[int]bool, len(p.files))
	for i, f := range p.files {
		to[i] = map[int]bool{}
		for name := range f.uses {
			if at, known := home[name]; known && count[name] == 1 && at != i {
				to[i][at] = true
			}
		}
	}
	return to
}

// backwards counts the references that run backwards in an order of the files.
func backwards(to []map[int]bool) (all, back int) {
	left := map[int]bool{}
	for i := range to {
		left[i] = true
	}
	degree := func(i int) (out, in int) {
		for k := range left {
			if to[i][k] {
				out++
			}
			if to[k][i] {
				in++
			}
		}
		return out, in
	}
	var head, tail []int
	for len(left) > 0 {
		best, most := -1, 0
		for _, i := range slices.Sorted(maps.Keys(left)) {
			out, in := degree(i)
			switch {
			case out == 0:
				best, tail = -1, append(tail, i)
				delete(left, i)
			case in == 0:
				best, head = -1, append(head, i)
				delete(left, i)
			case best < 0 || out-in > most:
				best, most = i, out-in
				continue
			default:
				continue
			}
			break
		}
		if best >= 0 && left[best] {
			head = append(head, best)
			delete(left, best)
		}
	}
	slices.Reverse(tail)
	place := make([]int, len(to))
	for at, i := range append(head, tail...) {
		place[i] = at
	}
	for i := range to {
		for k := range to[i] {
			all++
			if place[k] < place[i] {
				back++
			}
		}
	}
	return all, back
}

func (p *folder) print(name string) {
	var lines, funcs []int
	total, comments, long := 0, 0, 0
	for _, f := range p.files {
		lines = append(lines, f.lines)
		total += f.lines
		comments += f.comments
		for _, n := range f.funcs {
			funcs = append(funcs, n)
			if n > 70 {
				long++
			}
		}
	}
	most := 0
	for _, n := range p.methods {
		most = max(most, n)
	}
	all, back := backwards(p.arrows())
	fmt.Printf("%-32s %5d %6d %6d %4d  %4d/%d/%d/%-8d %4d %7d%% %7d %6d %4d%%\n",
		name, len(p.files), total, rank(lines, 50), rank(lines, 90), len(funcs), rank(funcs, 50), rank(funcs, 90), rank(funcs, 100),
		long, 100*comments/max(total, 1), most, all, 100*back/max(all, 1))
}

// rank is the value below which per cent of values lie.
func rank(values []int, percent int) int {
	if len(values) == 0 {
		return 0
	}
	slices.SortFunc(values, cmp.Compare)
	return values[min(len(values)*percent/100, len(values)-1)]
}
