package pagetoken_test

import (
	"errors"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api/pagetoken"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

func TestATokenIsAPlace(t *testing.T) {
	type place struct{ Name string }
	at := place{"before"}
	if err := pagetoken.Decode("", &at); err != nil || at.Name != "before" {
		t.Errorf("no token leaves %+v, %v", at, err)
	}
	if err := pagetoken.Decode(pagetoken.Encode(place{"there"}), &at); err != nil || at.Name != "there" {
		t.Errorf("a token leads to %+v, %v", at, err)
	}
	for _, token := range []string{"guessed", "%", "W10"} {
		var refused *wire.FieldError
		if err := pagetoken.Decode(token, &at); !errors.As(err, &refused) || refused.Field != "nextToken" {
			t.Errorf("%q: %v", token, err)
		}
	}
}
