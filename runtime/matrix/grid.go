package matrix

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// axis is one name of a matrix.
type axis struct {
	name   string
	values []string
	index  map[string]int // value → its place in values
	stride int            // cells between neighbours along this axis
}

// grid is a matrix laid out row by row: a cell's number says its value on every axis, so that an entry is
// matched by walking only the cells it names.
type grid struct {
	axes    []axis
	limit   int
	visits  int
	removed []bool              // by cell
	extra   []map[string]string // by cell: what include entries added; nil if nothing
}

func newGrid(matrix map[string][]string, limit int) (*grid, error) {
	g := &grid{limit: limit}
	cells := 0
	for _, name := range slices.Sorted(maps.Keys(matrix)) {
		a := axis{name: name, values: matrix[name], index: map[string]int{}}
		if len(a.values) == 0 {
			return nil, fmt.Errorf("matrix[%q] has no values: give it one, or leave the name out", name)
		}
		for i, value := range a.values {
			if first, ok := a.index[value]; ok {
				return nil, fmt.Errorf("matrix[%q] has the same value at %d and at %d: each point must differ from every other", name, first, i)
			}
			a.index[value] = i
		}
		cells = max(cells, 1)
		if len(a.values) > limit/cells {
			return nil, fmt.Errorf("matrix has more than the limit of %d points (%s)", limit, sizes(matrix))
		}
		cells *= len(a.values)
		g.axes = append(g.axes, a)
	}
	for i, stride := len(g.axes)-1, 1; i >= 0; i-- {
		g.axes[i].stride = stride
		stride *= len(g.axes[i].values)
	}
	g.removed = make([]bool, cells)
	g.extra = make([]map[string]string, cells)
	return g, nil
}

// walk calls visit with every cell that is left and has all of entry's values for names of the matrix.
func (g *grid) walk(entry map[string]string, visit func(cell int)) error {
	cells := []int{0}
	if len(g.axes) == 0 {
		return nil
	}
	for _, a := range g.axes {
		value, fixed := entry[a.name]
		at, known := a.index[value]
		if fixed && !known {
			return nil
		}
		if fixed {
			for i := range cells {
				cells[i] += at * a.stride
			}
			continue
		}
		next := make([]int, 0, len(cells)*len(a.values))
		for _, cell := range cells {
			for i := range a.values {
				next = append(next, cell+i*a.stride)
			}
		}
		cells = next
	}
	if g.visits += len(cells); g.visits > MaxVisits {
		return fmt.Errorf("exclude and include touch more than %d points together: use fewer entries, or give them more names", MaxVisits)
	}
	for _, cell := range cells {
		if !g.removed[cell] {
			visit(cell)
		}
	}
	return nil
}

func (g *grid) exclude(entry map[string]string) error {
	if len(entry) == 0 {
		return errors.New("an empty entry would exclude every point: give it at least one name and value")
	}
	for _, name := range slices.Sorted(maps.Keys(entry)) {
		if !g.has(name) {
			return fmt.Errorf("%q is not a name of the matrix, so the entry would never match; known are %s", name, text(g.names()))
		}
	}
	return g.walk(entry, func(cell int) { g.removed[cell] = true })
}

// includeAll extends cells and returns the points that are new.
func (g *grid) includeAll(entries []map[string]string) ([]map[string]string, error) {
	var added []map[string]string
	seen := map[string]int{}
	for i, entry := range entries {
		if len(entry) == 0 {
			return nil, fmt.Errorf("include[%d]: an empty entry adds nothing: give it at least one name and value", i)
		}
		if first, ok := seen[Key(entry)]; ok {
			return nil, fmt.Errorf("include[%d] and include[%d] are the same point: remove one", first, i)
		}
		seen[Key(entry)] = i
		matched, changed, err := g.extend(entry)
		switch {
		case err != nil:
			return nil, fmt.Errorf("include[%d]: %w", i, err)
		case matched == 0:
			added = append(added, maps.Clone(entry))
		case !changed:
			return nil, fmt.Errorf("include[%d] adds nothing: %d points of the sweep have its values already", i, matched)
		}
	}
	return added, nil
}

// extend adds what is not of the matrix in entry to every cell that entry matches.
func (g *grid) extend(entry map[string]string) (matched int, changed bool, err error) {
	additions := maps.Clone(entry)
	for _, a := range g.axes {
		delete(additions, a.name)
	}
	err = g.walk(entry, func(cell int) {
		matched++
		for name, value := range additions {
			if was, ok := g.extra[cell][name]; ok && was == value {
				continue
			}
			if g.extra[cell] == nil {
				g.extra[cell] = make(map[string]string, len(additions))
			}
			g.extra[cell][name] = value
			changed = true
		}
	})
	return matched, changed, err
}

// points returns the cells that are left, as points.
func (g *grid) points() []map[string]string {
	var points []map[string]string
	for cell := range g.removed {
		if g.removed[cell] {
			continue
		}
		point := make(map[string]string, len(g.axes)+len(g.extra[cell]))
		for _, a := range g.axes {
			point[a.name] = a.values[cell/a.stride%len(a.values)]
		}
		maps.Copy(point, g.extra[cell])
		points = append(points, point)
	}
	return points
}

func (g *grid) has(name string) bool {
	return slices.ContainsFunc(g.axes, func(a axis) bool { return a.name == name })
}

func (g *grid) names() []string {
	names := make([]string, len(g.axes))
	for i, a := range g.axes {
		names[i] = a.name
	}
	return names
}

// sizes says how many values each name has, for an error message.
func sizes(matrix map[string][]string) string {
	counts := make(map[string]int, len(matrix))
	for name, values := range matrix {
		counts[name] = len(values)
	}
	return "values per name: " + text(counts)
}
