package logs

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

const (
	// Target is what the names of the calls begin with in the header X-Amz-Target.
	Target = "Logs_20140328."
	// MediaType is that of requests and answers.
	MediaType = "application/x-amz-json-1.1"
)

// Service answers what is asked of logs. Every field is required. It is safe for concurrent use.
type Service struct {
	Engine    *engine.Engine
	Store     store.Readable
	Logs      joblog.Reader
	Place     batch.Place
	StartedAt time.Time // since when the default log group is there
}

// Operation is a call of CloudWatch Logs: a method of [Service].
type Operation[Q, A any] func(ctx context.Context, caller batch.Caller, request *Q) (A, error)

// Answer decodes the body of a request, serves it and encodes the answer. Members of requests that are not used here are ignored.
// What is refused has the code that CloudWatch Logs has for it.
func (serve Operation[Q, A]) Answer(ctx context.Context, caller batch.Caller, body []byte) ([]byte, error) {
	request := new(Q)
	if err := json.Unmarshal(body, request); err != nil {
		return nil, notRequest(err)
	}
	answer, err := serve(ctx, caller, request)
	if err != nil {
		return nil, refusal(err)
	}
	text, err := json.Marshal(answer)
	if err != nil {
		return nil, fmt.Errorf("writing the answer: %w", err)
	}
	return text, nil
}
