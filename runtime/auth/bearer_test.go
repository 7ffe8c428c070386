package auth

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestBearer(t *testing.T) {
	next := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	tests := []struct {
		token, host, header string
		code                int
	}{
		{"", "localhost", "", http.StatusNoContent},
		{"", "evil.example", "", http.StatusForbidden},
		{"t0ken", "localhost", "Bearer t0ken", http.StatusNoContent},
		{"t0ken", "localhost", "bearer t0ken", http.StatusNoContent},
		{"t0ken", "evil.example", "Bearer t0ken", http.StatusForbidden},
		{"t0ken", "localhost", "", http.StatusUnauthorized},
		{"t0ken", "localhost", "Bearer", http.StatusUnauthorized},
		{"t0ken", "localhost", "Bearer t0kem", http.StatusUnauthorized},
		{"t0ken", "localhost", "Bearer t0ken2", http.StatusUnauthorized},
		{"t0ken", "localhost", "Basic t0ken", http.StatusUnauthorized},
		{"t0ken", "localhost", "t0ken", http.StatusUnauthorized},
	}
	for _, test := range tests {
		r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		r.Host = test.host
		r.Header.Set("Authorization", test.header)
		w := httptest.NewRecorder()
		Bearer{Token: test.token}.Protect(next).ServeHTTP(w, r)
		if w.Code != test.code {
			t.Errorf("%+v: answered %d", test, w.Code)
		}
	}
}
