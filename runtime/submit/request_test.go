package submit_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/submit"
)

// TestArraySize is the size, given by itself or by the points, up to the limit of the runtime.
func TestArraySize(t *testing.T) {
	const limit = 5
	points := func(n int) []map[string]string { return make([]map[string]string, n) }
	for name, c := range map[string]struct {
		request submit.Request
		want    int32
		refusal string // a part of it; empty: none
	}{
		"a single job":            {submit.Request{}, 0, ""},
		"an array":                {submit.Request{Size: 5}, 5, ""},
		"an array of one":         {submit.Request{Size: 1}, 0, "arrayProperties.size is 1; 2 to 5 are allowed"},
		"an array over the limit": {submit.Request{Size: 6}, 0, "arrayProperties.size is 6"},
		"one point":               {submit.Request{Points: points(1)}, 1, ""},
		"points over the limit":   {submit.Request{Points: points(6)}, 0, "batchd.points has 6 points; 1 to 5 are allowed"},
		"points of the size":      {submit.Request{Points: points(3), Size: 3}, 3, ""},
		"points of another size":  {submit.Request{Points: points(3), Size: 4}, 0, "arrayProperties.size is 4 but batchd.points has 3 points"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := c.request.ArraySize(limit)
			if got != c.want || (err != nil) != (c.refusal != "") || err != nil && !strings.Contains(err.Error(), c.refusal) {
				t.Errorf("the size is %d, %v; want %d, %q", got, err, c.want, c.refusal)
			}
		})
	}
}

// TestNumbersOutOfRangeAreRefused, whether the request or the definition says them.
func TestNumbersOutOfRangeAreRefused(t *testing.T) {
	priority := func(n int32) *int32 { return &n }
	for name, c := range map[string]struct {
		request submit.Request
		size    int32
		def     batch.Definition
		want    string // a part of the refusal; empty: none
	}{
		"the highest priority":       {submit.Request{Priority: priority(9999)}, 0, batch.Definition{}, ""},
		"a priority over it":         {submit.Request{Priority: priority(10_000)}, 0, batch.Definition{}, "0 to 9999 are allowed"},
		"one of the definition":      {submit.Request{}, 0, batch.Definition{Priority: -1}, "schedulingPriorityOverride is -1"},
		"one that replaces it":       {submit.Request{Priority: priority(0)}, 0, batch.Definition{Priority: -1}, ""},
		"a bound on children":        {submit.Request{MaxConcurrency: 1}, 2, batch.Definition{}, ""},
		"a bound without children":   {submit.Request{MaxConcurrency: 1}, 0, batch.Definition{}, "batchd.maxConcurrency is 1"},
		"a bound that lets none run": {submit.Request{MaxConcurrency: -1}, 2, batch.Definition{}, "batchd.maxConcurrency is -1"},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.request.CheckNumbers(&c.def, c.size)
			if (err != nil) != (c.want != "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

// TestPointRowsHoldAllPoints, in order and a bounded number in each.
func TestPointRowsHoldAllPoints(t *testing.T) {
	const size = 2*batch.PointsPerRow + 1
	r := submit.Request{ID: "a"}
	for i := range size {
		r.Points = append(r.Points, map[string]string{"i": fmt.Sprint(i)})
	}
	next := int32(0)
	for _, row := range r.PointRows() {
		if row.Job != "a" || row.From != next || len(row.Values) > batch.PointsPerRow {
			t.Fatalf("a row of %s has %d points from %d", row.Job, len(row.Values), row.From)
		}
		for _, point := range row.Values {
			if point["i"] != fmt.Sprint(next) {
				t.Fatalf("point %d is %v", next, point)
			}
			next++
		}
	}
	if next != size {
		t.Errorf("%d of %d points", next, size)
	}
	if rows := (&submit.Request{}).PointRows(); rows != nil {
		t.Errorf("a submission without points has %v", rows)
	}
}

// TestARowBeginsAsTheRequestSays.
func TestARowBeginsAsTheRequestSays(t *testing.T) {
	def := full()
	r := submit.Request{ID: "a", Name: "n", Claim: "mine", Points: make([]map[string]string, 3)}
	spec, err := r.Resolve(def, batch.Upstream{})
	if err != nil {
		t.Fatal(err)
	}
	row := r.Row(1000, &spec, def, 3)
	if row.ID != "a" || row.Status != batch.Submitted || row.CreatedAt != 1000 || !row.InContainer || row.Shape != def.Container.Shape || row.Nodes != nil {
		t.Errorf("the row is %+v", row)
	}
	if a := row.Array; a == nil || !a.Points || a.Counts[batch.Submitted] != 3 || a.Unborn != (batch.Unborn{Status: batch.Submitted, At: 1000}) {
		t.Errorf("the array is %+v", a)
	}
	if !row.Claims.Has("mine") || row.Claims.NextLapse() != batch.Time(1000).Add(batch.ClaimLapse) {
		t.Errorf("the claims are %+v", row.Claims)
	}
}
