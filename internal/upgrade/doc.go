// Package upgrade tests what somebody may rely on who replaces batchd by a later version: a state directory of the version before opens
// and is served, with everything that runs in it, and the version before refuses to open it again. The programs of both versions are
// built, the earlier one from the history of this repository.
package upgrade
