package sqlstore

import (
	"encoding/binary"
	"maps"
	"slices"
)

// A stored row of points holds how many there are, the names that occur, and for each
// point its length in bytes, then 1 + how many parameters it has (0: it is nil) and
// each parameter's name by place and value.

func packPoints(points []map[string]string) []byte {
	names := map[string]uint64{}
	for _, point := range points {
		for name := range point {
			names[name] = 0
		}
	}
	c := codec{writing: true, data: binary.AppendUvarint(nil, uint64(len(points)))}
	c.data = binary.AppendUvarint(c.data, uint64(len(names)))
	sorted := slices.Sorted(maps.Keys(names))
	for i, name := range sorted {
		names[name] = uint64(i)
		c.writeText(name)
	}
	for _, point := range points {
		one := codec{writing: true}
		if point == nil {
			one.data = binary.AppendUvarint(one.data, 0)
		} else {
			one.data = binary.AppendUvarint(one.data, uint64(len(point))+1)
		}
		for _, name := range sorted {
			if value, ok := point[name]; ok {
				one.data = binary.AppendUvarint(one.data, names[name])
				one.writeText(value)
			}
		}
		c.writeText(string(one.data))
	}
	return c.data
}

// unpackPoints returns points skip..skip+n-1 of a row, fewer at its end.
func unpackPoints(data []byte, skip, n int) ([]map[string]string, error) {
	c := codec{data: data}
	count := c.readUnsigned()
	names := make([]string, 0, min(c.readUnsigned(), uint64(len(data))))
	for range cap(names) {
		names = append(names, string(c.readBytes()))
	}
	var points []map[string]string
	for i := 0; uint64(i) < count && i < skip+n && c.err == nil; i++ {
		raw := c.readBytes()
		if i < skip {
			continue
		}
		one := codec{data: raw}
		points = append(points, one.point(names))
		if one.err != nil {
			return nil, one.err
		}
	}
	return points, c.err
}

func (c *codec) point(names []string) map[string]string {
	size := c.readUnsigned()
	if size == 0 || size > uint64(len(names))+1 {
		return nil
	}
	point := make(map[string]string, size-1)
	for range size - 1 {
		place := c.readUnsigned()
		if place >= uint64(len(names)) {
			c.fail("a parameter has no name")
			return nil
		}
		point[names[place]] = string(c.readBytes())
	}
	return point
}
