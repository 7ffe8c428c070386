// Package app is a whole runtime as a value: it wires store, drivers, engine and API together and owns
// their life cycle. The command line runs one in a process of its own, tests run one inside
// themselves. It decides nothing; signals and flags are its caller's.
package app

// Version is the version of this build. It is set when a release is linked.
var Version = "dev"
