package auth

import (
	"bytes"
	"strconv"
	"testing"
)

func TestSigningKeysAreBoundedAndTheSame(t *testing.T) {
	var keys signingKeys
	for i := range 3 * maxSigningKeys {
		a := authorization{date: "20260102", region: "r" + strconv.Itoa(i), service: "batch"}
		key, known := keys.of(a, "secret")
		if known || !bytes.Equal(key, a.signingKey("secret")) {
			t.Fatalf("region %d: known %t, key %x; want a new one, %x", i, known, key, a.signingKey("secret"))
		}
		keys.remember(a, "secret", key)
		if again, known := keys.of(a, "secret"); !known || !bytes.Equal(again, key) {
			t.Fatalf("region %d: known %t, key %x; want %x", i, known, again, key)
		}
		if other, known := keys.of(a, "another"); known || bytes.Equal(other, key) {
			t.Fatalf("region %d: the key of another secret is known, or the same", i)
		}
		if n := len(keys.known); n > maxSigningKeys {
			t.Fatalf("%d signing keys are remembered; allowed are %d", n, maxSigningKeys)
		}
	}
}
