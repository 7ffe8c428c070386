package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/auth"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// grant is what an operation asks of its caller.
type grant struct {
	least  batch.Role
	action string // what AWS's policies call it, for messages and the audit log
}

// grants says of every route which role it asks for at least. A route without a grant is denied to everybody.
var grants = map[string]grant{
	"POST " + wire.PathCreateComputeEnvironment:    operators("batch:CreateComputeEnvironment"),
	"POST " + wire.PathDescribeComputeEnvironments: readers("batch:DescribeComputeEnvironments"),
	"POST " + wire.PathUpdateComputeEnvironment:    operators("batch:UpdateComputeEnvironment"),
	"POST " + wire.PathDeleteComputeEnvironment:    operators("batch:DeleteComputeEnvironment"),

	"POST " + wire.PathCreateJobQueue:      operators("batch:CreateJobQueue"),
	"POST " + wire.PathDescribeJobQueues:   readers("batch:DescribeJobQueues"),
	"POST " + wire.PathUpdateJobQueue:      operators("batch:UpdateJobQueue"),
	"POST " + wire.PathDeleteJobQueue:      operators("batch:DeleteJobQueue"),
	"POST " + wire.PathGetJobQueueSnapshot: readers("batch:GetJobQueueSnapshot"),

	"POST " + wire.PathCreateSchedulingPolicy:     operators("batch:CreateSchedulingPolicy"),
	"POST " + wire.PathDescribeSchedulingPolicies: readers("batch:DescribeSchedulingPolicies"),
	"POST " + wire.PathListSchedulingPolicies:     readers("batch:ListSchedulingPolicies"),
	"POST " + wire.PathUpdateSchedulingPolicy:     operators("batch:UpdateSchedulingPolicy"),
	"POST " + wire.PathDeleteSchedulingPolicy:     operators("batch:DeleteSchedulingPolicy"),

	"POST " + wire.PathCreateQuotaShare:   operators("batch:CreateQuotaShare"),
	"POST " + wire.PathDescribeQuotaShare: readers("batch:DescribeQuotaShare"),
	"POST " + wire.PathListQuotaShares:    readers("batch:ListQuotaShares"),
	"POST " + wire.PathUpdateQuotaShare:   operators("batch:UpdateQuotaShare"),
	"POST " + wire.PathDeleteQuotaShare:   operators("batch:DeleteQuotaShare"),

	"POST " + wire.PathCreateConsumableResource:     operators("batch:CreateConsumableResource"),
	"POST " + wire.PathDescribeConsumableResource:   readers("batch:DescribeConsumableResource"),
	"POST " + wire.PathListConsumableResources:      readers("batch:ListConsumableResources"),
	"POST " + wire.PathUpdateConsumableResource:     operators("batch:UpdateConsumableResource"),
	"POST " + wire.PathDeleteConsumableResource:     operators("batch:DeleteConsumableResource"),
	"POST " + wire.PathListJobsByConsumableResource: readers("batch:ListJobsByConsumableResource"),

	"POST " + wire.PathRegisterJobDefinition:   operators("batch:RegisterJobDefinition"),
	"POST " + wire.PathDescribeJobDefinitions:  readers("batch:DescribeJobDefinitions"),
	"POST " + wire.PathDeregisterJobDefinition: operators("batch:DeregisterJobDefinition"),

	"POST " + wire.PathSubmitJob:     submitters("batch:SubmitJob"),
	"POST " + wire.PathDescribeJobs:  readers("batch:DescribeJobs"),
	"POST " + wire.PathListJobs:      readers("batch:ListJobs"),
	"POST " + wire.PathCancelJob:     submitters("batch:CancelJob"),
	"POST " + wire.PathTerminateJob:  submitters("batch:TerminateJob"),
	"POST " + wire.PathCancelJobs:    submitters("batch:CancelJob"), // AWS's policies know the singular only
	"POST " + wire.PathTerminateJobs: submitters("batch:TerminateJob"),

	"GET " + wire.PathTags:    readers("batch:ListTagsForResource"),
	"POST " + wire.PathTags:   operators("batch:TagResource"),
	"DELETE " + wire.PathTags: operators("batch:UntagResource"),

	"POST " + wire.PathExplainJob: readers("batchd:ExplainJob"),
	"POST " + wire.PathPlanJob:    submitters("batchd:PlanJob"),
	"POST " + wire.PathRetryJob:   submitters("batchd:RetryJob"),
	"POST " + wire.PathClaimJob:   submitters("batchd:ClaimJob"),
	"POST " + wire.PathReleaseJob: submitters("batchd:ReleaseJob"),

	"POST " + wire.PathResults: readers("batchd:Results"),
	"POST " + wire.PathLogs:    readers("batchd:Logs"),
	"GET " + wire.PathStatus:   readers("batchd:Status"),
	"GET " + wire.PathDoctor:   readers("batchd:Doctor"),
	"POST " + wire.PathLease:   readers("batchd:Lease"),
	"GET " + wire.PathEvents:   readers("batchd:Events"),
	"POST " + wire.PathStop:    admins("batchd:Stop"),

	"POST " + wire.PathCreateKey: admins("batchd:CreateKey"),
	"POST " + wire.PathListKeys:  admins("batchd:ListKeys"),
	"POST " + wire.PathRevokeKey: admins("batchd:RevokeKey"),
	"GET " + wire.PathAudit:      admins("batchd:Audit"),

	"POST / " + targetLogs + "GetLogEvents":       readers("logs:GetLogEvents"),
	"POST / " + targetLogs + "FilterLogEvents":    readers("logs:FilterLogEvents"),
	"POST / " + targetLogs + "DescribeLogGroups":  readers("logs:DescribeLogGroups"),
	"POST / " + targetLogs + "DescribeLogStreams": readers("logs:DescribeLogStreams"),

	"POST / " + targetLogs + "CreateLogGroup":        operators("logs:CreateLogGroup"),
	"POST / " + targetLogs + "DeleteLogGroup":        operators("logs:DeleteLogGroup"),
	"POST / " + targetLogs + "CreateLogStream":       operators("logs:CreateLogStream"),
	"POST / " + targetLogs + "PutRetentionPolicy":    operators("logs:PutRetentionPolicy"),
	"POST / " + targetLogs + "DeleteRetentionPolicy": operators("logs:DeleteRetentionPolicy"),
	"POST / " + targetLogs + "ListTagsForResource":   readers("logs:ListTagsForResource"),
	"POST / " + targetLogs + "ListTagsLogGroup":      readers("logs:ListTagsLogGroup"),
	"POST / " + targetLogs + "TagResource":           operators("logs:TagResource"),
	"POST / " + targetLogs + "TagLogGroup":           operators("logs:TagLogGroup"),
	"POST / " + targetLogs + "UntagResource":         operators("logs:UntagResource"),
	"POST / " + targetLogs + "UntagLogGroup":         operators("logs:UntagLogGroup"),

	"POST /": readers("sts:GetCallerIdentity"),
}

