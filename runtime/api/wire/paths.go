package wire

// Paths of the AWS Batch operations. All are POST but those under PathTags, which is
// followed by a percent-encoded ARN: GET lists, POST adds, DELETE removes tags.
const (
	PathCreateComputeEnvironment    = "/v1/createcomputeenvironment"
	PathDescribeComputeEnvironments = "/v1/describecomputeenvironments"
	PathUpdateComputeEnvironment    = "/v1/updatecomputeenvironment"
	PathDeleteComputeEnvironment    = "/v1/deletecomputeenvironment"
	PathCreateJobQueue              = "/v1/createjobqueue"
	PathDescribeJobQueues           = "/v1/describejobqueues"
	PathUpdateJobQueue              = "/v1/updatejobqueue"
	PathDeleteJobQueue              = "/v1/deletejobqueue"
	PathRegisterJobDefinition       = "/v1/registerjobdefinition"
	PathDescribeJobDefinitions      = "/v1/describejobdefinitions"
	PathDeregisterJobDefinition     = "/v1/deregisterjobdefinition"
	PathSubmitJob                   = "/v1/submitjob"
	PathDescribeJobs                = "/v1/describejobs"
	PathListJobs                    = "/v1/listjobs"
	PathCancelJob                   = "/v1/canceljob"
	PathTerminateJob                = "/v1/terminatejob"
	PathTags                        = "/v1/tags/"

	PathGetJobQueueSnapshot          = "/v1/getjobqueuesnapshot"
	PathCreateSchedulingPolicy       = "/v1/createschedulingpolicy"
	PathDescribeSchedulingPolicies   = "/v1/describeschedulingpolicies"
	PathListSchedulingPolicies       = "/v1/listschedulingpolicies"
	PathUpdateSchedulingPolicy       = "/v1/updateschedulingpolicy"
	PathDeleteSchedulingPolicy       = "/v1/deleteschedulingpolicy"
	PathCreateConsumableResource     = "/v1/createconsumableresource"
	PathDescribeConsumableResource   = "/v1/describeconsumableresource"
	PathListConsumableResources      = "/v1/listconsumableresources"
	PathUpdateConsumableResource     = "/v1/updateconsumableresource"
	PathDeleteConsumableResource     = "/v1/deleteconsumableresource"
	PathListJobsByConsumableResource = "/v1/listjobsbyconsumableresource"
	PathCreateQuotaShare             = "/v1/createquotashare"
	PathDescribeQuotaShare           = "/v1/describequotashare"
	PathListQuotaShares              = "/v1/listquotashares"
	PathUpdateQuotaShare             = "/v1/updatequotashare"
	PathDeleteQuotaShare             = "/v1/deletequotashare"
	PathCancelJobs                   = "/v1/canceljobs"
	PathTerminateJobs                = "/v1/terminatejobs"
)

// Paths of our own operations. PathStatus, PathDoctor and PathEvents are GET, the rest POST.
const (
	PathResults    = "/batchd/v1/results"
	PathLogs       = "/batchd/v1/logs"
	PathExplainJob = "/batchd/v1/explainjob"
	PathPlanJob    = "/batchd/v1/planjob"
	PathRetryJob   = "/batchd/v1/retryjob"
	PathClaimJob   = "/batchd/v1/claimjob"
	PathReleaseJob = "/batchd/v1/releasejob"
	PathStatus     = "/batchd/v1/status"
	PathStop       = "/batchd/v1/stop"
	PathDoctor     = "/batchd/v1/doctor"
	PathLease      = "/batchd/v1/lease"
	PathEvents     = "/batchd/v1/events"
)
