// Package pagetoken makes the tokens of pages. A token is the place at which the next page begins, as JSON, and opaque to clients.
package pagetoken

import (
	"encoding/base64"
	"encoding/json"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// Encode makes the opaque token of the next page from where it begins.
func Encode(at any) string {
	text, err := json.Marshal(at)
	if err != nil {
		panic("pagetoken: token does not marshal: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// Decode reads a token into at. No token leaves at as it is: the beginning.
func Decode(token string, at any) error {
	if token == "" {
		return nil
	}
	text, err := base64.RawURLEncoding.DecodeString(token)
	if err == nil {
		err = json.Unmarshal(text, at)
	}
	if err != nil {
		return Foreign()
	}
	return nil
}

// Foreign refuses a token that was not made here.
func Foreign() error {
	return &wire.FieldError{Field: "nextToken", Given: "a token that was not made here", Allowed: "the nextToken of the page before, unchanged"}
}
