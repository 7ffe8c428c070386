package api

import (
	"context"
	"encoding/json"
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
			return &wire.Error{Code: "SerializationException", StatusCode: http.StatusBadRequest, Message: "the request is not what this operation takes: " + err.Error()}
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

func logNotFound(what string) error {
	return &wire.Error{Code: codeLogNotFound, StatusCode: http.StatusBadRequest, Message: "The specified log " + what + " does not exist."}
}

func logInvalid(format string, args ...any) error {
	return &wire.Error{Code: codeLogInvalid, StatusCode: http.StatusBadRequest, Message: fmt.Sprintf(format, args...)}
}

// logGroupRef names the group; either member may, the identifier also as an ARN.
type logGroupRef struct {
	LogGroupName       string `json:"logGroupName"`
	LogGroupIdentifier string `json:"logGroupIdentifier"`
}

func (s *server) checkGroup(g logGroupRef) error {
	name := g.LogGroupName
	if name == "" {
		name = strings.TrimSuffix(strings.TrimPrefix(g.LogGroupIdentifier, s.logARN("")), ":*")
	}
	switch name {
	case logGroup:
		return nil
	case "":
		return logInvalid("logGroupName: given nothing; the output of jobs is in %s", logGroup)
	default:
		return logNotFound("group")
	}
}

func (s *server) logARN(group string) string {
	return "arn:aws:logs:" + s.Place.Region + ":" + s.Place.Account + ":log-group:" + group
}

type logGroupDetail struct {
	LogGroupName      string `json:"logGroupName"`
	LogGroupArn       string `json:"logGroupArn"`
	Arn               string `json:"arn"`
	CreationTime      int64  `json:"creationTime"` // ms
	StoredBytes       int64  `json:"storedBytes"`
	MetricFilterCount int32  `json:"metricFilterCount"`
	LogGroupClass     string `json:"logGroupClass"`
}

type describeLogGroupsRequest struct {
	LogGroupNamePrefix  string `json:"logGroupNamePrefix"`
	LogGroupNamePattern string `json:"logGroupNamePattern"`
}

type describeLogGroupsResponse struct {
	LogGroups []logGroupDetail `json:"logGroups"`
}

func (s *server) describeLogGroups(_ context.Context, q *describeLogGroupsRequest) (describeLogGroupsResponse, error) {
	answer := describeLogGroupsResponse{LogGroups: []logGroupDetail{}}
	if strings.HasPrefix(logGroup, q.LogGroupNamePrefix) && strings.Contains(logGroup, q.LogGroupNamePattern) {
		arn := s.logARN(logGroup)
		answer.LogGroups = append(answer.LogGroups, logGroupDetail{
			LogGroupName: logGroup, LogGroupArn: arn, Arn: arn + ":*", CreationTime: s.StartedAt.UnixMilli(), LogGroupClass: "STANDARD",
		})
	}
	return answer, nil
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
