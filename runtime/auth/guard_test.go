package auth

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestGuard(t *testing.T) {
	tests := []struct {
		host    string
		headers map[string]string
		allowed bool
	}{
		{"127.0.0.1:4567", nil, true},
		{"127.0.0.1", nil, true},
		{"127.9.9.9:1", nil, true},
		{"localhost:4567", nil, true},
		{"LOCALHOST", nil, true},
		{"[::1]:4567", nil, true},
		{"[::1]", nil, true},
		{"batch.lab:4567", nil, true},
		{"evil.example:4567", nil, false},
		{"127.0.0.1.evil.example", nil, false},
		{"localhost.evil.example", nil, false},
		{"10.0.0.1:4567", nil, false},
		{"0.0.0.0:4567", nil, false},
		{"", nil, false},
		{"127.0.0.1:4567", map[string]string{"Origin": "http://127.0.0.1:4567"}, true},
		{"127.0.0.1:4567", map[string]string{"Origin": "http://127.0.0.1:8080"}, false},
		{"127.0.0.1:4567", map[string]string{"Origin": "https://evil.example"}, false},
		{"127.0.0.1:4567", map[string]string{"Origin": "null"}, false},
		{"127.0.0.1:4567", map[string]string{"Sec-Fetch-Site": "same-origin"}, true},
		{"127.0.0.1:4567", map[string]string{"Sec-Fetch-Site": "none"}, true},
		{"127.0.0.1:4567", map[string]string{"Sec-Fetch-Site": "cross-site"}, false},
		{"127.0.0.1:4567", map[string]string{"Sec-Fetch-Site": "same-site"}, false},
	}
	for _, test := range tests {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Host = test.host
		for name, value := range test.headers {
			r.Header.Set(name, value)
		}
		if err := (Guard{Hosts: []string{"batch.lab"}}).Check(r); (err == nil) != test.allowed {
			t.Errorf("Host %q %v: %v", test.host, test.headers, err)
		}
	}
}

func TestContentType(t *testing.T) {
	tests := []struct {
		method, body, media string
		allowed             bool
	}{
		{"POST", "{}", "application/json", true},
		{"POST", "{}", "application/json; charset=utf-8", true},
		{"POST", "{}", "application/x-amz-json-1.1", true},
		{"POST", "{}", "text/plain", false},
		{"POST", "{}", "application/x-www-form-urlencoded", false},
		{"POST", "{}", "", false},
		{"POST", "", "", true},
		{"GET", "", "", true},
	}
	for _, test := range tests {
		r := httptest.NewRequest(test.method, "/", strings.NewReader(test.body))
		r.Header.Set("Content-Type", test.media)
		if err := CheckContentType(r); (err == nil) != test.allowed {
			t.Errorf("%s %q %q: %v", test.method, test.body, test.media, err)
		}
	}
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("Action=GetCallerIdentity"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if err := CheckContentType(r, "application/x-www-form-urlencoded"); err != nil {
		t.Errorf("a form where forms are allowed: %v", err)
	}
}

func TestAnonymousIsOfThisMachine(t *testing.T) {
	for remote, allowed := range map[string]bool{
		"127.0.0.1:5": true, "[::1]:5": true, "[::ffff:127.0.0.1]:5": true, "10.0.0.1:5": false, "": false, "@": false,
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = remote
		id, err := Anonymous{}.Authenticate(r, limit)
		if (err == nil) != allowed || allowed && id.Role != RoleAdmin {
			t.Errorf("from %q: %+v, %v", remote, id, err)
		}
	}
	for address, allowed := range map[string]bool{
		"127.0.0.1:0": true, "localhost:80": true, "[::1]:0": true, ":80": false, "0.0.0.0:80": false, "10.0.0.1:80": false, "nonsense": false,
	} {
		if err := RequireLoopback(address); (err == nil) != allowed {
			t.Errorf("listen on %q: %v", address, err)
		}
	}
}

func TestMiddleware(t *testing.T) {
	var seen Identity
	var refusal *Error
	next := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen, _ = IdentityOf(r.Context()) })
	answer := func(w http.ResponseWriter, _ *http.Request, err error) {
		if errors.As(err, &refusal) {
			w.WriteHeader(refusal.StatusCode)
		}
	}
	handler := Middleware(Guard{}, Anonymous{}, func(*http.Request) int64 { return limit }, answer, next)
	r := httptest.NewRequest(http.MethodGet, "http://localhost/", nil)
	r.RemoteAddr = "127.0.0.1:5"
	handler.ServeHTTP(httptest.NewRecorder(), r)
	if seen.Role != RoleAdmin {
		t.Errorf("the next handler saw %+v", seen)
	}
	seen = Identity{}
	for _, change := range []func(*http.Request){
		func(r *http.Request) { r.Host = "evil.example" },
		func(r *http.Request) { r.RemoteAddr = "10.0.0.1:5" },
	} {
		r := r.Clone(t.Context())
		change(r)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if text, err := io.ReadAll(w.Result().Body); w.Code != http.StatusForbidden || seen.Role != "" || err != nil {
			t.Errorf("answered %d %s, next saw %+v", w.Code, text, seen)
		}
	}
}
