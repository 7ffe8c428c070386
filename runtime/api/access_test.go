package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/auth"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// TestEveryRouteAsksForARole fails for a route that nobody decided about.
func TestEveryRouteAsksForARole(t *testing.T) {
	routes := (&server{}).table()
	for name, r := range routes {
		if r.action == "" || !auth.Allows(batch.RoleAdmin, r.least) {
			t.Errorf("%s: nobody may call it; give it a grant", name)
		}
	}
	if auth.Allows(batch.RoleAdmin, routes["POST /v1/inventnew"].least) {
		t.Error("what nobody decided about is allowed")
	}
}

// TestInvocationsAreToldApartAndBrief checks what is kept of an id that the caller chooses.
func TestInvocationsAreToldApartAndBrief(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range []struct{ id, body string }{{"a", "{}"}, {"b", "{}"}, {"a", "{ }"}, {"a{", "}"}, {strings.Repeat("a", 60_000), "{}"}} {
		r := httptest.NewRequest(http.MethodPost, wire.PathSubmitJob, nil)
		r.Header.Set("Amz-Sdk-Invocation-Id", c.id)
		one, again := callOf(r, grant{}, []byte(c.body)).invocation, callOf(r, grant{}, []byte(c.body)).invocation
		if one != again || seen[one] || len(one) > 100 {
			t.Errorf("%.20q %q: %d bytes, the same again: %t, another's: %t", c.id, c.body, len(one), one == again, seen[one])
		}
		seen[one] = true
	}
	if c := callOf(httptest.NewRequest(http.MethodPost, wire.PathSubmitJob, nil), grant{}, nil); c.invocation != "" {
		t.Errorf("without an id: %q", c.invocation)
	}
}
