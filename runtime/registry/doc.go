// Package registry keeps what clients create and nothing is scheduled by: access keys, quota shares, log groups, how far readers
// of the transition log have come, and what is in the audit log without having changed anything. It also knows the rule of tags.
//
// A [Registry] is part of the scheduler's machine, which hands it [Command]s and owns the round: the registry checks a command,
// changes itself and adds the rows to the delta of the round. Like the machine, it follows from its rows: [Load] makes it of a
// snapshot, and [Registry.Dump] writes the same text for equal registries.
//
// It knows neither jobs nor queues. Where a command depends on an object that it does not keep, it asks by [Scope.Exists], and
// the machine decides.
//
// Each noun has a file: its commands, their checks and its rows. keys.go is a good one to begin with.
package registry
