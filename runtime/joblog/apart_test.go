package joblog

import (
	"context"
	"errors"
	"testing"
)

// TestAForeignPlaceIsRefused hands back places that no merge has made, as a client may.
func TestAForeignPlaceIsRefused(t *testing.T) {
	one := func(_ context.Context, q PageQuery) (Page, error) {
		return Page{Lines: []Line{{At: 5, Text: "line"}}, End: Position{Token: "end"}, Next: Position{Token: "end"}, Ended: true}, nil
	}
	q := MergeQuery{Logs: []Log{{Attempt: attempt("a")}}, Keep: everything, Limit: 10, Bytes: 100}
	for _, token := range []string{"", "guessed", `{"t":5,"n":null}`, `{"t":"5"}`, `{"t":5,"n":[1]}`} {
		q.Places = []Place{{Token: token}}
		if _, err := MergePages(t.Context(), one, q); !errors.Is(err, ErrPosition) {
			t.Errorf("%q: %v", token, err)
		}
	}
	q.Places = []Place{{Token: `{"t":5,"n":{"a/1":-7,"b/1":3}}`}} // it is a place, however unlikely
	if page, err := MergePages(t.Context(), one, q); err != nil || len(page.Lines) != 1 {
		t.Errorf("%+v, %v", page, err)
	}
}
