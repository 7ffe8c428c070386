// Package bundled finds the runtime that a caller wants and, if that is the user's own,
// starts it where it does not run, replaces it where it is older and idle, and keeps it up
// while the caller needs it. It speaks to it through the client alone and knows nothing of
// what a runtime does.
package bundled
