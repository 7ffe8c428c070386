package process

import (
	"strings"
	"testing"
)

func TestParseRunAs(t *testing.T) {
	for text, want := range map[string]RunAs{
		"":              {},
		"jobs":          {User: "jobs"},
		"batch-jobs":    {User: "batch-jobs"},
		"1001":          {User: "1001"},
		"300000-365535": {Range: UserRange{300000, 365535}},
		"65536-65536":   {Range: UserRange{65536, 65536}},
	} {
		if got, err := ParseRunAs(text); err != nil || got != want {
			t.Errorf("%q: %+v, %v; want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{"65535-70000", "70000-65536", "70000-", "70000-x", "70000-4294967295", "jobs:docker"} {
		if got, err := ParseRunAs(text); err == nil {
			t.Errorf("%q is %+v", text, got)
		}
	}
}

func TestGroupsThatAreAsGoodAsRoot(t *testing.T) {
	if err := checkGroups("jobs", Identity{UID: 700_000, GID: 0}); err == nil || !strings.Contains(err.Error(), "can become root") {
		t.Errorf("group 0: %v", err)
	}
	if err := checkGroups("jobs", Identity{UID: 700_000, GID: 700_000}); err != nil {
		t.Errorf("a group of its own: %v", err)
	}
}
