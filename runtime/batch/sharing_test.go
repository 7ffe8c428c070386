package batch_test

import (
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

func TestSharingWithin(t *testing.T) {
	queues := func(patterns ...string) *batch.Sharing { return &batch.Sharing{Readable: patterns} }
	image := func(digest string) *batch.Sharing { return &batch.Sharing{ImageDigest: digest} }
	for _, test := range []struct {
		name       string
		own, bound *batch.Sharing
		want       bool
	}{
		{"no bounds", nil, nil, true},
		{"one queue within every queue", queues("a"), nil, true},
		{"every queue within one", nil, queues("a"), false},
		{"every queue by an image within one", image("1"), queues("a"), false},
		{"one queue within itself", queues("a"), queues("a"), true},
		{"one of two", queues("b"), queues("a", "b"), true},
		{"two within one of them", queues("a", "b"), queues("a"), false},
		{"a name within a pattern", queues("dev-1"), queues("dev-*"), true},
		{"a pattern within a wider one", queues("dev-a*"), queues("dev-*"), true},
		{"a pattern within a narrower one", queues("dev-*"), queues("dev-a*"), false},
		{"a pattern within its own beginning", queues("dev*"), queues("dev"), false},
		{"one image", image("1"), image("1"), true},
		{"another image", image("1"), image("2"), false},
		{"an image that is not known", image(""), image("2"), true},
	} {
		if got := test.own.Within(test.bound); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}
