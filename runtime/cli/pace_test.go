package cli

import (
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

func TestOneChildIsNotChildren(t *testing.T) {
	for size, want := range map[int32]string{1: "1 child: 1 failed", 2: "2 children: 2 failed"} {
		if have := children(&wire.ArrayPropertiesDetail{Size: &size, StatusSummary: map[string]int32{wire.StatusFailed: size}}); have != want {
			t.Errorf("%q, want %q", have, want)
		}
	}
}

// TestTheTimeLeftIsThatOfWhatRuns looks at an array of 105 children of which 95 are reused at once: only what has run since
// the first look tells how long the rest takes, and without that nothing is said.
func TestTheTimeLeftIsThatOfWhatRuns(t *testing.T) {
	array := func(size, succeeded, failed, reused int32) wire.JobDetail {
		return wire.JobDetail{
			ArrayProperties: &wire.ArrayPropertiesDetail{Size: &size, StatusSummary: map[string]int32{wire.StatusSucceeded: succeeded, wire.StatusFailed: failed}},
			Batchd:          &wire.JobDetailExtension{Counts: map[string]int32{wire.CountReused: reused}},
		}
	}
	var p pace
	for _, look := range []struct {
		at   time.Duration
		job  wire.JobDetail
		want string
	}{
		{0, wire.JobDetail{}, ""},
		{0, array(105, 10, 1, 10), ""},
		{5 * time.Second, array(105, 95, 1, 95), ""},
		{10 * time.Second, array(105, 96, 1, 95), ", about 1m20s left"},
		{20 * time.Second, array(105, 96, 3, 95), ", about 40s left"},
		{60 * time.Second, array(105, 102, 3, 95), ""},
	} {
		if have := p.left(look.job, time.Unix(0, 0).Add(look.at)); have != look.want {
			t.Errorf("after %s: %q, want %q", look.at, have, look.want)
		}
	}
}
