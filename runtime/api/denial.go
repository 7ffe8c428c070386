package api

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/admission"
	"github.com/batchd/terraform-provider-batch/runtime/auth"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/registry"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// deny returns a denial in AWS's words, and has it in the audit log. resource is "job-queue/high", or empty if
// the denial is not about one.
func (s *server) deny(ctx context.Context, caller batch.Caller, action, resource, why string) error {
	arn := "*"
	if kind, name, ok := cutResource(resource); ok {
		if arn = s.Place.ARN(kind, name); strings.HasPrefix(name, "arn:") {
			arn = name // of what is elsewhere
		}
	}
	s.recordDenial(ctx, s.denials.Of(caller.Who), caller, action, resource)
	return &auth.Error{
		Code: auth.CodeAccessDenied, StatusCode: http.StatusForbidden,
		Message: fmt.Sprintf("User: arn:aws:iam::%s:user/%s is not authorized to perform: %s on resource: %s because %s", s.Place.Account, caller.Who, action, arn, why),
	}
}

// recordDenial writes the audit line of a denial, if there is room in its bucket; else it is counted, and the
// next line tells how many were. It does so even if the caller has gone meanwhile.
func (s *server) recordDenial(ctx context.Context, b *admission.Bucket, caller batch.Caller, action, resource string) {
	ok, dropped := b.Take(time.Now())
	if !ok {
		return
	}
	lines := []registry.RecordDenial{{Caller: caller, Action: cmp.Or(action, "unknown"), Resource: resource}}
	if dropped > 0 {
		lines = append(lines, registry.RecordDenial{Caller: batch.Caller{Who: itself}, Action: "DenialsNotRecorded", Resource: strconv.FormatInt(dropped, 10)})
	}
	for _, line := range lines {
		if _, err := engine.Do(context.WithoutCancel(ctx), s.Engine, sched.Keep{Command: line}); err != nil {
			s.Logger.Warn("a denial is not in the audit log", "who", caller.Who, "source", caller.Source, "action", line.Action, "error", err)
		}
	}
}

// itself is who acts when the runtime does.
const itself = "batchd"

// cutResource takes "job-queue/high" apart.
func cutResource(resource string) (kind, name string, ok bool) {
	kind, name, ok = batch.ParseARN("arn:aws:batch:::" + resource)
	return kind, name, ok
}
