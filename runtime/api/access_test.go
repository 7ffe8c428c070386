package api

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

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

func TestBucket(t *testing.T) {
	var b bucket
	now := time.Unix(1000, 0)
	take := func(n int) (through int, dropped int64) {
		for range n {
			ok, d := b.take(now)
			if ok {
				through++
			}
			dropped += d
		}
		return through, dropped
	}
	for _, step := range []struct {
		pause   time.Duration
		n, want int
		dropped int64
	}{
		{0, denialBurst + 50, denialBurst, 0},
		{denialEvery - 1, 10, 0, 0},
		{1, 5, 1, 60},
		{3 * denialEvery, 2, 2, 4},
		{0, 2, 1, 0},
		{10 * denialEvery * denialBurst, denialBurst + 1, denialBurst, 1},
	} {
		now = now.Add(step.pause)
		if through, dropped := take(step.n); through != step.want || dropped != step.dropped {
			t.Errorf("after %s: %d of %d got through and %d were told of, want %d and %d", step.pause, through, step.n, dropped, step.want, step.dropped)
		}
	}
}

// TestDenialsAreBounded has more keys denied than buckets are kept: those that were denied something last have theirs still.
func TestDenialsAreBounded(t *testing.T) {
	var d denials
	who := func(i int) string { return strconv.Itoa(i) }
	loud := d.of(who(0))
	for i := range maxDenied {
		d.of(who(i))
	}
	d.of(who(0))
	for i := range 3 {
		d.of(who(maxDenied + i))
	}
	if len(d.known) != maxDenied || d.of(who(0)) != loud {
		t.Errorf("%d buckets are kept, want %d; the one that was used meanwhile: %t", len(d.known), maxDenied, d.of(who(0)) == loud)
	}
	for i := range 3 {
		if d.known[who(i+1)] != nil {
			t.Errorf("the bucket of key %d, which was denied something long ago, is kept", i+1)
		}
	}
}

func TestPlacesAreShared(t *testing.T) {
	p := newRoom(8, 4)
	take := func(key string, n int) (taken int) {
		for range n {
			if p.take(key, 1) {
				taken++
			}
		}
		return taken
	}
	if n := take("greedy", 8); n != 4 {
		t.Errorf("one key took %d of 8 places", n)
	}
	if n := take("other", 3); n != 3 {
		t.Errorf("another took %d", n)
	}
	if take("third", 2) != 1 || take("", 1) != 0 {
		t.Error("more than 8 places were taken")
	}
	p.give("greedy", 1)
	if take("greedy", 2) != 1 {
		t.Error("a place that was left cannot be taken again")
	}
	for key, n := range map[string]int{"greedy": 4, "other": 3, "third": 1} {
		p.give(key, int64(n))
	}
	if len(p.of) != 0 || take("", 9) != 8 {
		t.Errorf("left over: %+v", p.of)
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
