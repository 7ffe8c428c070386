package auth

import "time"

const (
	// MaxSkew is how far the clock of a caller may be from ours.
	MaxSkew = 5 * time.Minute
	// firstRead is how much room a body is given before any of it has come, in bytes: what a
	// caller announces costs him nothing.
	firstRead = 64 << 10
	// maxSigningKeys is how many derived keys are remembered.
	maxSigningKeys = 1024
	// maxShown is how much of what a caller sent a message repeats, in bytes.
	maxShown = 64
	// maxSecretFile bounds what is read of a file with a secret, in bytes.
	maxSecretFile = 4 << 10
)
