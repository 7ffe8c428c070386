package api

import (
	"encoding/base64"
	"encoding/json"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// encodeToken makes the opaque token of the next page from where it begins.
func encodeToken(at any) string {
	text, err := json.Marshal(at)
	if err != nil {
		panic("api: token does not marshal: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// decodeToken reads a token into at. No token leaves at as it is: the beginning.
func decodeToken(token string, at any) error {
	if token == "" {
		return nil
	}
	text, err := base64.RawURLEncoding.DecodeString(token)
	if err == nil {
		err = json.Unmarshal(text, at)
	}
	if err != nil {
		return foreignToken()
	}
	return nil
}

// foreignToken refuses a token.
func foreignToken() error {
	return &wire.FieldError{Field: "nextToken", Given: "a token that was not made here", Allowed: "the nextToken of the page before, unchanged"}
}

// page returns how many entries the caller wants, at most most.
func page(wanted *int32, most int) int {
	if wanted == nil {
		return most
	}
	return min(int(*wanted), most)
}
