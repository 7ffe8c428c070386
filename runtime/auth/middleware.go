package auth

import "net/http"

// Middleware applies guard and authenticator to requests for next, which finds the
// caller with [IdentityOf]. limit says how large the body of a request may be, in
// bytes; answer writes a refusal, an [*Error] unless something failed.
func Middleware(guard Guard, authenticator Authenticator, limit func(*http.Request) int64,
	answer func(http.ResponseWriter, *http.Request, error), next http.Handler,
) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := guard.Check(r); err != nil {
			answer(w, r, err)
			return
		}
		id, err := authenticator.Authenticate(r, limit(r))
		if err != nil {
			answer(w, r, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(WithIdentity(r.Context(), id)))
	})
}
