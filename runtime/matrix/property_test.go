package matrix

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// twin expands a valid sweep in the plainest way: every rule applied to a list of maps, in full.
func twin(s Sweep) []map[string]string {
	var original []map[string]string
	if len(s.Matrix) > 0 {
		original = []map[string]string{{}}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Matrix)) {
		var next []map[string]string
		for _, point := range original {
			for _, value := range s.Matrix[name] {
				wider := maps.Clone(point)
				wider[name] = value
				next = append(next, wider)
			}
		}
		original = next
	}
	original = slices.DeleteFunc(original, func(point map[string]string) bool {
		return slices.ContainsFunc(s.Exclude, func(entry map[string]string) bool {
			for name, value := range entry {
				if point[name] != value {
					return false
				}
			}
			return true
		})
	})
	extended := make([]map[string]string, len(original))
	for i := range original {
		extended[i] = maps.Clone(original[i])
	}
	var added []map[string]string
	for _, entry := range s.Include {
		matched := false
		for i := range original {
			fits := true
			for name, value := range entry {
				if was, ok := original[i][name]; ok && was != value {
					fits = false
				}
			}
			if fits {
				maps.Copy(extended[i], entry)
				matched = true
			}
		}
		if !matched {
			added = append(added, entry)
		}
	}
	return append(extended, added...)
}

func sweeps() *rapid.Generator[Sweep] {
	return rapid.Custom(func(t *rapid.T) Sweep {
		name := rapid.SampledFrom([]string{"a", "b", "c"})
		value := rapid.SampledFrom([]string{"1", "2", "3"})
		matrix := rapid.MapOfN(name, rapid.SliceOfNDistinct(value, 1, 3, rapid.ID), 0, 3).Draw(t, "matrix")
		var exclude []map[string]string
		if len(matrix) > 0 {
			known := rapid.SampledFrom(slices.Sorted(maps.Keys(matrix)))
			exclude = rapid.SliceOfN(rapid.MapOfN(known, value, 1, 2), 0, 2).Draw(t, "exclude")
		}
		wide := rapid.SampledFrom([]string{"a", "b", "c", "x", "y"})
		include := rapid.SliceOfN(rapid.MapOfN(wide, value, 1, 4), 0, 4).Draw(t, "include")
		return Sweep{Matrix: matrix, Include: include, Exclude: exclude}
	})
}

func TestExpandAgreesWithTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := sweeps().Draw(t, "sweep")
		got, err := Expand(s, MaxPoints)
		if err != nil {
			t.Skip(err)
		}
		if want := twin(s); !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v:\ngot  %v\nwant %v", s, got, want)
		}
	})
}

func TestPointsDiffer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points, err := Expand(sweeps().Draw(t, "sweep"), MaxPoints)
		if err != nil {
			t.Skip(err)
		}
		checkDistinct(t, points)
	})
}

func TestKeyTellsPointsApart(t *testing.T) {
	word := rapid.StringOfN(rapid.SampledFrom([]rune(`a"=,\`)), 0, 3, -1)
	point := rapid.MapOfN(word, word, 0, 3)
	rapid.Check(t, func(t *rapid.T) {
		one, other := point.Draw(t, "one"), point.Draw(t, "other")
		if (Key(one) == Key(other)) != maps.Equal(one, other) {
			t.Fatalf("%v has key %s, %v has key %s", one, Key(one), other, Key(other))
		}
	})
}

// FuzzExpand feeds Expand whatever JSON says: it returns distinct points within the limit, or an error.
func FuzzExpand(f *testing.F) {
	f.Add(`{"Matrix":{"a":["1","2"],"b":["x"]},"Include":[{"a":"3"}],"Exclude":[{"a":"1"}]}`)
	f.Add(`{"Matrix":{"a":["1"],"A":["1"]}}`)
	f.Add(`{"Include":[{"":""}]}`)
	f.Fuzz(func(t *testing.T, document string) {
		const limit = 1000
		var s Sweep
		if json.Unmarshal([]byte(document), &s) != nil {
			return
		}
		points, err := Expand(s, limit)
		if err != nil {
			return
		}
		if len(points) == 0 || len(points) > limit {
			t.Fatalf("%d points", len(points))
		}
		checkDistinct(t, points)
	})
}

func checkDistinct(t interface{ Fatalf(string, ...any) }, points []map[string]string) {
	seen := map[string]bool{}
	for _, point := range points {
		if seen[Key(point)] {
			t.Fatalf("the point %v comes twice", point)
		}
		seen[Key(point)] = true
	}
}
