package awsfake

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// staticCredentials are the credentials of the user who owns the account.
func staticCredentials(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "example", Source: "awsfake"}, nil
}

// inProcess is an HTTP client that calls a handler. It uses no goroutine, no socket and no pool, so that it works in a bubble of
// testing/synctest.
type inProcess struct{ handler http.Handler }

// Do returns the handler's answer. If the handler aborts, the answer is lost.
func (c inProcess) Do(request *http.Request) (response *http.Response, err error) {
	defer func() {
		switch r := recover(); {
		case r == nil:
		case errors.Is(asPanic(r), http.ErrAbortHandler):
			response, err = nil, lost(request.Context())
		default:
			panic(r)
		}
	}()
	served := request.Clone(request.Context())
	if served.Body == nil {
		served.Body = http.NoBody
	}
	defer served.Body.Close()
	answer := &recorder{header: http.Header{}, status: http.StatusOK}
	c.handler.ServeHTTP(answer, served)
	return &http.Response{
		StatusCode: answer.status, Status: http.StatusText(answer.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: answer.header, Body: io.NopCloser(&answer.body), ContentLength: int64(answer.body.Len()), Request: request,
	}, nil
}

func asPanic(r any) error {
	err, _ := r.(error)
	return err
}

// lost is what a client sees of a connection that is closed before the answer: the end of its own patience, or a reset.
func lost(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
}

// recorder keeps an answer.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }
