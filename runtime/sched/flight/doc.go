// Package flight keeps which points of live submissions are the same work, and who runs it.
//
// A point is a single job or a child of an array. The points that may share work and have one base key are one [Flight]. At a time
// one of them, its leader, should have a live attempt; those that come up for a place meanwhile join it and wait for its result. There may be
// several live ones, because a point need not be allowed to take the result of each other point.
//
// For example, two arrays sweep x over 1 to 3 and over 2 to 4. The points x=2 and x=3 of both are two flights of two members; the
// other two points are members of flights of their own.
//
// A [Board] holds all flights. Which points a submission has never changes, so the flights of a board follow from the submissions on it.
// [Recent] remembers results for those who read the store before they came.
//
// The package does not decide who runs, who joins or who takes what: it knows a job by identity alone.
package flight
