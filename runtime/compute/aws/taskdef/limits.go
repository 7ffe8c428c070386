package taskdef

const (
	// MaxOverrides is how many characters the overrides of one RunTask call may have as JSON (Amazon ECS API reference, RunTask).
	MaxOverrides = 8192
	// MaxDefinitionBytes is the largest size of a task definition as JSON (Amazon ECS service quotas).
	MaxDefinitionBytes = 64 << 10
	// maxStreamPrefix is how many characters of a definition's name begin the name of a log stream (AWS Batch user guide).
	maxStreamPrefix = 200
	// leastMemoryMiB is the smallest memory that Docker accepts for a container. Definitions contain it, and overrides the real amount.
	leastMemoryMiB = 6
	// sharesPerCPU is how many CPU units of ECS a vCPU is.
	sharesPerCPU = 1024
	// hashBytes is how much of the SHA-256 of a definition identifies it.
	hashBytes = 16
)

const (
	// FamilyPrefix begins the families of the task definitions that batchd registers.
	FamilyPrefix = "batchd-"
	// DefaultLogGroup is the log group of AWS Batch.
	DefaultLogGroup = "/aws/batch/job"
)