const unservedPrefix = "POST /v1/"

func readers(action string) grant    { return grant{batch.RoleReader, action} }
func submitters(action string) grant { return grant{batch.RoleSubmitter, action} }
func operators(action string) grant  { return grant{batch.RoleOperator, action} }
func admins(action string) grant     { return grant{batch.RoleAdmin, action} }

// grantOf returns what the route with that key asks for. Operations that are not served say so to any reader.
func grantOf(key string) grant {
	if name, cut := strings.CutPrefix(key, unservedPrefix); cut && unserved[name] != "" {
		return readers("batch:" + name)
	}
	return grants[key]
}

// authorise denies r to callers whose role is too small.
func (s *server) authorise(r *http.Request) error {
	id, _ := auth.IdentityOf(r.Context())
	g := grantOf(key(r))
	if auth.Allows(id.Role, g.least) {
		return nil
	}
	return s.deny(r.Context(), callerOf(r), g.action, "", "its role is "+string(id.Role)+", and at least "+string(g.least)+" is needed")
}

// mayUse denies a call to a submitter that is bound to other job queues.
func (s *server) mayUse(ctx context.Context, c call, queue string) error {
	id, _ := auth.IdentityOf(ctx)
	if id.MayUse(queue) {
		return nil
	}
	return s.deny(ctx, c.caller, c.action, batch.ResourceQueue+"/"+queue, "it is bound to other job queues")
}

// mayEnd denies a call about a job to a submitter that is bound to job queues other than the job's. A job that is
// not there is nobody's: the call answers as it does for everybody.
func (s *server) mayEnd(ctx context.Context, c call, id batch.JobID) error {
	if caller, _ := auth.IdentityOf(ctx); len(caller.Queues) == 0 {
		return nil
	}
	jobs, err := s.Store.Jobs(ctx, []batch.JobID{id.Root()})
	if err != nil || len(jobs) == 0 {
		return err
	}
	return s.mayUse(ctx, c, jobs[0].QueueName)
}

// reach is the most that jobs of the caller may reach of the machine; 0: everything.
func (s *server) reach(ctx context.Context) batch.Reach {
	id, _ := auth.IdentityOf(ctx)
	switch {
	case s.TrustJobs || auth.Allows(id.Role, batch.RoleAdmin):
		return 0
	case s.RunAs != "":
		return batch.ReachProcess
	default:
		return batch.ReachContainer
	}
}

// mayRetry denies a call to run a job again that the caller may not submit.
func (s *server) mayRetry(ctx context.Context, c call, id batch.JobID) error {
	most := s.reach(ctx)
	if most == 0 {
		return nil
	}
	specs, err := s.Store.Specs(ctx, []batch.JobID{id.Root()})
	if spec, ok := specs[id.Root()]; ok && err == nil {
		err = s.denied(ctx, c, "", sched.CheckReach(most, &spec))
	}
	return err
}

// denied makes a denial, in the audit log, of an error with which the scheduler denies a call; other errors stay as they are.
func (s *server) denied(ctx context.Context, c call, resource string, err error) error {
	var refusal *batch.Error
	if errors.As(err, &refusal) && refusal.Kind == batch.Denied {
		return s.deny(ctx, c.caller, c.action, resource, refusal.Message)
	}
	return err
}
