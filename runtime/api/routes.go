package api

import (
	"net/http"
	"reflect"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/api/logs"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// table lists every operation: how it is asked for, which role may call it at least and under what name, how large its body may
// be and what serves it. An operation named by X-Amz-Target follows its path; under PathTags the rest of the path is an ARN.
func (s *server) table() map[string]route {
	routes := map[string]route{
		"POST " + wire.PathCreateComputeEnvironment:    operation(operators("batch:CreateComputeEnvironment"), wire.MaxBody, s.createComputeEnvironment, environmentTags.apply),
		"POST " + wire.PathDescribeComputeEnvironments: operation(readers("batch:DescribeComputeEnvironments"), wire.MaxBody, s.describeComputeEnvironments),
		"POST " + wire.PathUpdateComputeEnvironment:    operation(operators("batch:UpdateComputeEnvironment"), wire.MaxBody, s.updateComputeEnvironment),
		"POST " + wire.PathDeleteComputeEnvironment:    operation(operators("batch:DeleteComputeEnvironment"), wire.MaxBody, s.deleteComputeEnvironment),

		"POST " + wire.PathCreateJobQueue:    operation(operators("batch:CreateJobQueue"), wire.MaxBody, s.createJobQueue, queueTags.apply),
		"POST " + wire.PathDescribeJobQueues: operation(readers("batch:DescribeJobQueues"), wire.MaxBody, s.describeJobQueues),
		"POST " + wire.PathUpdateJobQueue:    operation(operators("batch:UpdateJobQueue"), wire.MaxBody, s.updateJobQueue),
		"POST " + wire.PathDeleteJobQueue:    operation(operators("batch:DeleteJobQueue"), wire.MaxBody, s.deleteJobQueue),

		"POST " + wire.PathGetJobQueueSnapshot: operation(readers("batch:GetJobQueueSnapshot"), wire.MaxBody, s.getJobQueueSnapshot),

		"POST " + wire.PathCreateSchedulingPolicy:     operation(operators("batch:CreateSchedulingPolicy"), wire.MaxBody, s.createSchedulingPolicy),
		"POST " + wire.PathDescribeSchedulingPolicies: operation(readers("batch:DescribeSchedulingPolicies"), wire.MaxBody, s.describeSchedulingPolicies),
		"POST " + wire.PathListSchedulingPolicies:     operation(readers("batch:ListSchedulingPolicies"), wire.MaxBody, s.listSchedulingPolicies),
		"POST " + wire.PathUpdateSchedulingPolicy:     operation(operators("batch:UpdateSchedulingPolicy"), wire.MaxBody, s.updateSchedulingPolicy),
		"POST " + wire.PathDeleteSchedulingPolicy:     operation(operators("batch:DeleteSchedulingPolicy"), wire.MaxBody, s.deleteSchedulingPolicy),

		"POST " + wire.PathCreateQuotaShare:   operation(operators("batch:CreateQuotaShare"), wire.MaxBody, s.createQuotaShare),
		"POST " + wire.PathDescribeQuotaShare: operation(readers("batch:DescribeQuotaShare"), wire.MaxBody, s.describeQuotaShare),
		"POST " + wire.PathListQuotaShares:    operation(readers("batch:ListQuotaShares"), wire.MaxBody, s.listQuotaShares),
		"POST " + wire.PathUpdateQuotaShare:   operation(operators("batch:UpdateQuotaShare"), wire.MaxBody, s.updateQuotaShare),
		"POST " + wire.PathDeleteQuotaShare:   operation(operators("batch:DeleteQuotaShare"), wire.MaxBody, s.deleteQuotaShare),

		"POST " + wire.PathCreateConsumableResource:     operation(operators("batch:CreateConsumableResource"), wire.MaxBody, s.createConsumableResource),
		"POST " + wire.PathDescribeConsumableResource:   operation(readers("batch:DescribeConsumableResource"), wire.MaxBody, s.describeConsumableResource),
		"POST " + wire.PathListConsumableResources:      operation(readers("batch:ListConsumableResources"), wire.MaxBody, s.listConsumableResources),
		"POST " + wire.PathUpdateConsumableResource:     operation(operators("batch:UpdateConsumableResource"), wire.MaxBody, s.updateConsumableResource),
		"POST " + wire.PathDeleteConsumableResource:     operation(operators("batch:DeleteConsumableResource"), wire.MaxBody, s.deleteConsumableResource),
		"POST " + wire.PathListJobsByConsumableResource: operation(readers("batch:ListJobsByConsumableResource"), wire.MaxBody, s.listJobsByConsumableResource),

		"POST " + wire.PathRegisterJobDefinition:   operation(operators("batch:RegisterJobDefinition"), wire.MaxRegisterBody, s.registerJobDefinition, definitionTags.apply),
		"POST " + wire.PathDescribeJobDefinitions:  operation(readers("batch:DescribeJobDefinitions"), wire.MaxBody, s.describeJobDefinitions),
		"POST " + wire.PathDeregisterJobDefinition: operation(operators("batch:DeregisterJobDefinition"), wire.MaxBody, s.deregisterJobDefinition),

		"POST " + wire.PathSubmitJob:     operation(submitters("batch:SubmitJob"), wire.MaxSubmitBody, s.submitJob, jobTags.apply),
		"POST " + wire.PathDescribeJobs:  operation(readers("batch:DescribeJobs"), wire.MaxBody, s.describeJobs),
		"POST " + wire.PathListJobs:      operation(readers("batch:ListJobs"), wire.MaxBody, s.listJobs),
		"POST " + wire.PathCancelJob:     operation(submitters("batch:CancelJob"), wire.MaxBody, s.cancelJob),
		"POST " + wire.PathTerminateJob:  operation(submitters("batch:TerminateJob"), wire.MaxBody, s.terminateJob),
		"POST " + wire.PathCancelJobs:    operation(submitters("batch:CancelJob"), wire.MaxBody, s.cancelJobs), // AWS's policies know the singular only
		"POST " + wire.PathTerminateJobs: operation(submitters("batch:TerminateJob"), wire.MaxBody, s.terminateJobs),

		"GET " + wire.PathTags:    {grant: readers("batch:ListTagsForResource"), serve: s.listTags},
		"POST " + wire.PathTags:   operation(operators("batch:TagResource"), wire.MaxBody, s.tagResource),
		"DELETE " + wire.PathTags: {grant: operators("batch:UntagResource"), serve: s.untagResource},

		"POST " + wire.PathListHosts:  operation(readers("batchd:ListHosts"), wire.MaxBody, s.listHosts),
		"POST " + wire.PathExplainJob: operation(readers("batchd:ExplainJob"), wire.MaxBody, s.explainJob),
		"POST " + wire.PathPlanJob:    operation(submitters("batchd:PlanJob"), wire.MaxSubmitBody, s.planJob, jobTags.apply),
		"POST " + wire.PathRetryJob:   operation(submitters("batchd:RetryJob"), wire.MaxBody, s.retryJob),
		"POST " + wire.PathClaimJob:   operation(submitters("batchd:ClaimJob"), wire.MaxBody, s.claimJob),
		"POST " + wire.PathReleaseJob: operation(submitters("batchd:ReleaseJob"), wire.MaxBody, s.releaseJob),

		"POST " + wire.PathResults: operation(readers("batchd:Results"), wire.MaxBody, s.results),
		"POST " + wire.PathLogs:    operation(readers("batchd:Logs"), wire.MaxBody, s.jobLogs),
		"GET " + wire.PathStatus:   {grant: readers("batchd:Status"), serve: s.status},
		"GET " + wire.PathDoctor:   {grant: readers("batchd:Doctor"), serve: s.doctor},
		"POST " + wire.PathStop:    {grant: admins("batchd:Stop"), serve: s.stop},
		"POST " + wire.PathLease:   {grant: readers("batchd:Lease"), serve: s.lease, lasts: true},
		"GET " + wire.PathEvents:   {grant: readers("batchd:Events"), serve: s.events, lasts: true},

		"POST " + wire.PathCreateKey: operation(admins("batchd:CreateKey"), wire.MaxBody, s.createKey),
		"POST " + wire.PathListKeys:  operation(admins("batchd:ListKeys"), wire.MaxBody, s.listKeys),
		"POST " + wire.PathRevokeKey: operation(admins("batchd:RevokeKey"), wire.MaxBody, s.revokeKey),
		"GET " + wire.PathAudit:      {grant: admins("batchd:Audit"), serve: s.audit},

		"POST / " + logs.Target + "GetLogEvents":       logsOperation(readers("logs:GetLogEvents"), s.logs.GetLogEvents),
		"POST / " + logs.Target + "FilterLogEvents":    logsOperation(readers("logs:FilterLogEvents"), s.logs.FilterLogEvents),
		"POST / " + logs.Target + "DescribeLogGroups":  logsOperation(readers("logs:DescribeLogGroups"), s.logs.DescribeLogGroups),
		"POST / " + logs.Target + "DescribeLogStreams": logsOperation(readers("logs:DescribeLogStreams"), s.logs.DescribeLogStreams),

		"POST / " + logs.Target + "CreateLogGroup":        logsOperation(operators("logs:CreateLogGroup"), s.logs.CreateLogGroup),
		"POST / " + logs.Target + "DeleteLogGroup":        logsOperation(operators("logs:DeleteLogGroup"), s.logs.DeleteLogGroup),
		"POST / " + logs.Target + "CreateLogStream":       logsOperation(operators("logs:CreateLogStream"), s.logs.CreateLogStream),
		"POST / " + logs.Target + "PutRetentionPolicy":    logsOperation(operators("logs:PutRetentionPolicy"), s.logs.PutRetentionPolicy),
		"POST / " + logs.Target + "DeleteRetentionPolicy": logsOperation(operators("logs:DeleteRetentionPolicy"), s.logs.DeleteRetentionPolicy),
		"POST / " + logs.Target + "ListTagsForResource":   logsOperation(readers("logs:ListTagsForResource"), s.logs.ListLogGroupTags),
		"POST / " + logs.Target + "ListTagsLogGroup":      logsOperation(readers("logs:ListTagsLogGroup"), s.logs.ListLogGroupTags),
		"POST / " + logs.Target + "TagResource":           logsOperation(operators("logs:TagResource"), s.logs.TagLogGroup),
		"POST / " + logs.Target + "TagLogGroup":           logsOperation(operators("logs:TagLogGroup"), s.logs.TagLogGroup),
		"POST / " + logs.Target + "UntagResource":         logsOperation(operators("logs:UntagResource"), s.logs.UntagLogGroup),
		"POST / " + logs.Target + "UntagLogGroup":         logsOperation(operators("logs:UntagLogGroup"), s.logs.UntagLogGroup),

		"POST /": {grant: readers("sts:GetCallerIdentity"), serve: s.callerIdentity},
	}
	for name, reason := range unserved {
		routes["POST /v1/"+name] = refusing(readers("batch:"+name), reason)
	}
	return routes
}

// route is how one operation is served.
type route struct {
	grant       // a route without one is denied to everybody
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
	return route{}, &wire.Error{Code: wire.CodeUnknownOperation, StatusCode: http.StatusNotFound, Message: wire.Brief(name) + " is not an operation of this service"}
}

// limit is how large the body of a request may be, in bytes.
func (s *server) limit(r *http.Request) int64 {
	if found := s.routes[key(r)]; found.limit > 0 {
		return found.limit
	}
	return wire.MaxBody
}
