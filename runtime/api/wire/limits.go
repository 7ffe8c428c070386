package wire

// Limits of request bodies, in bytes.
const (
	// MaxBody bounds every request that has no limit of its own.
	MaxBody = 1 << 20
	// MaxSubmitBody bounds a SubmitJob request with its points.
	MaxSubmitBody = 64 << 20
	// MaxJobSize bounds a SubmitJob request without its batchd member (AWS: 30 KiB).
	MaxJobSize = 30 << 10
	// MaxDefinitionSize bounds a RegisterJobDefinition request without its batchd
	// member (AWS: 24 KiB).
	MaxDefinitionSize = 24 << 10
	// MaxScript bounds batchd.script.
	MaxScript = 256 << 10
	// MaxRegisterBody bounds a RegisterJobDefinition request with its script, whose
	// bytes may each take up to six in JSON.
	MaxRegisterBody = MaxDefinitionSize + 6*MaxScript + 64<<10
)

// maxElements bounds the entries of all lists and objects of a request together, but for the points of a sweep.
const maxElements = 50_000

// Limits of members.
const (
	maxName              = 128
	maxIdentifier        = 512 // of a name, an ARN or a job id
	maxImage             = 255
	maxReason            = 1024
	maxImageField        = 256 // of one member of ec2Configuration
	maxFargateSubnets    = 16
	maxFargateGroups     = 5
	maxImages            = 2  // of ec2Configuration
	minScaleDownDelay    = 20 // minutes
	maxScaleDownDelay    = 10_080
	maxTemplateOverrides = 10  // of a launch template
	maxProfile           = 128 // of the name of an AWS profile
	maxPattern           = 512 // of one evaluateOnExit condition
	maxEvaluate          = 5
	maxAttempts          = 10
	minTimeout           = 60
	maxArray             = 1_000_000 // the largest limit a runtime may be given
	maxDependencies      = 20
	maxDescribe          = 100
	maxListJobs          = 1000
	maxFilteredJobs      = 100
	maxEnvironments      = 3 // of a queue
	minMemoryMiB         = 4
	maxPriority          = 9999 // of scheduling
	maxTags              = 50
	maxLogName           = 512 // of a log group or stream (AWS's)
	logNameRoom          = 64  // of the name of a stream, behind its prefix
	maxTagKey            = 128
	maxTagValue          = 256
	maxParameterName     = 256
	maxParameter         = 32 << 10
	maxInputs            = 1000
	maxToken             = 64
	maxClaimSeconds      = 86_400
	maxPath              = 4096
	maxShare             = 255    // of a share identifier
	maxShares            = 500    // of a fair-share policy
	minWeight            = 0.0001 // of a share
	maxWeight            = 999.9999
	maxDecay             = 604_800 // seconds
	maxReservation       = 99      // per cent
	maxNeeds             = 50      // consumable resources of a job
	maxNodes             = 1000
	maxNodeRanges        = 5
	minTimeLimit         = 600 // seconds
	maxTimeLimit         = 86_400
	maxCapacityLimits    = 5   // of a quota share
	maxContainers        = 10  // of a task or a pod
	minContainerWait     = 2   // seconds
	maxContainerWait     = 120 // seconds, on Fargate
	maxQuantity          = 256 // of an amount of a pod
	maxPort              = 65_535
	minDisk              = 21  // GiB
	maxDisk              = 200 // GiB
	// MaxEndJobs is how many jobs one request cancels or terminates.
	MaxEndJobs = 50
	// MaxPlannedJobs is how many submissions a plan names as sources, and how many as those that it joins.
	MaxPlannedJobs = 10
	// MaxResults is how many results one page holds at most, MaxLogEvents how many
	// log events.
	MaxResults   = 1000
	MaxLogEvents = 10_000
)
