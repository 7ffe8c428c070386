package storetest

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/google/go-cmp/cmp"
)

// maxDifferences is how many places are named in which two answers differ.
const maxDifferences = 20

// difference names each place in which two answers differ, one a line, for example `Jobs[3].Priority: got 0, want 7`.
func difference(got, want any) string {
	var r reporter
	cmp.Equal(want, got, cmp.Reporter(&r))
	if len(r.lines) > maxDifferences {
		r.lines = append(r.lines[:maxDifferences], fmt.Sprintf("and %d more", len(r.lines)-maxDifferences))
	}
	return strings.Join(r.lines, "\n")
}

// reporter collects the places that cmp.Equal finds to differ.
type reporter struct {
	path  cmp.Path
	lines []string
}

// PushStep, PopStep and Report are called by cmp.Equal as it walks through both values.
func (r *reporter) PushStep(step cmp.PathStep) { r.path = append(r.path, step) }

// PopStep ends a step; see PushStep.
func (r *reporter) PopStep() { r.path = r.path[:len(r.path)-1] }

// Report is told whether the values at the end of the path are equal.
func (r *reporter) Report(result cmp.Result) {
	if result.Equal() {
		return
	}
	want, got := r.path.Last().Values()
	r.lines = append(r.lines, fmt.Sprintf("%#v: got %s, want %s", r.path, shown(got), shown(want)))
}

func shown(v reflect.Value) string {
	switch {
	case !v.IsValid():
		return "nothing"
	case v.Kind() == reflect.String:
		return strconv.Quote(v.String())
	}
	return fmt.Sprintf("%+v", v.Interface())
}
