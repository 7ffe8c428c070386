package awsfake

import "time"

const (
	defaultAccount = "123456789012"
	defaultRegion  = "us-east-1"

	// idDigits are the hexadecimal digits of EC2's ids.
	idDigits = 17

	// tokenLife is how long an idempotency token is remembered. ECS: up to 24 hours; EC2 says at least as long.
	tokenLife = 24 * time.Hour
	// maxToken is the length of an idempotency token, of EC2 and of ECS's RunTask.
	maxToken = 64

	// maxRequest is the largest request that is read, in bytes. CloudWatch Logs and SQS take a mebibyte.
	maxRequest = 2 << 20

	// minimumBill is the shortest time that an instance is paid for.
	minimumBill = time.Minute
	// terminatedShown is how long a terminated instance is shown. AWS: "a short while, usually an hour".
	terminatedShown = time.Hour
	// noticeLead is how long before its end a Spot instance is warned, and rebalanceLead how long before it is recommended for
	// rebalancing, for which AWS promises only that it may be earlier.
	noticeLead    = 2 * time.Minute
	rebalanceLead = 10 * time.Minute

	// endless is the room of a pool that has no end.
	endless = 1 << 30

	// maxUserData is the size of user data before encoding, in bytes.
	maxUserData = 16 << 10
	// maxFleet is the target capacity of a fleet.
	maxFleet = 10000
	// unprioritized is the priority of an override without one: the lowest.
	unprioritized = 1e9

	// The pages of lists, in elements.
	pageOfInstances = 1000
	pageOfTemplates = 200
	pageOfTypes     = 100
	pageOfPrices    = 100

	// spotHistory is how far back Spot prices are told. AWS: 90 days; a test needs fewer.
	spotHistory = 24 * time.Hour

	// addressesOfSubnet are the free addresses of a /20, of which AWS keeps five, and addressesReserved the first of them.
	addressesOfSubnet = 4091
	addressesReserved = 4
)

// Limits of ECS. Source: "Amazon ECS service quotas" and the API reference.
const (
	// maxPage is how many results a page of a list has at most, maxDescribed how many things are described at once.
	maxPage, maxDescribed = 100, 100
	maxTags               = 50
	maxContainers         = 10
	maxDefinition         = 64 << 10
	maxDeletedDefinitions = 10
	minContainerMemory    = 6 // MiB
	maxRunCount           = 10
	maxOverrides          = 8192
	maxConstraints        = 10
	maxStopReason         = 1024
	maxUpdatedInstances   = 10
	maxPutAttributes      = 10
	// maxFailures is how many instances a RunTask says of why they do not take its task. It is not documented.
	maxFailures = 100
	// minFargateDisk and maxFargateDisk bound the ephemeral storage of a task on Fargate, in GiB.
	minFargateDisk, maxFargateDisk = 21, 200

	// unitsPerCPU are the CPU units of a vCPU.
	unitsPerCPU = 1024
	// registeredPerMille is how much of an instance's memory its agent registers: 7,985 of 8,192 MiB on an m4.large.
	registeredPerMille = 975

	// defaultStopTimeout is the time from SIGTERM to SIGKILL; on Fargate it may be maxFargateStopTimeout at most.
	defaultStopTimeout    = 30 * time.Second
	maxFargateStopTimeout = 2 * time.Minute
	// minHealthInterval is the shortest time between two health checks, in seconds.
	minHealthInterval = 5

	// stoppedVisible is how long a stopped task, or an inactive container instance, can be described.
	stoppedVisible = time.Hour
	// definitionDeletion is how long a task definition is shown as being deleted.
	definitionDeletion = time.Minute
	// historyKept is how long the past of a thing is remembered: no read may lag more.
	historyKept = 5 * time.Minute
	// spotLossWithin is the time within which a task of Fargate Spot that is to be lost is lost.
	spotLossWithin = time.Hour
	// usualRun is how long a container runs of which nothing was said.
	usualRun = 10 * time.Second

	taskIDDigits, runtimeIDDigits = 32, 64
)

// The agent of container instances.
const (
	agentVersion = "1.105.1"
	// agentRetry is the time until an agent whose cluster does not exist tries again, deafAfter that until a deaf one loses its connection,
	// noticePoll that until it has seen the notice that its Spot instance is taken back.
	agentRetry = time.Minute
	deafAfter  = 10 * time.Second
	noticePoll = 5 * time.Second

	attributeZone       = "ecs.availability-zone"
	capabilityLogDriver = "com.amazonaws.ecs.capability.logging-driver."
	capabilityTaskRole  = "com.amazonaws.ecs.capability.task-iam-role"
)

// Limits of CloudWatch Logs. Source: "CloudWatch Logs quotas" and the API reference.
const (
	maxLogName       = 512
	maxLogList       = 50
	maxLogBatch      = 10_000
	maxLogBatchBytes = 1 << 20
	maxLogPage       = 10_000
	maxLogPageBytes  = 1 << 20
	// eventOverhead is what an event counts beyond its text, in bytes.
	eventOverhead = 26
	// maxLineEvent is the length at which the engine of an instance cuts a line, in bytes.
	maxLineEvent = 16 << 10
	// oldestEvent and newestEvent are how far the time of an event may lie in the past and in the future.
	oldestEvent = 14 * 24 * time.Hour
	newestEvent = 2 * time.Hour
)

// Limits of SQS and EventBridge.
const (
	maxReceived    = 10
	maxReceiveWait = 20 // seconds
	maxTargets     = 5
	maxPutEvents   = 10
)
