package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strconv"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/auth"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// validated is a request that knows the rules of its fields.
type validated[T any] interface {
	*T
	Validate() error
}

// call is what an operation may need to know of its request beside the body.
type call struct {
	caller     batch.Caller
	action     string // what the operation is called in policies and in the audit log
	arn        string // of what an operation on tags is about
	invocation string // identifies the request through a client's retries; empty if it says nothing
}

// operation makes a route of a function from request to answer. prepare may complete what was decoded
// before its rules are applied.
func operation[Q, A any, P validated[Q]](g grant, limit int64, serve func(context.Context, call, P) (A, error), prepare ...func(P) error) route {
	return route{grant: g, limit: limit, request: reflect.TypeFor[Q](), answer: reflect.TypeFor[A](), serve: func(w http.ResponseWriter, r *http.Request) error {
		if err := auth.CheckContentType(r); err != nil {
			return err
		}
		body, err := read(r, limit)
		if err != nil {
			return err
		}
		request := P(new(Q))
		if err := wire.Decode(bytes.NewReader(body), limit, request); err != nil {
			return err
		}
		for _, complete := range prepare {
			if err := complete(request); err != nil {
				return err
			}
		}
		if err := request.Validate(); err != nil {
			return err
		}
		answer, err := serve(r.Context(), callOf(r, g, body), request)
		if err != nil {
			return err
		}
		return write(w, answer)
	}}
}

// read returns the body of a request.
func read(r *http.Request, limit int64) ([]byte, error) {
	if body, ok := auth.BodyOf(r); ok && int64(len(body)) <= limit {
		return body, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	if err != nil {
		return nil, fmt.Errorf("reading the request: %w", err)
	}
	if int64(len(body)) > limit {
		return nil, &auth.Error{
			Code: auth.CodeTooLarge, StatusCode: http.StatusRequestEntityTooLarge,
			Message: fmt.Sprintf("Request body is larger than %d bytes", limit),
		}
	}
	return body, nil
}

func callOf(r *http.Request, g grant, body []byte) call {
	c := call{caller: callerOf(r), action: g.action, arn: arnOf(r)}
	if id := r.Header.Get("Amz-Sdk-Invocation-Id"); id != "" {
		sum := sha256.New()
		_, _ = io.WriteString(sum, id+"\x00") // a hash does not fail
		_, _ = sum.Write(body)
		c.invocation = "sdk:" + c.caller.Who + ":" + hex.EncodeToString(sum.Sum(nil)[:16])
	}
	return c
}

func callerOf(r *http.Request) batch.Caller {
	id, _ := auth.IdentityOf(r.Context())
	c := batch.Caller{Who: id.AccessKeyID, Source: r.RemoteAddr}
	if c.Who == "" {
		c.Who = anonymous
	}
	return c
}

// anonymous is who calls when nobody is asked for a signature.
const anonymous = "anonymous"

func write(w http.ResponseWriter, answer any) error {
	text, err := json.Marshal(answer)
	if err != nil {
		return fmt.Errorf("writing the answer: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	// Without its length a larger answer goes out in chunks, which costs both sides.
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	_, _ = w.Write(text) // the caller has gone if this fails
	return nil
}

// page returns how many entries the caller wants, at most most.
func page(wanted *int32, most int) int {
	if wanted == nil {
		return most
	}
	return min(int(*wanted), most)
}
