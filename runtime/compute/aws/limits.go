package aws

import "time"

// How often the account is asked.
const (
	// instancesEvery is the time between two sweeps of the instances of an account, comingEvery while hosts are on their way.
	instancesEvery = 20 * time.Second
	comingEvery    = 2 * time.Second
	// joinEvery is the time between two looks for hosts that run and have not registered.
	joinEvery = time.Second
	// drainingEvery is the time between two looks for container instances that drain. A Spot notice comes two minutes before the end.
	drainingEvery = 10 * time.Second
	// clusterEvery is the time between two sweeps of all container instances of a cluster: a hundred a call.
	clusterEvery = time.Minute
	// offersEvery is how often it is looked whether types or prices are old.
	offersEvery = 10 * time.Minute
)

// How long reads of AWS may lag behind.
const (
	// missesUntilGone is how many sweeps in a row an instance is not seen in before it counts as gone.
	missesUntilGone = 2
	// visibleAfter is how long after its launch an instance that a read does not find may still exist.
	visibleAfter = 30 * time.Second
	// strangerAfter is how old an instance must be that no row names before it is ended, and how long rows may take to be told after the start.
	strangerAfter = 60 * time.Second
	// lookFor is how long the instances of a group are looked for whose answer was lost, before its hosts count as refused.
	lookFor = 60 * time.Second
	// emptyLooks is how often in a row, emptyEvery apart, nothing must be found of an environment until it is retired.
	emptyLooks = 2
	emptyEvery = 5 * time.Second
)

const (
	// templateTries is how often instances are asked for until a launch template is found: for about a minute.
	templateTries = 6
	// maxOverrides is how many pools a call names. EC2 documents a limit of its own for each kind of fleet.
	maxOverrides = 300
	// maxGroups is how many groups one filter of DescribeInstances names: EC2 takes 200 values.
	maxGroups = 200
	// maxEnded is how many instances one call of TerminateInstances ends.
	maxEnded = 500
	// maxDescribed is how many container instances one call describes, and maxFiltered how many one filter names.
	maxDescribed = 100
	maxFiltered  = 50
	// tombstones are kept for this long: hosts that are gone and must not be launched again.
	tombstonesFor = time.Hour
	// fargateMiBPerVCPU is how much memory a task on AWS Fargate may have at most for each of its vCPUs, as 0.25 vCPU with 2 GiB.
	fargateMiBPerVCPU = 8 << 10
	// interruptionNotice is how long before its end a Spot instance is told (EC2).
	interruptionNotice = 2 * time.Minute
	// profileVisibleAfter is how long EC2 may take to know a new instance profile.
	profileVisibleAfter = 10 * time.Second
	// provisionAgain is when an environment that could not be provisioned is tried again if nothing else is known.
	provisionAgain = 30 * time.Second
	// silence is how long a census waits for the first order of Provision: before it, it is not known which hosts there are.
	silence = 5 * time.Second
)

// The dead man's switch.
const (
	leaseFor   = time.Hour
	renewEvery = 5 * time.Minute
	// tasksAfterLease is how long tasks may go on after a lease has lapsed.
	tasksAfterLease = 6 * time.Hour
)

// How long what failed waits before it is tried again.
const (
	firstBackoff   = time.Second
	longestBackoff = 30 * time.Second
)
