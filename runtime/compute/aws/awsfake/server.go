package awsfake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"regexp"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/awsfake/wire"
)

// serve answers one request of any service.
func (w *World) serve(rw http.ResponseWriter, r *http.Request) {
	rw.Header().Set("Date", time.Now().UTC().Format(http.TimeFormat))
	s := w.services[signedFor(r)]
	if s == nil {
		unsigned := &Error{Status: http.StatusForbidden, Code: "MissingAuthenticationToken", Message: "the request is not signed for a service that is served: " + signedFor(r)}
		wire.JSON{Version: "1.1"}.Fail(rw, wire.Request{}, unsigned)
		return
	}
	request, op, in, err := s.read(r)
	if err == nil {
		var out any
		request.ID, out, err = w.answer(r.Context(), op, in)
		if err == nil {
			err = s.protocol.Answer(rw, request, out)
		}
	}
	if errors.Is(err, errLost) {
		panic(http.ErrAbortHandler) // the way to close a connection without an answer
	}
	if err != nil {
		s.protocol.Fail(rw, request, asError(err))
	}
}

// scope is the service in the scope of a signature: Credential=AKIA.../20261127/us-east-1/ec2/aws4_request.
var scope = regexp.MustCompile(`Credential=[^/]+/\d+/[^/]+/([^/]+)/aws4_request`)

func signedFor(r *http.Request) string {
	if found := scope.FindStringSubmatch(r.Header.Get("Authorization")); found != nil {
		return found[1]
	}
	return ""
}

// read reads the operation that is asked for, and its input.
func (s *service) read(r *http.Request) (request wire.Request, op *operation, in any, err error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequest))
	if err != nil {
		return request, nil, nil, err
	}
	if request, err = s.protocol.Read(r.Header, body); err != nil {
		return request, nil, nil, err
	}
	if op = s.operations[request.Operation]; op == nil {
		unknown := s.unknown
		unknown.Message = fmt.Sprintf("%s:%s is not served here", s.name, request.Operation)
		return request, nil, nil, &unknown
	}
	in = reflect.New(op.input).Interface()
	return request, op, in, request.Into(in)
}

// errLost means that the client gets no answer.
var errLost = errors.New("the answer is lost")

// answer lets a call take its time, have its effect and meet its fault.
func (w *World) answer(ctx context.Context, op *operation, in any) (id string, out any, err error) {
	c, fault, latency := w.begin(ctx, op, in)
	time.Sleep(latency)
	id, out, err = w.perform(op, c, fault)
	switch {
	case fault.is(LostBefore), fault.is(LostAfter), ctx.Err() != nil:
		return id, nil, errLost
	case fault.is(Slow):
		select {
		case <-time.After(fault.Delay):
		case <-ctx.Done():
			return id, nil, errLost
		}
	}
	return id, out, err
}

// begin counts a call and draws its fate.
func (w *World) begin(ctx context.Context, op *operation, in any) (c *call, f *fault, latency time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c = w.newCall(op, in)
	c.done = ctx.Done()
	f = w.strike(c)
	return c, f, w.draw(w.options.Latency, "latency", c.luck())
}

// newCall counts a call.
func (w *World) newCall(op *operation, in any) *call {
	w.calls[op.action()]++
	return &call{world: w, service: op.service, Call: Call{Service: op.service.name, Operation: op.name, Number: w.calls[op.action()], Input: in}}
}

// luck names the call, for what is drawn for it.
func (c *call) luck() string { return fmt.Sprint(c.Action(), " ", c.Number) }

// perform lets a call have its effect, after everything that happened before it.
func (w *World) perform(op *operation, c *call, f *fault) (id string, out any, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.happen()
	c.now = time.Now()
	c.At, c.seen = c.now, c.now.Add(-w.lag(c, f))
	id = w.uuid("request")
	if !f.is(LostBefore) {
		out, err = w.effect(op, c, f)
	}
	c.Output = out
	if err != nil {
		c.Err = asError(err)
	}
	w.meter.count(c.Call, c.Err != nil && c.Err.Code == op.service.throttled.Code)
	for _, watch := range w.watchers {
		watch(c.Call)
	}
	return id, out, err
}

// lag returns how far behind a call sees the world.
func (w *World) lag(c *call, f *fault) time.Duration {
	if f.is(Stale) {
		return f.Delay
	}
	if w.chance(w.options.Unlagged, "unlagged", c.luck()) {
		return 0
	}
	return w.draw(w.options.Lag, "lag", c.luck())
}

// effect does what is asked for, unless something forbids it.
func (w *World) effect(op *operation, c *call, f *fault) (any, error) {
	if w.closed {
		return nil, &Error{Status: http.StatusServiceUnavailable, Code: "ServiceUnavailable", Message: "the world is closed"}
	}
	if failure := f.failure(op.service); failure != nil {
		return nil, failure
	}
	if w.throttles(op, c.Input, c.now) {
		return nil, &op.service.throttled
	}
	if err := c.permitted(); err != nil {
		return nil, err
	}
	return op.do(c, c.Input)
}

// Observe calls watch for every call, after its effect and before its answer. The world is locked meanwhile: watch must not call it.
func (w *World) Observe(watch func(Call)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.watchers = append(w.watchers, watch)
}
