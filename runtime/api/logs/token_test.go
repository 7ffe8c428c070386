package logs

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api/pagetoken"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
)

// TestTokensOfThisMachine holds the tokens of logs of this machine to what they have always been: a client that has one goes on with
// it after an upgrade.
func TestTokensOfThisMachine(t *testing.T) {
	at := joblog.Position{LogPosition: batch.LogPosition{Segment: 1, Offset: 9}}
	filtered := filterPlace{Of: 1, Until: 2, From: streamPlace{Index: -1}, Places: []joblog.Place{{At: at.LogPosition, Open: []int64{4}, Time: 3}}}
	for token, want := range map[string]string{
		directed("f/", at): `{"segment":1,"offset":9}`,
		pagetoken.Encode(logPlace{Attempt: 2, At: at}):  `{"a":2,"p":{"segment":1,"offset":9}}`,
		pagetoken.Encode(logPlace{}):                    `{"a":0,"p":{"segment":0,"offset":0}}`,
		pagetoken.Encode(filtered):                      `{"o":1,"u":2,"f":{"s":0,"i":-1},"p":[{"p":{"segment":1,"offset":9},"o":[4],"t":3}]}`,
		pagetoken.Encode(streamsPlace{Name: "a/b/c-1"}): `{"s":0,"i":0,"n":"a/b/c-1"}`,
	} {
		got, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(token, "f/"))
		if err != nil || string(got) != want {
			t.Errorf("got %s (%v), want %s", got, err, want)
		}
	}
}
