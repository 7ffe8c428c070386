package userdata

import "time"

const (
	// MaxBytes is how large user data may be, before it is encoded in base64 (Amazon EC2).
	MaxBytes = 16 << 10
	// PollEvery is how often an instance reads the lease.
	PollEvery = 5 * time.Minute
	// lookEvery is how often an instance whose lease has lapsed looks whether its tasks have ended.
	lookEvery = 10 * time.Second
	// reservedMiB is the memory that the agent does not offer to tasks, as on instances of AWS Batch.
	reservedMiB = 32
	// cleanUpAfter is how long a task that has ended leaves its containers behind. The agent's default of 3 hours fills the disk with short jobs.
	cleanUpAfter = "10m"
)
