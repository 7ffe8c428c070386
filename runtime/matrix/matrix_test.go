package matrix

import (
	"reflect"
	"strconv"
	"strings"
	"testing"
)

type (
	m = map[string][]string
	p = map[string]string
)

func TestExpand(t *testing.T) {
	for name, test := range map[string]struct {
		sweep Sweep
		want  []p
	}{
		"row by row, names sorted, last fastest": {
			Sweep{Matrix: m{"b": {"1", "2"}, "a": {"x", "y"}}},
			[]p{{"a": "x", "b": "1"}, {"a": "x", "b": "2"}, {"a": "y", "b": "1"}, {"a": "y", "b": "2"}},
		},
		"values keep the order given": {
			Sweep{Matrix: m{"a": {"10", "9", ""}}},
			[]p{{"a": "10"}, {"a": "9"}, {"a": ""}},
		},
		"exclude by one name removes a row, by two a cell": {
			Sweep{
				Matrix:  m{"a": {"x", "y"}, "b": {"1", "2"}},
				Exclude: []p{{"a": "x", "b": "1"}, {"b": "2"}},
			},
			[]p{{"a": "y", "b": "1"}},
		},
		"an exclude of a value that is not there removes nothing": {
			Sweep{Matrix: m{"a": {"x"}}, Exclude: []p{{"a": "z"}}},
			[]p{{"a": "x"}},
		},
		"include without a matrix lists points": {
			Sweep{Include: []p{{"a": "1"}, {"b": "2"}}},
			[]p{{"a": "1"}, {"b": "2"}},
		},
		"include without names of the matrix extends every point": {
			Sweep{Matrix: m{"a": {"x", "y"}}, Include: []p{{"c": "1"}}},
			[]p{{"a": "x", "c": "1"}, {"a": "y", "c": "1"}},
		},
		"include extends the points that have its values": {
			Sweep{Matrix: m{"a": {"x", "y"}, "b": {"1", "2"}}, Include: []p{{"a": "y", "c": "1"}}},
			[]p{{"a": "x", "b": "1"}, {"a": "x", "b": "2"}, {"a": "y", "b": "1", "c": "1"}, {"a": "y", "b": "2", "c": "1"}},
		},
		"include with another value of the matrix is a new point": {
			Sweep{Matrix: m{"a": {"x"}}, Include: []p{{"a": "z", "c": "1"}}},
			[]p{{"a": "x"}, {"a": "z", "c": "1"}},
		},
		"include may overwrite what include added, and extends no new point": {
			Sweep{
				Matrix: m{"fruit": {"apple", "pear"}, "animal": {"cat", "dog"}},
				Include: []p{
					{"color": "green"},
					{"color": "pink", "animal": "cat"},
					{"fruit": "apple", "shape": "circle"},
					{"fruit": "banana"},
					{"fruit": "banana", "animal": "cat"},
				},
			},
			[]p{
				{"fruit": "apple", "animal": "cat", "color": "pink", "shape": "circle"},
				{"fruit": "pear", "animal": "cat", "color": "pink"},
				{"fruit": "apple", "animal": "dog", "color": "green", "shape": "circle"},
				{"fruit": "pear", "animal": "dog", "color": "green"},
				{"fruit": "banana"},
				{"fruit": "banana", "animal": "cat"},
			},
		},
		"include brings an excluded point back": {
			Sweep{Matrix: m{"a": {"x", "y"}}, Exclude: []p{{"a": "x"}}, Include: []p{{"a": "x"}}},
			[]p{{"a": "y"}, {"a": "x"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Expand(test.sweep, MaxPoints)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("got  %v\nwant %v", got, test.want)
			}
		})
	}
}

func TestExpandRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		sweep Sweep
		limit int
		want  string
	}{
		"nothing":                {Sweep{}, MaxPoints, "has no points"},
		"everything excluded":    {Sweep{Matrix: m{"a": {"x"}}, Exclude: []p{{"a": "x"}}}, MaxPoints, "has no points"},
		"a name without values":  {Sweep{Matrix: m{"a": {}}}, MaxPoints, `matrix["a"] has no values`},
		"a value twice":          {Sweep{Matrix: m{"a": {"x", "y", "x"}}}, MaxPoints, `matrix["a"] has the same value at 0 and at 2`},
		"an include twice":       {Sweep{Include: []p{{"a": "1"}, {"a": "1"}}}, MaxPoints, "include[0] and include[1] are the same"},
		"a point there already":  {Sweep{Matrix: m{"a": {"x"}}, Include: []p{{"a": "x"}}}, MaxPoints, "include[0] adds nothing"},
		"an empty include":       {Sweep{Matrix: m{"a": {"x"}}, Include: []p{{}}}, MaxPoints, "include[0]: an empty entry"},
		"an empty exclude":       {Sweep{Matrix: m{"a": {"x"}}, Exclude: []p{{}}}, MaxPoints, "exclude[0]: an empty entry"},
		"an unknown exclude":     {Sweep{Matrix: m{"a": {"x"}}, Exclude: []p{{"b": "x"}}}, MaxPoints, `exclude[0]: "b" is not a name of the matrix`},
		"an empty name":          {Sweep{Matrix: m{"": {"x"}}}, MaxPoints, "1 to 128 bytes"},
		"a long name":            {Sweep{Include: []p{{strings.Repeat("n", 129): "x"}}}, MaxPoints, "include[0]: the name of a parameter has 1 to 128"},
		"more than the limit":    {Sweep{Matrix: m{"a": {"1", "2", "3"}, "b": {"1", "2"}}}, 5, "limit of 5 points"},
		"include over the limit": {Sweep{Matrix: m{"a": {"1", "2"}}, Include: []p{{"a": "3"}}}, 2, "limit of 2"},
		"a limit over the limit": {Sweep{Matrix: m{"a": numbers(1001), "b": numbers(1000)}}, 2 * MaxPoints, "limit of 1000000 points"},
		"a huge product":         {Sweep{Matrix: m{"a": numbers(1000), "b": numbers(1000), "c": numbers(1000), "d": numbers(1000), "e": numbers(1000), "f": numbers(1000), "g": numbers(1000)}}, MaxPoints, "limit of 1000000 points"},
		"too much work":          {Sweep{Matrix: m{"a": numbers(1000), "b": numbers(1000)}, Exclude: repeated(10_001)}, MaxPoints, "touch more than 10000000 points"},
	} {
		t.Run(name, func(t *testing.T) {
			points, err := Expand(test.sweep, test.limit)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %d points and error %v, want an error with %q", len(points), err, test.want)
			}
		})
	}
}

// TestRefusalsShowNoValue refuses sweeps over a password for every reason that is about values.
func TestRefusalsShowNoValue(t *testing.T) {
	const secret = "hunter2"
	for name, s := range map[string]Sweep{
		"a value twice":             {Matrix: m{"password": {secret, secret}}},
		"an include twice":          {Include: []p{{"password": secret}, {"password": secret}}},
		"a point there already":     {Matrix: m{"password": {secret}}, Include: []p{{"password": secret}}},
		"everything excluded":       {Matrix: m{"password": {secret}}, Exclude: []p{{"password": secret}}},
		"an unknown exclude":        {Matrix: m{"password": {secret}}, Exclude: []p{{"other": secret}}},
		"more points than allowed":  {Matrix: m{"password": {secret, "other"}}},
		"more includes than points": {Matrix: m{"password": {secret}}, Include: []p{{"password": secret + "2"}}},
	} {
		if _, err := Expand(s, 1); err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func numbers(n int) []string {
	values := make([]string, n)
	for i := range values {
		values[i] = strconv.Itoa(i)
	}
	return values
}

func repeated(n int) []p {
	entries := make([]p, n)
	for i := range entries {
		entries[i] = p{"a": "0"}
	}
	return entries
}
