package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/auth"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// The calls of Amazon CloudWatch Logs with which clients read the output of jobs. There is one group,
// and a stream for each attempt that has begun.

const (
	headerTarget = "X-Amz-Target"
	targetLogs   = "Logs_20140328."
	mediaLogs    = "application/x-amz-json-1.1"
	// logGroup is where AWS Batch writes the output of jobs.
	logGroup = "/aws/batch/job"
)

// Codes of CloudWatch Logs.
const (
	codeLogNotFound = "ResourceNotFoundException"
	codeLogInvalid  = "InvalidParameterException"
)

// logsOperation makes a route of a function from request to answer. Members of requests that are not
// used here are ignored.
func logsOperation[Q, A any](serve func(context.Context, *Q) (A, error)) route {
	return route{serve: func(w http.ResponseWriter, r *http.Request) error {
		if err := auth.CheckContentType(r, mediaLogs); err != nil {
			return err
		}
		body, err := read(r, wire.MaxBody)
		if err != nil {
			return err
		}
		request := new(Q)
		if err := json.Unmarshal(body, request); err != nil {
			return notLogRequest(err)
		}
		answer, err := serve(r.Context(), request)
		if err != nil {
			return err
		}
		text, err := json.Marshal(answer)
		if err != nil {
			return fmt.Errorf("writing the answer: %w", err)
		}
		w.Header().Set("Content-Type", mediaLogs)
		_, _ = w.Write(text) // the caller has gone if this fails
		return nil
	}}
}

// notLogRequest refuses a body that is not the JSON of a request.
func notLogRequest(err error) error {
	message := "the body is no JSON: " + err.Error()
	var mistyped *json.UnmarshalTypeError
	if errors.As(err, &mistyped) {
		message = fmt.Sprintf("%s: given a JSON %s, which it does not take", cmp.Or(mistyped.Field, "body"), mistyped.Value)
	}
	return &wire.Error{Code: "SerializationException", StatusCode: http.StatusBadRequest, Message: message}
}

func logNotFound(what string) error {
	return &wire.Error{Code: codeLogNotFound, StatusCode: http.StatusBadRequest, Message: "The specified log " + what + " does not exist."}
}

func logInvalid(format string, args ...any) error {
	return &wire.Error{Code: codeLogInvalid, StatusCode: http.StatusBadRequest, Message: fmt.Sprintf(format, args...)}
}

// logGroupRef names the group; one of the members does, the identifier also as an ARN.
type logGroupRef struct {
	LogGroupName       string `json:"logGroupName"`
	LogGroupIdentifier string `json:"logGroupIdentifier"`
}

func (s *server) checkGroup(g logGroupRef) error {
	switch {
	case g.LogGroupName != "" && g.LogGroupIdentifier != "":
		return logInvalid("logGroupIdentifier: given beside logGroupName; allowed is only one of them")
	case g.LogGroupName == "" && g.LogGroupIdentifier == "":
		return logInvalid("logGroupName: given nothing; the output of jobs is in %s", logGroup)
	case g.LogGroupName == logGroup || s.isGroup(g.LogGroupIdentifier):
		return nil
	default:
		return logNotFound("group")
	}
}

// isGroup reports whether a name or an ARN, with or without :* at its end, is that of the group.
func (s *server) isGroup(nameOrARN string) bool {
	return nameOrARN == logGroup || strings.TrimSuffix(nameOrARN, ":*") == s.logARN(logGroup)
}

func (s *server) logARN(group string) string {
	return "arn:aws:logs:" + s.Place.Region + ":" + s.Place.Account + ":log-group:" + group
}

// stream finds the output that a log stream names.
func (s *server) stream(ctx context.Context, name string) (output, error) {
	_, task, _ := strings.Cut(name, "/default/")
	id, ok := parseTaskID(task)
	if !ok {
		return output{}, logNotFound("stream")
	}
	jobs, err := s.Store.Jobs(ctx, []batch.JobID{id.Job})
	if err != nil {
		return output{}, err
	}
	if len(jobs) == 0 || logStream(jobs[0], id) != name || id.Number > jobs[0].Attempt || jobs[0].ReusedFrom != "" {
		return output{}, logNotFound("stream")
	}
	out, err := s.outputOf(ctx, jobs[0], id.Number)
	if err == nil && !out.known {
		err = logNotFound("stream")
	}
	return out, err
}
