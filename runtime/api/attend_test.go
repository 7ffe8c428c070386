package api

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestRequestsThatAreAbortedAreObserved panics before and after an answer has begun, and aborts: each is told of, once.
func TestRequestsThatAreAbortedAreObserved(t *testing.T) {
	for name, c := range map[string]struct {
		serve   http.HandlerFunc
		status  int
		aborted bool
	}{
		"before": {func(http.ResponseWriter, *http.Request) { panic("oh") }, http.StatusInternalServerError, false},
		"after": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "half")
			panic("oh")
		}, http.StatusOK, true},
		"abort": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			var observed []int
			var log bytes.Buffer
			s := &server{Options: Options{
				Observe: func(_ string, status int, _ time.Duration) { observed = append(observed, status) },
				Logger:  slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
			}}
			aborted := func() (is bool) {
				defer func() { is = recover() == any(http.ErrAbortHandler) }()
				s.attend(c.serve).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/v1/listjobs", nil))
				return false
			}()
			if aborted != c.aborted || !slices.Equal(observed, []int{c.status}) || strings.Count(log.String(), "msg=served") != 1 {
				t.Errorf("aborted %t, observed %v, logged %s", aborted, observed, log.String())
			}
		})
	}
}
