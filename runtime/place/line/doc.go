// Package line is the order in which the work of one queue is served.
//
// A [Line] has a [Lineup] for each share identifier; without a fair-share policy it has one, named "". The lineup whose share has
// had least for its weight is served first: see package fair. In a lineup, work that asks for the same is a [Class], so that what
// does not fit is looked at once, however much of it waits; in a class, work is ordered by its [place.Rank].
//
// The package knows its work as [Work] alone. When something is placed, and whether it fits, is not its concern.
package line
