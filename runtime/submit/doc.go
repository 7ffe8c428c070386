// Package submit is what a client asks to have run: a [Request], and what follows from it and from the job definition that it names,
// without regard to what else there is.
//
// [Request.Resolve] merges the overrides of a request into its definition. The result, a [batch.Spec], is what runs. For example, a
// request that overrides the command and asks for 500 MiB changes these two, and everything else is as the definition says.
// [Request.Row] is the row that the job begins with. The other functions refuse what breaks a rule by itself.
//
// Whether a queue accepts a request, and what it waits for, is decided by the scheduler. The engine and the simulator resolve a request
// before the scheduler sees it, because the identity of a result follows from what runs.
package submit
