// Package fleet is the capacity that work is placed on, and the books of what is taken of it.
//
// An [Environment] bounds what its attempts may hold together. A [Host] has room; its [Runner]s bound how many processes and
// containers it takes, and say whether it can start them. A [Pool] is the hosts that an environment places attempts on, or that
// several do. An [Allocation] is what one attempt holds, and when it is expected to end.
//
// A [Scaling] works out which hosts an environment with offers lacks for what waits, and which it can spare; choice.go has the
// allocation strategies, and together.go multi-node jobs.
//
// The package knows nothing of jobs, queues or arrays, and decides nothing by itself: it answers what fits where, and what
// will be free when. Its answers follow from what it was told and from the time that is handed in.
package fleet
