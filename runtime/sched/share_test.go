package sched

import (
	"errors"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

const epoch = batch.Time(1_700_000_000_000)

func TestCheckShare(t *testing.T) {
	for _, c := range []struct {
		name       string
		fair       bool
		identifier string
		known      bool
		active     int
		want       string // how the refusal begins; empty: none
	}{
		{"first in first out", false, "", false, 0, ""},
		{"fair", true, "a", false, 499, ""},
		{"known share of a full queue", true, "a", true, 500, ""},
		{"none given", true, "", false, 3, "shareIdentifier must be specified."},
		{"given to first in first out", false, "a", false, 0, "shareIdentifier: given \"a\""},
		{"one too many", true, "a", false, 500, "shareIdentifier: \"a\" would be one too many"},
	} {
		wantRefusal(t, c.name, checkShare("q", c.fair, c.identifier, c.known, c.active), batch.InvalidRequest, c.want)
	}
}

// wantRefusal checks that err is a refusal that begins so; empty: that there is none.
func wantRefusal(t *testing.T, name string, err error, kind batch.ErrorKind, want string) {
	t.Helper()
	var refusal *batch.Error
	switch {
	case want == "" && err != nil:
		t.Errorf("%s: refused: %v", name, err)
	case want == "":
	case !errors.As(err, &refusal):
		t.Errorf("%s: no refusal, but %v", name, err)
	case refusal.Kind != kind || !strings.Contains(refusal.Message, want):
		t.Errorf("%s: refused with kind %d: %q; want kind %d: %q", name, refusal.Kind, refusal.Message, kind, want)
	}
}
