package auth

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"
)

// Bearer lets requests with a token pass, for callers that cannot sign, such as a collector of
// metrics. With an empty Token, every request that passes Guard passes.
type Bearer struct {
	Guard Guard
	Token string
}

// Protect returns next behind the guard and the token.
func (b Bearer) Protect(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := b.Guard.Check(r); err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
		if b.Token != "" && !b.carries(r) {
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, "this needs the token of the runtime: Authorization: Bearer TOKEN", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (b Bearer) carries(r *http.Request) bool {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	want, got := sha256.Sum256([]byte(b.Token)), sha256.Sum256([]byte(strings.TrimSpace(token))) // of equal length
	return strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(want[:], got[:]) == 1
}
