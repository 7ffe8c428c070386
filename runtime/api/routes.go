package api

import (
	"net/http"
	"reflect"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// table lists every operation: how it is asked for, how large its body may be and what serves it. An
// operation named by X-Amz-Target follows its path; under PathTags the rest of the path is an ARN.
func (s *server) table() map[string]route {
	routes := map[string]route{
		"POST " + wire.PathCreateComputeEnvironment:    operation(wire.MaxBody, s.createComputeEnvironment, environmentTags.apply),
		"POST " + wire.PathDescribeComputeEnvironments: operation(wire.MaxBody, s.describeComputeEnvironments),
		"POST " + wire.PathUpdateComputeEnvironment:    operation(wire.MaxBody, s.updateComputeEnvironment),
		"POST " + wire.PathDeleteComputeEnvironment:    operation(wire.MaxBody, s.deleteComputeEnvironment),

		"POST " + wire.PathCreateJobQueue:    operation(wire.MaxBody, s.createJobQueue, queueTags.apply),
		"POST " + wire.PathDescribeJobQueues: operation(wire.MaxBody, s.describeJobQueues),
		"POST " + wire.PathUpdateJobQueue:    operation(wire.MaxBody, s.updateJobQueue),
		"POST " + wire.PathDeleteJobQueue:    operation(wire.MaxBody, s.deleteJobQueue),

		"POST " + wire.PathGetJobQueueSnapshot: operation(wire.MaxBody, s.getJobQueueSnapshot),

		"POST " + wire.PathCreateSchedulingPolicy:     operation(wire.MaxBody, s.createSchedulingPolicy),
		"POST " + wire.PathDescribeSchedulingPolicies: operation(wire.MaxBody, s.describeSchedulingPolicies),
		"POST " + wire.PathListSchedulingPolicies:     operation(wire.MaxBody, s.listSchedulingPolicies),
		"POST " + wire.PathUpdateSchedulingPolicy:     operation(wire.MaxBody, s.updateSchedulingPolicy),
		"POST " + wire.PathDeleteSchedulingPolicy:     operation(wire.MaxBody, s.deleteSchedulingPolicy),

		"POST " + wire.PathCreateQuotaShare:   operation(wire.MaxBody, s.createQuotaShare),
		"POST " + wire.PathDescribeQuotaShare: operation(wire.MaxBody, s.describeQuotaShare),
		"POST " + wire.PathListQuotaShares:    operation(wire.MaxBody, s.listQuotaShares),
		"POST " + wire.PathUpdateQuotaShare:   operation(wire.MaxBody, s.updateQuotaShare),
		"POST " + wire.PathDeleteQuotaShare:   operation(wire.MaxBody, s.deleteQuotaShare),

		"POST " + wire.PathCreateConsumableResource:     operation(wire.MaxBody, s.createConsumableResource),
		"POST " + wire.PathDescribeConsumableResource:   operation(wire.MaxBody, s.describeConsumableResource),
		"POST " + wire.PathListConsumableResources:      operation(wire.MaxBody, s.listConsumableResources),
		"POST " + wire.PathUpdateConsumableResource:     operation(wire.MaxBody, s.updateConsumableResource),
		"POST " + wire.PathDeleteConsumableResource:     operation(wire.MaxBody, s.deleteConsumableResource),
		"POST " + wire.PathListJobsByConsumableResource: operation(wire.MaxBody, s.listJobsByConsumableResource),

		"POST " + wire.PathRegisterJobDefinition:   operation(wire.MaxRegisterBody, s.registerJobDefinition, definitionTags.apply),
		"POST " + wire.PathDescribeJobDefinitions:  operation(wire.MaxBody, s.describeJobDefinitions),
		"POST " + wire.PathDeregisterJobDefinition: operation(wire.MaxBody, s.deregisterJobDefinition),

		"POST " + wire.PathSubmitJob:     operation(wire.MaxSubmitBody, s.submitJob, jobTags.apply),
		"POST " + wire.PathDescribeJobs:  operation(wire.MaxBody, s.describeJobs),
		"POST " + wire.PathListJobs:      operation(wire.MaxBody, s.listJobs),
		"POST " + wire.PathCancelJob:     operation(wire.MaxBody, s.cancelJob),
		"POST " + wire.PathTerminateJob:  operation(wire.MaxBody, s.terminateJob),
		"POST " + wire.PathCancelJobs:    operation(wire.MaxBody, s.cancelJobs),
		"POST " + wire.PathTerminateJobs: operation(wire.MaxBody, s.terminateJobs),

		"GET " + wire.PathTags:    {serve: s.listTags},
		"POST " + wire.PathTags:   operation(wire.MaxBody, s.tagResource),
		"DELETE " + wire.PathTags: {serve: s.untagResource},

		"POST " + wire.PathExplainJob: operation(wire.MaxBody, s.explainJob),
		"POST " + wire.PathPlanJob:    operation(wire.MaxSubmitBody, s.planJob, jobTags.apply),
		"POST " + wire.PathRetryJob:   operation(wire.MaxBody, s.retryJob),
		"POST " + wire.PathClaimJob:   operation(wire.MaxBody, s.claimJob),
		"POST " + wire.PathReleaseJob: operation(wire.MaxBody, s.releaseJob),

		"POST " + wire.PathResults: operation(wire.MaxBody, s.results),
		"POST " + wire.PathLogs:    operation(wire.MaxBody, s.logs),
		"GET " + wire.PathStatus:   {serve: s.status},
		"GET " + wire.PathDoctor:   {serve: s.doctor},
		"POST " + wire.PathStop:    {serve: s.stop},
		"POST " + wire.PathLease:   {serve: s.lease, lasts: true},
		"GET " + wire.PathEvents:   {serve: s.events, lasts: true},

		"POST " + wire.PathCreateKey: operation(wire.MaxBody, s.createKey),
		"POST " + wire.PathListKeys:  operation(wire.MaxBody, s.listKeys),
		"POST " + wire.PathRevokeKey: operation(wire.MaxBody, s.revokeKey),
		"GET " + wire.PathAudit:      {serve: s.audit},

		"POST / " + targetLogs + "GetLogEvents":       logsOperation(s.getLogEvents),
		"POST / " + targetLogs + "FilterLogEvents":    logsOperation(s.filterLogEvents),
		"POST / " + targetLogs + "DescribeLogGroups":  logsOperation(s.describeLogGroups),
		"POST / " + targetLogs + "DescribeLogStreams": logsOperation(s.describeLogStreams),

		"POST / " + targetLogs + "CreateLogGroup":        logsOperation(s.createLogGroup),
		"POST / " + targetLogs + "DeleteLogGroup":        logsOperation(s.deleteLogGroup),
		"POST / " + targetLogs + "CreateLogStream":       logsOperation(s.createLogStream),
		"POST / " + targetLogs + "PutRetentionPolicy":    logsOperation(s.putRetentionPolicy),
		"POST / " + targetLogs + "DeleteRetentionPolicy": logsOperation(s.deleteRetentionPolicy),
		"POST / " + targetLogs + "ListTagsForResource":   logsOperation(s.listLogGroupTags),
		"POST / " + targetLogs + "ListTagsLogGroup":      logsOperation(s.listLogGroupTags),
		"POST / " + targetLogs + "TagResource":           logsOperation(s.tagLogGroup),
		"POST / " + targetLogs + "TagLogGroup":           logsOperation(s.tagLogGroup),
		"POST / " + targetLogs + "UntagResource":         logsOperation(s.untagLogGroup),
		"POST / " + targetLogs + "UntagLogGroup":         logsOperation(s.untagLogGroup),

		"POST /": {serve: s.callerIdentity},
	}
	for name, reason := range unserved {
		routes["POST /v1/"+name] = refusing(reason)
	}
	return routes
}

// route is how one operation is served.
type route struct {
	limit int64 // of the body, in bytes; 0: [wire.MaxBody]
	lasts bool  // it is served for as long as the caller stays
	serve func(w http.ResponseWriter, r *http.Request) error
	// request and answer are the types of what is read and written; nil where serve reads and writes by itself.
	request, answer reflect.Type
}

// key names the route of a request. An ARN in the path is one escaped segment, so that the escaped
// path is looked at.
func key(r *http.Request) string {
	path := r.URL.EscapedPath()
	switch {
	case strings.HasPrefix(path, wire.PathTags):
		path = wire.PathTags
	case path == "/" && r.Header.Get(headerTarget) != "":
		path += " " + r.Header.Get(headerTarget)
	}
	return r.Method + " " + path
}

// find returns the route of a request, or says that there is none.
func (s *server) find(r *http.Request) (route, error) {
	name := key(r)
	if found, ok := s.routes[name]; ok {
		return found, nil
	}
	return route{}, &wire.Error{Code: wire.CodeUnknownOperation, StatusCode: http.StatusNotFound, Message: shortened(name) + " is not an operation of this service"}
}

// limit is how large the body of a request may be, in bytes.
func (s *server) limit(r *http.Request) int64 {
	if found := s.routes[key(r)]; found.limit > 0 {
		return found.limit
	}
	return wire.MaxBody
}
