package client

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsretry "github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/google/uuid"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/retry"
)

// signingName is the service that calls are signed for.
const signingName = "batch"

// request is a call that can be sent more than once.
type request struct {
	method string
	target string // escaped path, and query
	body   []byte // nil: none
	hash   string // of body
	id     string // the same for every attempt
}

func newRequest(method, target string, in any) (*request, error) {
	r := &request{method: method, target: target, id: uuid.NewString()}
	if in != nil {
		body, err := json.Marshal(in)
		if err != nil {
			return nil, fmt.Errorf("%s: encode request: %w", target, err)
		}
		r.body = body
	}
	sum := sha256.Sum256(r.body)
	r.hash = hex.EncodeToString(sum[:])
	return r, nil
}

// call sends in and decodes the answer. An error answer is a [*wire.Error].
func call[Out any](ctx context.Context, c *Client, method, target string, in any) (*Out, error) {
	r, err := newRequest(method, target, in)
	if err != nil {
		return nil, err
	}
	text, err := c.repeat(ctx, r)
	if err != nil {
		return nil, err
	}
	out := new(Out)
	if len(text) == 0 {
		return out, nil
	}
	if err := json.Unmarshal(text, out); err != nil {
		return nil, fmt.Errorf("%s %s: the answer is not what this version understands: %w", method, c.endpoint+target, err)
	}
	return out, nil
}

func post[Out any](ctx context.Context, c *Client, path string, in any) (*Out, error) {
	return call[Out](ctx, c, http.MethodPost, path, in)
}

// repeat sends r until it is answered, an error is final or the time for it is over.
func (c *Client) repeat(ctx context.Context, r *request) ([]byte, error) {
	deadline := time.Now().Add(c.retryFor)
	for attempt := 0; ; attempt++ {
		text, err := c.attempt(ctx, r, attempt)
		switch {
		case err == nil:
			return text, nil
		case ctx.Err() != nil:
			return nil, fmt.Errorf("%s: %w", r.target, context.Cause(ctx))
		case !retryable(err):
			return nil, err
		}
		delay := backoff.Jittered(attempt + 1)
		if time.Now().Add(delay).After(deadline) {
			return nil, c.explain(err)
		}
		if err := retry.Pause(ctx, delay); err != nil {
			return nil, err
		}
	}
}

// attempt sends r once.
func (c *Client) attempt(ctx context.Context, r *request, number int) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	response, err := c.send(ctx, r, number)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	text.Grow(int(min(max(response.ContentLength, 0), firstRead)) + bytes.MinRead)
	_, err = text.ReadFrom(io.LimitReader(response.Body, maxAnswer))
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return nil, fmt.Errorf("%s: read answer: %w", r.target, err)
	}
	return text.Bytes(), nil
}

// send sends r once and returns a good answer with its body open.
func (c *Client) send(ctx context.Context, r *request, number int) (*http.Response, error) {
	var body io.Reader
	if r.body != nil {
		body = bytes.NewReader(r.body)
	}
	q, err := http.NewRequestWithContext(ctx, r.method, c.endpoint+r.target, body)
	if err != nil {
		return nil, err
	}
	if r.body != nil {
		q.Header.Set("Content-Type", "application/json")
	}
	q.Header.Set("Amz-Sdk-Invocation-Id", r.id)
	q.Header.Set("Amz-Sdk-Request", fmt.Sprintf("attempt=%d", number+1))
	if err := c.sign(ctx, q, r.hash); err != nil {
		return nil, err
	}
	response, err := c.http.Do(q)
	if err != nil {
		return nil, err
	}
	if response.StatusCode/100 != 2 {
		refusal := wire.ReadError(response)
		return nil, errors.Join(refusal, response.Body.Close())
	}
	return response, nil
}

func (c *Client) sign(ctx context.Context, q *http.Request, hash string) error {
	if c.credentials == nil {
		return nil
	}
	keys, err := c.credentials.Retrieve(ctx)
	if err != nil {
		return fmt.Errorf("no credentials for %s: %w; run `eval \"$(batchd env)\"`, or give an access key and a secret key", c.endpoint, err)
	}
	return c.signer.SignHTTP(ctx, keys, q, hash, signingName, c.region, time.Now())
}

var transient = awsretry.IsErrorRetryables(awsretry.DefaultRetryables)

// retryable reports whether err may pass by itself.
func retryable(err error) bool {
	var answer *wire.Error
	if errors.As(err, &answer) && answer.StatusCode == http.StatusTooManyRequests {
		return true
	}
	return transient.IsErrorRetryable(err) == aws.TrueTernary ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, context.DeadlineExceeded)
}

// explain says what to do about an endpoint that does not answer.
func (c *Client) explain(err error) error {
	var answer *wire.Error
	if retryable(err) && !errors.As(err, &answer) {
		return fmt.Errorf("no answer from %s: %w; is the runtime running there? `batchd serve` starts one", c.endpoint, err)
	}
	return err
}
