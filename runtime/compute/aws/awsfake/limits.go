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
)
