package batch_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

func TestJobIDs(t *testing.T) {
	for _, c := range []struct {
		id     batch.JobID
		parent batch.JobID
		index  int32
		child  bool
	}{
		{"a", "a", 0, false},
		{"a:0", "a", 0, true},
		{"a:12", "a", 12, true},
		{"a:-1", "a:-1", 0, false},
		{"a:01", "a:01", 0, false},
		{"a:x", "a:x", 0, false},
		{"a:99999999999", "a:99999999999", 0, false},
	} {
		parent, index, child := c.id.Split()
		if parent != c.parent || index != c.index || child != c.child {
			t.Errorf("Split(%q) = %q %d %t", c.id, parent, index, child)
		}
	}
}

func TestAttemptIDsReadBack(t *testing.T) {
	id := batch.AttemptID{Job: "a:3", Number: 2}
	back, err := batch.ParseAttemptID(id.String())
	if err != nil || back != id {
		t.Errorf("ParseAttemptID(%q) = %v, %v", id, back, err)
	}
	for _, bad := range []string{"", "a", "a/", "a/0", "/1", "a/x"} {
		if _, err := batch.ParseAttemptID(bad); err == nil {
			t.Errorf("ParseAttemptID(%q) is accepted", bad)
		}
	}
}

func TestDefinitionRefs(t *testing.T) {
	place := batch.Place{Region: "us-east-1", Account: "123456789012"}
	for text, want := range map[string]batch.DefinitionRef{
		"price":   {Name: "price"},
		"price:3": {Name: "price", Revision: 3},
		place.ARN(batch.ResourceDefinition, "price:3"): {Name: "price", Revision: 3},
		place.ARN(batch.ResourceDefinition, "price"):   {Name: "price"},
		place.ARN(batch.ResourceQueue, "price:3"):      {Name: place.ARN(batch.ResourceQueue, "price"), Revision: 3},
		"price:0": {Name: "price:0"}, "price:03": {Name: "price:03"}, "price:+3": {Name: "price:+3"},
	} {
		if got := place.DefinitionRef(text); got != want {
			t.Errorf("DefinitionRef(%q) = %+v, want %+v", text, got, want)
		}
	}
}

func TestNameOf(t *testing.T) {
	place := batch.Place{Region: "us-east-1", Account: "123456789012"}
	for _, name := range []string{"high", place.ARN(batch.ResourceQueue, "high")} {
		if got := place.NameOf(batch.ResourceQueue, name); got != "high" {
			t.Errorf("NameOf(%q) = %q", name, got)
		}
	}
	for _, other := range []string{
		"arn:aws:batch:us-east-1:123456789012:job-definition/high", "arn:aws:batch:us-east-1:123456789012:job-queue/", "arn:aws:batch:us-east-1:123456789012:job-queue",
		"arn:aws:batch:eu-west-1:123456789012:job-queue/high", "arn:aws:batch:us-east-1:999999999999:job-queue/high",
		"arn:aws-cn:batch:us-east-1:123456789012:job-queue/high", "arn:aws:ecs:us-east-1:123456789012:job-queue/high", "arn:aws:batch:::job-queue/high",
	} {
		if got := place.NameOf(batch.ResourceQueue, other); got != other {
			t.Errorf("NameOf(%q) = %q", other, got)
		}
	}
}

func TestStatusesReadBack(t *testing.T) {
	for _, s := range batch.Statuses() {
		if back, ok := batch.ParseStatus(s.String()); !ok || back != s {
			t.Errorf("ParseStatus(%s) = %v %t", s, back, ok)
		}
	}
}

