// Package taskdef says what Amazon ECS is told to run for an attempt. A [batch.Container] goes in; a task definition, and the overrides of
// one RunTask call, come out. It makes no calls.
//
// ECS lets a call override the command, the variables and the amounts of a container. All else stands in a task definition, which
// may be registered once in a second only. So the definition contains what the attempts of a job definition have in common, and is
// found again by the hash of its content; what differs goes into the overrides. For example, the 10,000 children of an array are run with one
// definition. Overrides of more than 8,192 characters are not accepted. Then the variables that are not of the service and not parameters go into
// the definition, and if that is not enough, all of them and the command, in a definition of its own for that attempt.
//
// Everything that a job definition may say is placed in one of the two, or is refused with a [Refusal]. A test goes over the members of
// [batch.Container] and fails for one that is not placed.
//
// Words: a place is the kind of environment that an attempt runs in, with its region; a plan is what is told to ECS.
package taskdef
