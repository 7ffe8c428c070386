package batch

import "time"

// Limits of the service. AWS's own where AWS has one.
const (
	// MinArraySize and DefaultMaxArraySize bound arrayProperties.size (AWS: 2..10,000).
	MinArraySize        = 2
	DefaultMaxArraySize = 10_000
	// MaxMaxArraySize is how far the array limit may be configured.
	MaxMaxArraySize = 1_000_000
	// MaxDependencies is how many dependsOn entries a job may have.
	MaxDependencies = 20
	// MaxAttempts is the largest retryStrategy.attempts.
	MaxAttempts = 10
	// MinTimeout is the smallest timeout.attemptDurationSeconds.
	MinTimeout = 60 * time.Second
	// MaxResultBytes is the largest result an attempt may leave.
	MaxResultBytes = 64 << 10
	// MaxResultDepth is how deep arrays and objects of a result may be nested: well below what decoders in use can read.
	MaxResultDepth = 128
	// MaxReasonLength is the longest statusReason or container reason kept, in bytes.
	MaxReasonLength = 1024
	// MaxEnvironments and MaxQueues bound what exists at once (AWS: 50 of each).
	MaxEnvironments = 50
	MaxQueues       = 50
	// MaxQueueEnvironments is how many environments a queue may order.
	MaxQueueEnvironments = 3
	// StopGrace is how long a stopped attempt has between SIGTERM and SIGKILL.
	StopGrace = 30 * time.Second
	// MaxNodes and MaxNodeRanges bound a multi-node job (AWS: 1,000 nodes in 5 groups).
	MaxNodes      = 1000
	MaxNodeRanges = 5
	// MaxShares is how many share identifiers may be active in a queue (AWS: 500).
	MaxShares = 500
	// MaxPolicies is how many scheduling policies may exist (AWS: 500).
	MaxPolicies = 500
	// MaxConsumables is how many consumable resources may exist (AWS: 50,000).
	MaxConsumables = 50_000
	// MaxLogGroups is how many log groups may exist, beside the default one (AWS: 1,000,000).
	MaxLogGroups = 10_000
	// MaxNeeds is how many consumable resources a job may need. AWS publishes no limit.
	MaxNeeds = 50
	// MinTimeLimit and MaxTimeLimit bound jobStateTimeLimitActions[].maxTimeSeconds.
	MinTimeLimit = 10 * time.Minute
	MaxTimeLimit = 24 * time.Hour
	// MaxClaims is how many claims one submission may have at once.
	MaxClaims = 64
	// ClaimLapse is how long a claim that was made by a submission lasts until it is renewed or kept.
	ClaimLapse = 30 * time.Second
	// MaxClaimTime is the longest time for which a claim may be renewed.
	MaxClaimTime = 24 * time.Hour
	// PointsPerRow is how many points one [Points] row carries at most.
	PointsPerRow = 1000
)