// TestContentKey: what determines a result changes the key, what does not leaves it.
func TestContentKey(t *testing.T) {
	base := func() *batch.Spec {
		return &batch.Spec{
			Job: "one", Definition: batch.DefinitionRef{Name: "d", Revision: 1},
			Container:  batch.Container{Command: []string{"run", "Ref::x"}, Script: "#!/bin/sh\n", Environment: []batch.EnvVar{{Name: "A", Value: ""}}},
			Parameters: map[string]string{"x": "1"}, Inputs: map[string]string{"data": "abc"},
		}
	}
	key := batch.BaseKey(base(), nil, -1)
	for name, change := range map[string]func(*batch.Spec){
		"command":     func(s *batch.Spec) { s.Container.Command = []string{"run"} },
		"script":      func(s *batch.Spec) { s.Container.Script += "true\n" },
		"environment": func(s *batch.Spec) { s.Container.Environment = nil },
		"parameters":  func(s *batch.Spec) { s.Parameters = map[string]string{"x": "2"} },
		"inputs":      func(s *batch.Spec) { s.Inputs = map[string]string{"data": "abd"} },
		"shape":       func(s *batch.Spec) { s.Container.Shape.MilliCPU = 2000 },
	} {
		s := base()
		change(s)
		if batch.BaseKey(s, nil, -1) == key {
			t.Errorf("a change of %s leaves the key", name)
		}
	}
	renamed := base()
	renamed.Job, renamed.Definition = "two", batch.DefinitionRef{Name: "e", Revision: 7}
	renamed.Retry.Attempts = 4
	if batch.BaseKey(renamed, nil, -1) != key {
		t.Error("names take part in the key")
	}
	if point := map[string]string{"y": "1"}; batch.BaseKey(base(), point, 0) != batch.BaseKey(base(), point, 5) {
		t.Error("a point is identified by its index")
	}
	if batch.BaseKey(base(), nil, 0) == batch.BaseKey(base(), nil, 5) {
		t.Error("children without points share a key")
	}
	if batch.ContentKey(key, "", true) != "" {
		t.Error("a container of unknown content has a key")
	}
	if batch.ContentKey(key, "", false) == "" || batch.ContentKey(key, "sha256:1", true) == batch.ContentKey(key, "sha256:2", true) {
		t.Error("the image's content takes no part")
	}
}

// TestSynthesisedChildrenFollowTheirArray: a child without a row is what its array says.
func TestSynthesisedChildrenFollowTheirArray(t *testing.T) {
	array := batch.Job{ID: "a", Seq: 7, Name: "n", Size: 3, CreatedAt: 5, Array: &batch.Array{}}
	array.Array.Unborn = batch.Unborn{Status: batch.Failed, StatusReason: "no", At: 9}
	array.Cancelled = true
	child := array.Synthesise(2)
	if child.ID != "a:2" || child.Status != batch.Failed || child.StoppedAt != 9 || child.StatusReason != "no" || !child.Cancelled {
		t.Errorf("the child is %+v", child)
	}
}

func FuzzParsers(f *testing.F) {
	f.Add("arn:aws:batch:r:a:job/x:1")
	f.Add("a:1/2")
	f.Fuzz(func(t *testing.T, s string) {
		if parent, index, ok := batch.JobID(s).Split(); ok && parent.Child(index) != batch.JobID(s) {
			t.Errorf("%q does not read back", s)
		}
		if id, err := batch.ParseAttemptID(s); err == nil && !strings.HasPrefix(s, string(id.Job)) {
			t.Errorf("%q reads as %v", s, id)
		}
		ref := batch.ParseDefinitionRef(s)
		if back := batch.ParseDefinitionRef(ref.String()); back != ref && ref.Revision > 0 {
			t.Errorf("%q reads as %+v, then %+v", s, ref, back)
		}
	})
}

func TestShapeArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(0, 1000)
		a := batch.Shape{MilliCPU: n.Draw(t, "a"), MemoryMiB: n.Draw(t, "b"), GPUs: n.Draw(t, "c")}
		b := batch.Shape{MilliCPU: n.Draw(t, "d"), MemoryMiB: n.Draw(t, "e"), GPUs: n.Draw(t, "f")}
		if a.Plus(b).Minus(b) != a || !a.Fits(a.Plus(b)) {
			t.Fatalf("%+v and %+v", a, b)
		}
	})
}
