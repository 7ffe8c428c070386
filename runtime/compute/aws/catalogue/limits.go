package catalogue

import "time"

const (
	// maxAge is how old types and prices on disk may be. Prices of types change a few times a year, prices of Spot pools within hours.
	maxAge = 12 * time.Hour
	// retryAfter is how long old types are used after the account could not be asked.
	retryAfter = 10 * time.Minute
	// guessedShare and guessedLess say how much of its nominal memory an instance is expected to register, until one has: 96.5 % less 64 MiB.
	guessedPerMille = 965
	guessedLess     = 64
	// maxTypes is how many types an environment may have offers of, so that a family list does not make a document of megabytes.
	maxTypes = 400
)
