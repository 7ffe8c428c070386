package provider

import (
	"errors"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// TestOlderRuntimesAreExplained wants the remedy beside what a runtime says of requests that it does not know, and nothing beside other errors.
func TestOlderRuntimesAreExplained(t *testing.T) {
	for _, c := range []struct {
		err   error
		older bool
	}{
		{nil, false},
		{errors.New("connection refused"), false},
		{&wire.Error{Code: wire.CodeClient, Message: "jobQueue: there is no job queue q"}, false},
		{&wire.Error{Code: wire.CodeClient, Message: "batchd.claim: given an unknown field; allowed is one of points, reuse"}, true},
		{&wire.Error{Code: wire.CodeUnknownOperation, Message: "POST /batchd/v1/claimjob is not an operation of this service"}, true},
	} {
		got := explained(c.err)
		if !errors.Is(got, c.err) {
			t.Errorf("%v has become %v", c.err, got)
		}
		if older := got != nil && strings.Contains(got.Error(), "The runtime is older than this provider") && strings.Contains(got.Error(), "batchd stop"); older != c.older {
			t.Errorf("%v is explained as %v", c.err, got)
		}
		if c.err != nil && creationText(c.err, "batch_job_queue", "q", "") != got.Error() {
			t.Errorf("a creation that fails with %v is not explained", c.err)
		}
	}
}
