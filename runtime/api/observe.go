package api

import (
	"net/http"
	"strings"
	"time"
)

// unknownOperation is what requests for something that is not served are counted under.
const unknownOperation = "unknown"

// observe tells of a request. Its operation is one of those that are known, whatever the caller sent.
func (s *server) observe(r *http.Request, status int, took time.Duration) {
	if s.Observe == nil {
		return
	}
	name := key(r)
	_, operation, _ := strings.Cut(s.routes[name].action, ":")
	if operation == "" {
		operation = unknownOperation
	}
	if s.routes[name].lasts {
		took = 0
	}
	s.Observe(operation, status, took)
}
