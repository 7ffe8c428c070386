package logs

import (
	"errors"
	"reflect"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api/pagetoken"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
)

// FuzzTokens reads the tokens of pages: each ends in a place that has the same token again, or is refused.
func FuzzTokens(f *testing.F) {
	places := []func() any{
		func() any { return new(string) }, func() any { return new(logPlace) }, func() any { return new(filterPlace) }, func() any { return new(streamsPlace) },
	}
	for _, at := range []any{"name", logPlace{Attempt: 1}, filterPlace{Of: 1}, streamsPlace{Name: "a"}} {
		f.Add(pagetoken.Encode(at))
	}
	here := joblog.Position{LogPosition: batch.LogPosition{Segment: 1, Offset: 9}}
	for _, seed := range []string{
		"", "guessed", "bnVsbA", "e30", "W10", "f/", "b/e30", directed("f/", here), directed("b/", joblog.Position{LogPosition: batch.LogPosition{Segment: -1}}),
		directed("b/", joblog.Position{Token: "of another reader"}),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		for _, place := range places {
			at := place()
			if err := pagetoken.Decode(token, at); err != nil {
				if !errors.As(err, new(*wire.FieldError)) {
					t.Errorf("%T: %v", at, err)
				}
				continue
			}
			again := place()
			if err := pagetoken.Decode(pagetoken.Encode(at), again); err != nil || !reflect.DeepEqual(at, again) {
				t.Errorf("%q is %+v; again %+v, %v", token, at, again, err)
			}
		}
		backward, at, err := parseDirected(token)
		if err != nil {
			if !errors.As(err, new(*wire.Error)) {
				t.Errorf("%q: %v", token, err)
			}
			return
		}
		direction := "f/"
		if backward {
			direction = "b/"
		}
		if b, again, err := parseDirected(directed(direction, at)); err != nil || b != backward || again != at {
			t.Errorf("%q is %v; again %v, %v", token, at, again, err)
		}
	})
}
